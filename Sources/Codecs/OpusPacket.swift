package import NIOCore

/// What an Opus packet says of itself: its first byte, and how many frames follow (RFC 6716 §3).
package struct OpusPacket: Hashable, Sendable {
  /// Samples in a second at which all durations are counted.
  package static let sampleRate = 48_000
  /// Samples of a packet, at most: 120 ms (§3.2.5).
  package static let maximumSampleCount = 5760

  /// The table-of-contents byte.
  package var contents: UInt8
  package var frameCount: Int

  /// - Throws: `CodecsError`
  package init(in buffer: ByteBuffer, at offset: Int, count: Int) throws {
    guard count > 0, let first = buffer.getInteger(at: offset, as: UInt8.self) else {
      throw CodecsError(.truncated, "Opus packet: holds no byte")
    }
    contents = first
    switch first & 3 {
    case 0: frameCount = 1
    case 1, 2: frameCount = 2
    default:
      guard count > 1, let second = buffer.getInteger(at: offset + 1, as: UInt8.self) else {
        throw CodecsError(.truncated, "Opus packet: ends before its frame count")
      }
      frameCount = Int(second & 63)
    }
    guard frameCount > 0, sampleCount <= Self.maximumSampleCount else {
      throw CodecsError(
        .invalidValue,
        "Opus packet: \(frameCount) frames of \(samplesPerFrame) samples; 1 to 120 ms are expected")
    }
  }

  /// Samples of one frame, by the configuration number (Table 2).
  package var samplesPerFrame: Int {
    let number = Int(contents >> 3)
    switch number {
    case 0..<12: return [480, 960, 1920, 2880][number & 3]
    case 12..<16: return [480, 960][number & 1]
    default: return [120, 240, 480, 960][number & 3]
    }
  }

  /// Samples of the packet.
  package var sampleCount: Int { frameCount * samplesPerFrame }
}
