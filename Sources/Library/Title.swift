package import Codecs
package import MediaCore

/// A track with what only `title.json` can say of it.
package struct TitleTrack: Hashable, Sendable {
  package var index: TrackIndex
  /// What people read when they choose: `English`, `Commentary`.
  package var label: String
  /// Role values of `urn:mpeg:dash:role:2011`: `main`, `commentary`, `description`, …
  package var roles: [String]
  /// Chosen when the viewer has not said otherwise.
  package var isDefault: Bool
  /// The same subtitles as WebVTT segments, in a file beside; of text tracks alone.
  package var webVTT: WebVTTIndex?
  /// Captions in the samples; of video alone.
  package var captions: [CaptionService] = []

  /// The role, in `title.json`, of a track of single pictures.
  package static let trickRole = "trick"
  package var isTrick: Bool { index.kind == .video && roles.contains(Self.trickRole) }

  package init(index: TrackIndex, label: String, roles: [String], isDefault: Bool) {
    self.index = index
    self.label = label
    self.roles = roles
    self.isDefault = isDefault
  }
}

/// One title at rest: its tracks in the order in which documents list them.
package struct Title: Hashable, Sendable {
  /// The folder's name, and the first part of its URLs.
  package var name: String
  /// Highest video first, then audio, then text; never empty.
  package var tracks: [TitleTrack]
  /// On the title's timeline, in order.
  package var chapters: [Chapter] = []
  package var splices: [SplicePoint] = []
  package var layout = TitleLayout.tracks
  package var thumbnails: ThumbnailIndex?
  package var poster: TitleImages.Poster?

  package init(name: String, tracks: [TitleTrack]) {
    self.name = name
    self.tracks = tracks
  }

  /// Tracks to be played; those of single pictures for trick play are none of them.
  package func tracks(of kind: MediaKind) -> [TitleTrack] {
    tracks.filter { $0.index.kind == kind && !$0.isTrick }
  }

  /// Tracks of single pictures, for winding and seeking.
  package var trickTracks: [TitleTrack] { tracks.filter(\.isTrick) }

  package subscript(track name: String) -> TitleTrack? { tracks.first { $0.index.name == name } }
}
