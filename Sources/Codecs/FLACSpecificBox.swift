package import NIOCore

/// The payload of `dfLa` (Encapsulation of FLAC in ISOBMFF §3.3.2): version and flags, then metadata
/// blocks of which STREAMINFO (RFC 9639 §8.2) is the first.
package struct FLACSpecificBox: Hashable, Sendable {
  /// Samples of the shortest and the longest block but for the last; the same for fixed blocks.
  package var minimumBlockSize: Int
  package var maximumBlockSize: Int
  /// Samples in a second: 20 bits.
  package var sampleRate: Int
  package var channelCount: Int
  package var bitsPerSample: Int
  /// The 34 bytes of STREAMINFO.
  package private(set) var streamInfo: ByteBuffer

  package static let streamInfoByteCount = 34

  /// - Parameter streamInfo: the block without its header.
  /// - Throws: `CodecsError`
  package init(streamInfo: ByteBuffer) throws {
    guard streamInfo.readableBytes == Self.streamInfoByteCount else {
      throw CodecsError(
        .invalidValue,
        "FLAC STREAMINFO: has \(streamInfo.readableBytes) bytes; 34 are expected")
    }
    var bits = try BitReader(streamInfo, of: "FLAC STREAMINFO")
    minimumBlockSize = try bits.int(16)
    maximumBlockSize = try bits.int(16)
    try bits.skip(48)
    sampleRate = try bits.int(20)
    channelCount = try bits.int(3) + 1
    bitsPerSample = try bits.int(5) + 1
    guard sampleRate > 0, maximumBlockSize >= 16, minimumBlockSize <= maximumBlockSize else {
      throw CodecsError(
        .invalidValue,
        "FLAC STREAMINFO: \(sampleRate) Hz with blocks of \(minimumBlockSize) to "
          + "\(maximumBlockSize) samples is not allowed")
    }
    self.streamInfo = ByteBuffer(bytes: streamInfo.readableBytesView)
  }

  /// Leaves unknown what only holds for the stream that was encoded: the sizes of its frames, its
  /// length and its digest (RFC 9639 §8.2: 0 is "unknown").
  package mutating func forgetContent() {
    var bytes = Array(streamInfo.readableBytesView)
    for index in 4..<10 { bytes[index] = 0 }
    bytes[13] &= 0xf0
    for index in 14..<Self.streamInfoByteCount { bytes[index] = 0 }
    streamInfo = ByteBuffer(bytes: bytes)
  }

  /// - Throws: `CodecsError`
  package init(parsing payload: ByteBuffer) throws {
    var rest = payload
    guard rest.readInteger(as: UInt32.self) != nil,
      let type = rest.readInteger(as: UInt8.self),
      let high = rest.readInteger(as: UInt8.self), let low = rest.readInteger(as: UInt16.self),
      let block = rest.readSlice(length: Int(high) << 16 | Int(low))
    else { throw CodecsError(.truncated, "dfLa: is cut short") }
    guard type & 0x7f == 0 else {
      throw CodecsError(
        .invalidValue, "dfLa: the first metadata block is of type \(type & 0x7f), not STREAMINFO")
    }
    try self.init(streamInfo: block)
  }

  /// With STREAMINFO alone: what else a file has (seek table, pictures) is of no use in segments.
  package var bytes: ByteBuffer {
    var bytes = ByteBuffer(integer: UInt32(0))
    bytes.writeInteger(UInt32(0x8000_0000) | UInt32(Self.streamInfoByteCount))
    bytes.writeImmutableBuffer(streamInfo)
    return bytes
  }
}
