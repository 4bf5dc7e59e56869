package import Episodes
import HLS
package import Library
import MediaCore

extension Episode {
  /// Fills `media` from what was packaged.
  ///
  /// - Parameters:
  ///   - name: the folder's.
  ///   - scenes: by scene, and by `{scene}.{viewpoint}`.
  ///   - headers: versions of the CMAF headers, by the track's name.
  /// - Throws: `.damaged` if a scene or one of its tracks is missing.
  package mutating func takeMedia(
    of name: String, scenes: [String: Title], headers: [String: String]
  ) throws {
    guard let model = scenes[entry] else {
      throw LibraryError(.damaged, "the scene \(entry) is not packaged")
    }
    media = EpisodeMedia(
      tracks: model.tracks.map { EpisodeMedia.Track($0, header: headers[$0.index.name] ?? "") },
      scenes: scenes.mapValues { EpisodeMedia.SceneMedia($0) })
    // What holds for the episode is measured on all scenes together.
    let presented = try PresentedEpisode(
      name: name, version: "", try EpisodeGraph(self), scenes: scenes)
    media = EpisodeMedia(
      tracks: (media?.tracks ?? []).map { track in
        var track = track
        track.bandwidth = Int(clamping: presented.rates.playlists[track.name]?.peak ?? 0)
        return track
      }, scenes: media?.scenes ?? [:])
  }
}

extension EpisodeMedia.Track {
  init(_ track: TitleTrack, header: String) {
    let index = track.index
    var (width, height, frameRate): (Int, Int, String?) = (0, 0, nil)
    if case .video(let format) = index.format {
      (width, height) = (format.displayWidth, format.displayHeight)
      frameRate = format.frameRate?.description
    }
    self.init(
      name: index.name, kind: index.kind.rawValue, codecs: index.codecs, language: index.language,
      label: track.label, roles: track.roles, isDefault: track.isDefault,
      timescale: index.timescale.ticksPerSecond, width: width, height: height,
      frameRate: frameRate, bandwidth: 0, header: header)
  }
}

extension EpisodeMedia.SceneMedia {
  init(_ title: Title) {
    let clock =
      title.tracks(of: .video).first ?? title.tracks(of: .audio).first ?? title.tracks.first
    self.init(
      duration: clock.map {
        Int(
          clamping: MediaTime($0.index.duration, $0.index.timescale)
            .rescaled(to: Timescale(literal: 1_000_000)).value)
      } ?? 0,
      tracks: Dictionary(
        title.tracks.map { track in
          (
            track.index.name,
            EpisodeMedia.Segments(
              version: track.index.version,
              durations: track.index.segments.map { Int(clamping: $0.duration) },
              bytes: track.index.segments.map { Int(clamping: $0.range.count) })
          )
        }, uniquingKeysWith: { first, _ in first }))
  }
}
