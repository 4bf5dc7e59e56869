import Codecs
import Library
import MediaCore

/// One source track that becomes an output track.
struct SelectedTrack: Sendable {
  /// Index of the source.
  var source: Int
  var track: SourceTrack
  /// Source and track, for messages.
  var place: String
}

/// Which tracks of the sources are packaged: all video as renditions, audio and subtitles once for
/// each language and kind.
struct TrackSelection: Sendable {
  private(set) var video: [SelectedTrack] = []
  private(set) var audio: [SelectedTrack] = []
  private(set) var text: [SelectedTrack] = []
  private(set) var notes: [String] = []

  /// Tracks of a title, at most.
  static let maximumCount = TitleDescription.maximumTrackCount

  /// - Parameter skipsUnsupported: leave out what cannot be packaged instead of refusing it.
  init(_ sources: [any MediaSource], skipsUnsupported: Bool) throws {
    for (index, source) in sources.enumerated() {
      let isFirstAudio = audio.isEmpty
      var known = audio
      for track in source.tracks {
        let place = "\(source.name), \(track.kind.rawValue) track \(track.number)"
        if case .unsupported(let name) = track.coding {
          try refuse(track, name, place, skipsUnsupported)
          continue
        }
        guard track.samples.count > 0 else {
          notes.append("\(place) has no samples and is left out")
          continue
        }
        let selected = SelectedTrack(source: index, track: track, place: place)
        switch track.kind {
        case .video: video.append(selected)
        case .audio:
          // Other renditions bring the same sound again.
          if !isFirstAudio, let same = known.firstIndex(where: { Self.isSame($0.track, track) }) {
            known.remove(at: same)
            continue
          }
          audio.append(selected)
        case .text:
          selectText(selected, isRendition: source.tracks.contains { $0.kind == .video })
        case .data: break
        }
      }
    }
    guard !video.isEmpty || !audio.isEmpty else {
      let names = sources.map(\.name).joined(separator: ", ")
      throw PackagingError(
        .noVideo, "\(names): no video or audio track, so there is nothing to package")
    }
    guard video.count + audio.count + text.count <= Self.maximumCount else {
      throw PackagingError(
        .limit,
        "\(video.count + audio.count + text.count) tracks; a title has at most \(Self.maximumCount)"
      )
    }
  }

  private mutating func refuse(
    _ track: SourceTrack, _ name: String, _ place: String, _ skips: Bool
  ) throws {
    switch track.kind {
    case .video, .audio:
      guard skips else {
        throw PackagingError(
          .unsupportedCodec,
          "\(place) is coded in \(name), which is not supported; encode it first, "
            + "or leave such tracks out with --skip-unsupported")
      }
      notes.append("\(place), coded in \(name), is left out")
    case .text: notes.append("\(place) (\(name)) is left out: such subtitles are not packaged")
    case .data: notes.append("\(place) (\(name)) is left out: it is neither picture nor sound")
    }
  }

  /// Other renditions bring the same subtitles again; a source without video brings its own.
  private mutating func selectText(_ selected: SelectedTrack, isRendition: Bool) {
    let isKnown =
      isRendition
      && text.contains { known in
        known.source != selected.source && known.track.roles == selected.track.roles
          && LanguageTag.bcp47(known.track.language) == LanguageTag.bcp47(selected.track.language)
      }
    if !isKnown { text.append(selected) }
  }

  /// Other encodings of the same sound: the first is taken.
  private static func isSame(_ one: SourceTrack, _ other: SourceTrack) -> Bool {
    guard LanguageTag.bcp47(one.language) == LanguageTag.bcp47(other.language),
      one.roles == other.roles, let first = try? SoundRecord(one.coding),
      let second = try? SoundRecord(other.coding)
    else { return false }
    return first.family == second.family && first.channelCount == second.channelCount
      && first.objectCount == second.objectCount
  }
}
