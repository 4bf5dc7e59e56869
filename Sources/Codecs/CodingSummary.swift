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
    case .h264(let bytes):
      let record = try AVCDecoderConfigurationRecord(parsing: bytes)
      codecs = CodecString.avc(record)
      guard let unit = record.sequenceParameterSets.first else { return }
      let set = try H264SequenceParameterSet(nalUnit: unit)
      picture = Picture(
        width: set.width, height: set.height,
        sampleAspectRatio: set.sampleAspectRatio ?? track.sampleAspectRatio,
        bitDepth: set.bitDepthLuma,
        colour: Self.colour(set.colour, set.isFullRange, track.colour),
        declaredFrameRate: set.timing?.frameRate)
    case .hevc(let bytes):
      let record = try HEVCDecoderConfigurationRecord(parsing: bytes)
      codecs = CodecString.hevc(record)
      guard let unit = record.nalUnits(of: .sequenceParameterSet).first else { return }
      let set = try HEVCSequenceParameterSet(nalUnit: unit)
      picture = Picture(
        width: set.width, height: set.height,
        sampleAspectRatio: set.sampleAspectRatio ?? track.sampleAspectRatio,
        bitDepth: set.bitDepthLuma,
        colour: Self.colour(set.colour, set.isFullRange, track.colour),
        declaredFrameRate: set.timing?.frameRate)
    case .av1(let bytes):
      let record = try AV1CodecConfigurationRecord(parsing: bytes)
      codecs = CodecString.av1(record, colour: track.colour)
      guard let header = record.sequenceHeader else { return }
      picture = Picture(
        width: header.width, height: header.height, sampleAspectRatio: track.sampleAspectRatio,
        bitDepth: header.bitDepth,
        colour: Self.colour(header.specifiedColour, header.colour.isFullRange, track.colour),
        declaredFrameRate: header.timing?.frameRate)
    case .vp9(let bytes):
      let record = try VPCodecConfigurationRecord(parsing: bytes)
      codecs = CodecString.vp9(record)
      picture = Picture(
        width: track.statedWidth, height: track.statedHeight,
        sampleAspectRatio: track.sampleAspectRatio, bitDepth: record.bitDepth,
        colour: record.colour)
    case .aac, .ac3, .eac3, .opus, .flac, .mp3:
      guard let record = try SoundRecord(track.coding) else {
        codecs = "unknown"
        return
      }
      codecs = record.codecs
      sound = Sound(
        channelCount: record.channelCount, sampleRate: record.sampleRate,
        samplesPerFrame: record.samplesPerFrame, objectCount: record.objectCount)
    case .unsupported(let name): codecs = name
    default: codecs = "unknown"
    }
  }

  /// The coded picture's word goes before the container's.
  private static func colour(
    _ own: ColourInformation?, _ isFullRange: Bool?, _ container: ColourInformation?
  ) -> ColourInformation {
    if let own { return own }
    var colour = container ?? .unspecified
    if let isFullRange { colour.isFullRange = isFullRange }
    return colour
  }
}
