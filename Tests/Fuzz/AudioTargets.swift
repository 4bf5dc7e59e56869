import Codecs
import MediaCore
import NIOCore

/// Configurations and frames of sound.
extension FuzzTarget {
  static let audioTargets = [
    FuzzTarget(name: "aac") { aac($0) },
    FuzzTarget(name: "ac3") { sound($0, "dac3") { _ = try AC3Header(in: $0, at: $0.readerIndex) } },
    FuzzTarget(name: "eac3") {
      sound($0, "dec3") { frames in
        let unit = try EAC3AccessUnit(
          in: frames, at: frames.readerIndex, count: frames.readableBytes)
        _ = try EAC3SpecificBox(unit).bytes
      }
    },
    FuzzTarget(name: "opus") {
      sound($0, "dOps") { _ = try OpusSpecificBox(identificationHeader: $0).bytes }
    },
    FuzzTarget(name: "flac") {
      sound($0, "dfLa") { _ = try FLACSpecificBox(streamInfo: $0).bytes }
    },
    FuzzTarget(name: "mp3") {
      sound($0, "esds") { _ = try MPEGAudioHeader(in: $0, at: $0.readerIndex).frameByteCount }
    },
  ]

  private static func aac(_ bytes: ByteBuffer) {
    tolerant {
      let configuration = try AudioSpecificConfig(parsing: bytes)
      _ = CodecString.mpeg4Audio(configuration)
      _ = configuration.bytes
    }
    tolerant {
      let descriptor = try ESDescriptor(parsing: bytes)
      _ = try CodecString.audio(descriptor)
    }
    tolerant {
      let header = try ADTSHeader(in: bytes, at: bytes.readerIndex)
      let block = bytes.getSlice(
        at: bytes.readerIndex + header.headerByteCount,
        length: max(0, bytes.readableBytes - header.headerByteCount))
      _ = try AudioSpecificConfig(header, rawDataBlock: block).bytes
    }
  }

  /// The bytes as frames, and as a configuration with frames behind it; its byte count stands in front.
  private static func sound(
    _ bytes: ByteBuffer, _ configurationType: String, frames parse: (ByteBuffer) throws -> Void
  ) {
    tolerant { try parse(bytes) }
    var frames = bytes
    guard let count = frames.readInteger(as: UInt8.self),
      let configuration = frames.readSlice(length: min(Int(count), frames.readableBytes))
    else { return }
    tolerant {
      let record = try SoundRecord(
        configurationType: configurationType, configuration: configuration, channelCount: 2,
        sampleRate: 48_000)
      _ = (record.codecs, record.channelCount, record.sampleRate, record.channelMap)
      _ = record.rollDistance(samplesPerFrame: record.samplesPerFrame ?? 960)
      _ = record.silence(samplesPerFrame: record.samplesPerFrame ?? 960)
      _ = record.leadingSilence(samplesPerFrame: record.samplesPerFrame ?? 960)
      let at = frames.readerIndex
      let count = frames.readableBytes
      tolerant { _ = try record.sampleCount(ofFrameIn: frames, at: at, count: count) }
      try record.check(frameIn: frames, at: at, count: count)
    }
  }
}
