import Library
package import MediaCore

/// Which sounds of a title want a twin in AAC.
///
/// Groups of renditions that players choose from by their codings must have the same members
/// (RFC 8216bis §4.4.6.1.1): a language that there is in AC-3 alone is missing from the group of AAC,
/// or keeps players without that decoder from all of it. Where no sound is in AAC there is no such
/// group, and nothing is missing from it.
package enum SoundTwins {
  /// What a listener takes for the same, in whatever coding.
  private struct Sound: Hashable {
    var language: String
    var roles: [String]

    init(_ track: SourceTrack) {
      language = LanguageTag.bcp47(track.language)
      roles = track.roles
    }
  }

  /// For each source the numbers of the tracks that are to be encoded to AAC as well.
  package static func wanted(in sources: [any MediaSource]) -> [Set<Int>] {
    let audio = sources.map { $0.tracks.filter { $0.kind == .audio } }
    var there = Set(audio.joined().filter(isAAC).map(Sound.init))
    guard !there.isEmpty else { return audio.map { _ in [] } }
    return audio.map { tracks in
      Set(
        tracks.filter { isPackaged($0) && there.insert(Sound($0)).inserted }.map(\.number))
    }
  }

  private static func isAAC(_ track: SourceTrack) -> Bool {
    if case .aac = track.coding { true } else { false }
  }

  private static func isPackaged(_ track: SourceTrack) -> Bool {
    if case .unsupported = track.coding { false } else { true }
  }
}
