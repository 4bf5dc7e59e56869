/// What was packaged of an episode: its tracks, and each scene's segments.
package struct EpisodeMedia: Hashable, Sendable, Codable {
  /// A rung of picture, or a rendition of sound or text: the same in every scene.
  package struct Track: Hashable, Sendable, Codable {
    /// `video-1080p`; also the name of the file of each scene.
    package var name: String
    /// `video`, `audio` or `text`.
    package var kind: String
    /// RFC 6381.
    package var codecs: String
    /// BCP 47.
    package var language: String
    package var label: String
    package var roles: [String]
    package var isDefault: Bool
    /// Ticks in a second.
    package var timescale: UInt32
    /// Of pictures; 0 for others.
    package var width: Int
    package var height: Int
    /// `24000/1001`, of pictures.
    package var frameRate: String?
    /// Peak bits per second over all scenes.
    package var bandwidth: Int
    /// Version of the CMAF header that all scenes share:
    /// `/{episode}/{track}/{header}/init.mp4`.
    package var header: String

    package init(
      name: String, kind: String, codecs: String, language: String, label: String,
      roles: [String], isDefault: Bool, timescale: UInt32, width: Int, height: Int,
      frameRate: String?, bandwidth: Int, header: String
    ) {
      self.name = name
      self.kind = kind
      self.codecs = codecs
      self.language = language
      self.label = label
      self.roles = roles
      self.isDefault = isDefault
      self.timescale = timescale
      self.width = width
      self.height = height
      self.frameRate = frameRate
      self.bandwidth = bandwidth
      self.header = header
    }

    enum CodingKeys: String, CodingKey {
      case name, kind, codecs, language, label, roles
      case isDefault = "default"
      case timescale, width, height, frameRate, bandwidth, header
    }
  }

  /// The segments of one track of one scene, at `/{episode}/{scene}/{track}/{version}/{n}.m4s`, `n`
  /// from 1.
  package struct Segments: Hashable, Sendable, Codable {
    package var version: String
    /// `[segment]`, ticks of the track's timescale.
    package var durations: [Int]
    /// `[segment]`, bytes. The first is the scene's head.
    package var bytes: [Int]

    package init(version: String, durations: [Int], bytes: [Int]) {
      self.version = version
      self.durations = durations
      self.bytes = bytes
    }
  }

  package struct SceneMedia: Hashable, Sendable, Codable {
    /// Microseconds of picture; of sound in an episode without pictures.
    package var duration: Int
    /// By track name.
    package var tracks: [String: Segments]

    package init(duration: Int, tracks: [String: Segments]) {
      self.duration = duration
      self.tracks = tracks
    }
  }

  /// Video from the highest, then audio, then text.
  package var tracks: [Track]
  /// By scene; a further viewpoint is `{scene}.{viewpoint}`.
  package var scenes: [String: SceneMedia]

  package init(tracks: [Track], scenes: [String: SceneMedia]) {
    self.tracks = tracks
    self.scenes = scenes
  }
}
