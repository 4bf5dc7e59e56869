import Codecs
import MediaCore
import NIOCore

/// Parameter sets, records and access units.
extension FuzzTarget {
  static let videoTargets = [
    FuzzTarget(name: "h264") { video($0, .h264) },
    FuzzTarget(name: "hevc") { video($0, .hevc) },
    FuzzTarget(name: "av1") { video($0, .av1) },
    FuzzTarget(name: "vp9") { video($0, .vp9) },
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
      case .av1:
        let record = try AV1CodecConfigurationRecord(parsing: bytes)
        _ = CodecString.av1(record)
        _ = record.bytes
        parameters = SliceParameters(record)
      case .vp9:
        let record = try VPCodecConfigurationRecord(parsing: bytes)
        _ = CodecString.vp9(record)
        _ = record.bytes
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
    tolerant { _ = try AV1SequenceHeader(payload: bytes) }
    for framing in [NALUnitFraming.annexB, .lengthPrefixed(.four)] {
      var metadata = HDRMetadata()
      metadata.take(
        bytes, at: bytes.readerIndex, count: bytes.readableBytes, codec: codec, framing: framing)
    }
    tolerant { _ = try DolbyVisionConfigurationRecord(parsing: bytes).bytes }
    tolerant {
      let coding: SampleCoding =
        switch codec {
        case .h264: .h264(bytes)
        case .hevc: .hevc(bytes)
        case .av1: .av1(bytes)
        case .vp9: .vp9(bytes)
        }
      let track = SourceTrack(
        number: 0, kind: .video, coding: coding, timescale: Timescale(literal: 90_000))
      _ = try CodingSummary(track)
    }
  }
}
