package import MediaCore

/// What the user says of sound, which goes before what its container says.
package struct SoundDescription: Hashable, Sendable {
  /// BCP 47.
  package var language: String
  /// Roles of `urn:mpeg:dash:role:2011`; `nil` leaves the container's.
  package var roles: [String]?
  package var label: String?
  package var isDefault: Bool
  /// Number of the track in its file; `nil` takes all sound of it.
  package var track: Int?

  package init(
    language: String, roles: [String]? = nil, label: String? = nil, isDefault: Bool = false,
    track: Int? = nil
  ) {
    self.language = language
    self.roles = roles
    self.label = label
    self.isDefault = isDefault
    self.track = track
  }

  fileprivate func apply(to found: SourceTrack) -> SourceTrack {
    var described = found
    described.language = language
    if let roles { described.roles = roles }
    if let label { described.label = label }
    described.isDefault = isDefault
    return described
  }
}

/// A source some of whose sound the user has described.
package struct DescribedSource: MediaSource {
  package let tracks: [SourceTrack]
  private let base: any MediaSource

  package var name: String { base.name }
  package var chapters: [Chapter] { base.chapters }
  package var splices: [Splice] { base.splices }
  package var hasSystemClock: Bool { base.hasSystemClock }
  package var notes: [String] { base.notes }

  /// - Parameters:
  ///   - soundOnly: pictures and subtitles of the file, and sound that is not described, are left
  ///     out.
  /// - Throws: `PackagingError` if the file has no such track.
  package init(
    _ base: any MediaSource, _ descriptions: [SoundDescription], soundOnly: Bool
  ) throws {
    self.base = base
    var tracks = base.tracks
    var described: Set<Int> = []
    for description in descriptions {
      let found = tracks.indices.filter { index in
        tracks[index].kind == .audio
          && description.track.map { $0 == tracks[index].number } ?? true
      }
      guard !found.isEmpty else {
        let what = description.track.map { "track \($0) is no sound" } ?? "it holds no sound"
        throw PackagingError(.noAudio, "\(base.name): \(what), so nothing can be made of it")
      }
      for index in found {
        tracks[index] = description.apply(to: tracks[index])
        described.insert(index)
      }
    }
    if descriptions.contains(where: \.isDefault) {
      for index in tracks.indices where tracks[index].kind == .audio {
        tracks[index].isDefault = tracks[index].isDefault && described.contains(index)
      }
    }
    self.tracks =
      soundOnly ? tracks.indices.filter { described.contains($0) }.map { tracks[$0] } : tracks
  }

  package func makeReader(of tracks: Set<Int>) throws -> any PayloadReader {
    try base.makeReader(of: tracks)
  }
}
