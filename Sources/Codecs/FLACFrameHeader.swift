package import NIOCore

/// The header of a FLAC frame (RFC 9639 §9.1).
package struct FLACFrameHeader: Hashable, Sendable {
  /// Samples of the frame.
  package var blockSize: Int
  package var channelCount: Int
  /// `nil` where STREAMINFO says it.
  package var sampleRate: Int?
  /// `nil` where STREAMINFO says it.
  package var bitsPerSample: Int?
  /// Bytes of the header, its checksum included.
  package var byteCount: Int

  private static let sampleRates = [
    88_200, 176_400, 192_000, 8_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000, 96_000,
  ]

  /// Parses the header and checks its CRC-8.
  ///
  /// - Throws: `CodecsError`
  package init(in buffer: ByteBuffer, at offset: Int, count: Int) throws {
    var at = offset
    func next() throws -> Int {
      guard at < offset + count, let byte = buffer.getInteger(at: at, as: UInt8.self) else {
        throw CodecsError(.truncated, "FLAC frame: ends inside its header")
      }
      at += 1
      return Int(byte)
    }
    func invalid(_ what: String) -> CodecsError {
      CodecsError(.invalidValue, "FLAC frame: \(what); the stream is damaged")
    }
    let sync = try next() << 8 | next()
    guard sync & 0xfffe == 0xfff8 else { throw invalid("expected the sync code 3FFE") }
    let sizes = try next()
    let shape = try next()
    let first = try next()
    // The coded number is written as UTF-8 writes up to 36 bits.
    let more = first < 0x80 ? 0 : (~UInt8(truncatingIfNeeded: first)).leadingZeroBitCount - 1
    guard first < 0x80 || (1...6).contains(more) else { throw invalid("its number is malformed") }
    for _ in 0..<more where try next() & 0xc0 != 0x80 { throw invalid("its number is malformed") }
    switch sizes >> 4 {
    case 1: blockSize = 192
    case 2...5: blockSize = 144 << (sizes >> 4)
    case 6: blockSize = try next() + 1
    case 7: blockSize = try (next() << 8 | next()) + 1
    case 8...15: blockSize = 1 << (sizes >> 4)
    default: throw invalid("its block size is reserved")
    }
    switch sizes & 15 {
    case 0: sampleRate = nil
    case 1...11: sampleRate = Self.sampleRates[sizes & 15 - 1]
    case 12: sampleRate = try next() * 1000
    case 13: sampleRate = try next() << 8 | next()
    case 14: sampleRate = try (next() << 8 | next()) * 10
    default: throw invalid("its sample rate is reserved")
    }
    guard shape >> 4 <= 10, shape & 1 == 0 else { throw invalid("its channels are reserved") }
    channelCount = shape >> 4 < 8 ? shape >> 4 + 1 : 2
    bitsPerSample = [nil, 8, 12, nil, 16, 20, 24, 32][shape >> 1 & 7]
    byteCount = at - offset + 1
    let checksum = FLACChecksum.crc8(
      buffer.getSlice(at: offset, length: byteCount - 1) ?? ByteBuffer())
    guard try next() == Int(checksum) else { throw invalid("the checksum of its header is wrong") }
  }
}

/// The checksums of RFC 9639 §9.1.8 and §9.3.
enum FLACChecksum {
  /// Polynomial x⁸ + x² + x + 1.
  static func crc8(_ bytes: ByteBuffer) -> UInt8 {
    bytes.readableBytesView.reduce(0) { crc, byte in
      (0..<8).reduce(crc ^ byte) { value, _ in
        value & 0x80 != 0 ? value << 1 ^ 0x07 : value << 1
      }
    }
  }

  /// Polynomial x¹⁶ + x¹⁵ + x² + 1.
  static func crc16(_ bytes: ByteBuffer) -> UInt16 {
    bytes.readableBytesView.reduce(0) { crc, byte in
      (0..<8).reduce(crc ^ UInt16(byte) << 8) { value, _ in
        value & 0x8000 != 0 ? value << 1 ^ 0x8005 : value << 1
      }
    }
  }
}
