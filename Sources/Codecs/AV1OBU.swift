package import NIOCore

/// One open bitstream unit of AV1: where it lies (AV1 §5.3).
package struct AV1OBU: Hashable, Sendable {
  /// obu_type (AV1 §6.2.2).
  package enum Kind: UInt8, Hashable, Sendable {
    case sequenceHeader = 1
    case temporalDelimiter = 2
    case frameHeader = 3
    case tileGroup = 4
    case metadata = 5
    case frame = 6
    case redundantFrameHeader = 7
    case tileList = 8
    case padding = 15
  }

  /// `nil` for a reserved type.
  package var kind: Kind?
  package var temporalID: Int
  package var spatialID: Int
  /// Index of the header's first byte, and bytes of the whole unit.
  package var offset: Int
  package var count: Int
  /// Index of the first byte behind header and size.
  package var payloadOffset: Int

  package var end: Int { offset + count }
  package var payloadCount: Int { end - payloadOffset }
}

/// The units of a temporal unit, one by one.
///
///     var units = AV1OBUs(in: buffer, at: 0, count: size)
///     while let unit = try units.next() { … }
package struct AV1OBUs {
  private let buffer: ByteBuffer
  private var at: Int
  private let end: Int
  private var left = AV1OBUs.maximumCount

  /// Units in one sample, at most: 128 tile groups in each of 64 frames.
  package static let maximumCount = 8192

  package init(in buffer: ByteBuffer, at offset: Int, count: Int) {
    self.buffer = buffer
    at = offset
    end = min(offset + max(count, 0), buffer.writerIndex)
  }

  /// - Returns: `nil` at the end.
  /// - Throws: `.truncated` for a size that leads past the end, `.invalidValue` for a broken
  ///   header, `.limitExceeded` for too many units.
  package mutating func next() throws -> AV1OBU? {
    guard at < end, let header = buffer.getInteger(at: at, as: UInt8.self) else { return nil }
    left -= 1
    guard left >= 0 else {
      throw CodecsError(
        .limitExceeded, "AV1: more than \(Self.maximumCount) units in one sample")
    }
    guard header & 0x80 == 0 else {
      throw CodecsError(.invalidValue, "AV1: the header at byte \(at) has its forbidden bit set")
    }
    let start = at
    var payload = at + 1
    var layers: UInt8 = 0
    if header & 4 != 0 {
      guard payload < end, let byte = buffer.getInteger(at: payload, as: UInt8.self) else {
        throw truncated(start)
      }
      layers = byte
      payload += 1
    }
    // Without a size the last unit reaches to the sample's end (AV1-ISOBMFF §2.4).
    var count = end - payload
    if header & 2 != 0 {
      guard let (size, width) = LEB128.read(buffer, at: payload, end: end) else {
        throw truncated(start)
      }
      payload += width
      guard size <= UInt64(end - payload) else { throw truncated(start) }
      count = Int(size)
    }
    at = payload + count
    return AV1OBU(
      kind: AV1OBU.Kind(rawValue: header >> 3 & 15), temporalID: Int(layers >> 5),
      spatialID: Int(layers >> 3 & 3), offset: start, count: at - start, payloadOffset: payload)
  }

  private func truncated(_ start: Int) -> CodecsError {
    CodecsError(
      .truncated, "AV1: the unit at byte \(start) reaches past the sample's end at byte \(end)")
  }
}

/// leb128() (AV1 §4.10.5).
enum LEB128 {
  /// - Returns: the value and its bytes, `nil` if it is cut or beyond 32 bits.
  static func read(_ buffer: ByteBuffer, at offset: Int, end: Int) -> (UInt64, Int)? {
    var value: UInt64 = 0
    for index in 0..<8 {
      guard offset + index < end,
        let byte = buffer.getInteger(at: offset + index, as: UInt8.self)
      else { return nil }
      value |= UInt64(byte & 0x7f) << UInt64(index * 7)
      if byte & 0x80 == 0 { return value <= UInt64(UInt32.max) ? (value, index + 1) : nil }
    }
    return nil
  }

  static func bytes(_ value: Int) -> [UInt8] {
    var bytes: [UInt8] = []
    var rest = value
    repeat {
      bytes.append(UInt8(rest & 0x7f) | (rest > 0x7f ? 0x80 : 0))
      rest >>= 7
    } while rest > 0
    return bytes
  }
}
