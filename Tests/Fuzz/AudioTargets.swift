import Codecs
import MediaCore
import NIOCore

/// Configurations and frames of sound.
extension FuzzTarget {
  static let audioTargets = [FuzzTarget(name: "aac", run: aac)]

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
}
