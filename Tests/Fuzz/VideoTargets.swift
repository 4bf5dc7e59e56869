import Codecs
import MediaCore
import NIOCore

/// Parameter sets, records and access units.
extension FuzzTarget {
  static let videoTargets = [
    FuzzTarget(name: "h264") { video($0, .h264) },
    FuzzTarget(name: "hevc") { video($0, .hevc) },
  ]

  /// The bytes as a decoder configuration record, as a byte stream and as a length-prefixed sample.
  private static func video(_ bytes: ByteBuffer, _ codec: VideoCodec) {
    var parameters = SliceParameters()
    tolerant {
      switch codec {
      case .h264:
        let record = try AVCDecoderConfigurationRecord(parsing: bytes)
        _ = CodecString.avc(record)
        _ = record.bytes
      case .hevc:
        let record = try HEVCDecoderConfigurationRecord(parsing: bytes)
        _ = CodecString.hevc(record)
        _ = record.bytes
        parameters = SliceParameters(record)
      }
    }
    var sets = ParameterSets(codec: codec)
    tolerant { try sets.take(record: bytes) }
    for framing in [NALUnitFraming.annexB, .lengthPrefixed(.four), .lengthPrefixed(.two)] {
      tolerant {
        let unit = try AccessUnit(
          in: bytes, at: bytes.readerIndex, count: bytes.readableBytes, codec: codec,
          framing: framing, parameters: parameters)
        parameters.take(unit, in: bytes)
        _ = try sets.take(unit, in: bytes)
        _ = SampleDependency(unit).flags
        _ = try sets.record()
      }
    }
    tolerant {
      let track = SourceTrack(
        number: 0, kind: .video, coding: codec == .h264 ? .h264(bytes) : .hevc(bytes),
        timescale: Timescale(literal: 90_000))
      _ = try CodingSummary(track)
    }
  }
}
