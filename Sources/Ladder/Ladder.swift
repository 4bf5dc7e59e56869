package import Codecs
package import MediaCore

/// All renditions that a source may get, as somebody wrote them down.
///
///     let suited = try Ladder.uhd.suited(to: source)
///     for rung in suited.rungs { … }  // what is encoded of this source
///
/// Which of them a source gets, and how its pictures are fitted: `SuitedLadder`.
package struct Ladder: Hashable, Sendable {
  package var name: String
  /// From the largest to the smallest.
  package var rungs: [Rung]
  /// Codings of sound; empty leaves sound as the source has it.
  package var sounds: [SoundRung]
  /// What pictures are encoded in where the command does not say.
  package var codecs: [VideoCodec]
  package var presets: EncoderPresets
  /// Wanted time from one key frame to the next, which is the length of a segment.
  package var segment: MediaTime
  /// Segments that are encoded in one go; encoders start anew behind them. `nil`: what suits the title's length.
  package var groupsPerChunk: Int?

  package init(
    _ name: String, _ rungs: [Rung], sounds: [SoundRung] = [], codecs: [VideoCodec] = [.h264],
    presets: EncoderPresets = EncoderPresets(), segment: MediaTime = Self.segment,
    groupsPerChunk: Int? = nil
  ) {
    self.name = name
    self.rungs = rungs
    self.sounds = sounds
    self.codecs = codecs
    self.presets = presets
    self.segment = segment
    self.groupsPerChunk = groupsPerChunk
  }

  package static let segment = MediaTime(2, Timescale(literal: 1))
  /// Half a minute of segments of two seconds, in titles that have so many chunks; shorter ones have fewer in each, so that
  /// there is work for several cores, but not fewer than the first: each begin of an encoder costs a second of work at 2160
  /// lines, and what it has learned of the pictures.
  private static let groupsOfChunks = 6...15
  private static let chunkCount = 8

  /// Segments that are encoded in one go, of a title that has so many: it depends on nothing else.
  package func groupsPerChunk(of groupCount: Int) -> Int {
    if let groupsPerChunk { return groupsPerChunk }
    let share = (groupCount + Self.chunkCount - 1) / Self.chunkCount
    return min(max(share, Self.groupsOfChunks.lowerBound), Self.groupsOfChunks.upperBound)
  }
  /// Codecs that pictures are encoded in.
  package static let encodedCodecs: [VideoCodec] = [.h264, .hevc, .av1]
}

/// The encoders' own words for how long they look for the best coding.
package struct EncoderPresets: Hashable, Sendable {
  package var h264 = "medium"
  package var hevc = "medium"
  package var av1 = "8"

  package init() {}

  package subscript(codec: VideoCodec) -> String {
    get {
      switch codec {
      case .hevc: hevc
      case .av1: av1
      default: h264
      }
    }
    set {
      switch codec {
      case .hevc: hevc = newValue
      case .av1: av1 = newValue
      default: h264 = newValue
      }
    }
  }

  /// Words that the encoder of a codec knows, from the fastest to the slowest.
  package static func words(_ codec: VideoCodec) -> [String] {
    switch codec {
    case .av1: (0...13).reversed().map(String.init)
    default:
      [
        "ultrafast", "superfast", "veryfast", "faster", "fast", "medium", "slow", "slower",
        "veryslow",
      ]
    }
  }
}
