package import MediaCore
import NIOCore

/// What the decoder configuration of a source's track says: the codec string, and the form of its
/// pictures or sound.
///
///     try CodingSummary(track).codecs  // "hvc1.2.4.L153.90"
package struct CodingSummary: Hashable, Sendable {
  package struct Picture: Hashable, Sendable {
    /// After cropping, in samples.
    package var width: Int
    package var height: Int
    /// The coded picture's word, else the container's; `nil` if neither says.
    package var sampleAspectRatio: Rational?
    package var bitDepth: Int
    package var colour: ColourInformation
    /// As the stream declares it, which is not always how its samples are timed.
    package var declaredFrameRate: Rational?
  }

  package struct Sound: Hashable, Sendable {
    package var channelCount: Int
    /// Samples in a second, after spectral band replication.
    package var sampleRate: Int
    /// `nil` where each frame says its own.
    package var samplesPerFrame: Int?
    /// Objects of joint object coding; `nil` without.
    package var objectCount: Int?
  }

  /// `codecs` parameter (RFC 6381); the common name of a coding that is not read.
  package var codecs: String
  package private(set) var picture: Picture?
  package private(set) var sound: Sound?

  /// - Throws: `CodecsError` for a record that cannot be read.
  package init(_ track: SourceTrack) throws {
    switch track.coding {
    case .h264, .hevc, .av1, .vp9:
      guard let record = try VideoRecord(track.coding) else {
        codecs = "unknown"
        return
      }
      codecs = record.codecs
      picture = Picture(
        width: record.width > 0 ? record.width : track.statedWidth,
        height: record.height > 0 ? record.height : track.statedHeight,
        sampleAspectRatio: record.sampleAspectRatio ?? track.sampleAspectRatio,
        bitDepth: record.bitDepth,
        colour: record.colour(container: track.colour) ?? .unspecified,
        declaredFrameRate: record.frameRate)
    case .aac, .ac3, .eac3, .opus, .flac, .mp3:
      guard let record = try SoundRecord(track.coding) else {
        codecs = "unknown"
        return
      }
      codecs = record.codecs
      sound = Sound(
        channelCount: record.channelCount, sampleRate: record.sampleRate,
        samplesPerFrame: record.samplesPerFrame, objectCount: record.objectCount)
    case .text(let coding, _): codecs = coding.rawValue
    case .unsupported(let name): codecs = name
    }
  }
}
