package import NIOCore

/// Reads numbers of any width from bytes, most significant bit first (ISO/IEC 14496-10 §7.2).
///
///     var bits = BitReader(ByteBuffer(bytes: [0b1010_0110]), of: "example")
///     let flag = try bits.flag()  // true
///     let three = try bits.u(3)   // 0b010
///
/// Every read past the end throws `.truncated`; nothing traps on input.
package struct BitReader: Sendable {
  /// Most bytes one reader takes: parameter sets and records have 16-bit lengths.
  package static let byteCountLimit = 1 << 16

  private let bytes: [UInt8]
  /// Bits read so far.
  package private(set) var position = 0
  /// What is being read, for messages: `H.264 sequence parameter set`.
  package let subject: String

  /// Reads the readable bytes of a buffer as they are.
  ///
  /// - Throws: `.limitExceeded` above `byteCountLimit` bytes.
  package init(_ buffer: ByteBuffer, of subject: String) throws {
    try Self.check(buffer.readableBytes, subject)
    self.init(Array(buffer.readableBytesView), of: subject)
  }

  /// Reads a NAL unit, its emulation prevention bytes taken out (ISO/IEC 14496-10 §7.4.1).
  ///
  /// - Throws: `.limitExceeded` above `byteCountLimit` bytes.
  package init(nalUnit: ByteBuffer, of subject: String) throws {
    try Self.check(nalUnit.readableBytes, subject)
    self.init(EmulationPrevention.removed(from: nalUnit.readableBytesView), of: subject)
  }

  private init(_ bytes: [UInt8], of subject: String) {
    self.bytes = bytes
    self.subject = subject
  }

  private static func check(_ byteCount: Int, _ subject: String) throws {
    guard byteCount <= byteCountLimit else {
      throw CodecsError(
        .limitExceeded,
        "\(subject): \(byteCount) bytes, at most \(byteCountLimit) are read; is it one unit?")
    }
  }

  /// Bits not yet read.
  package var remaining: Int { bytes.count * 8 - position }

  package var isByteAligned: Bool { position & 7 == 0 }

  /// An unsigned number of 0 to 32 bits: u(n).
  package mutating func u(_ bitCount: Int) throws -> UInt32 {
    precondition((0...32).contains(bitCount), "u(\(bitCount))")
    try need(bitCount)
    var value: UInt64 = 0
    var left = bitCount
    while left > 0 {
      let take = min(left, 8 - position & 7)
      let byte = UInt64(bytes[position >> 3]) << UInt64(position & 7) & 0xff
      value = value << UInt64(take) | byte >> UInt64(8 - take)
      position += take
      left -= take
    }
    return UInt32(truncatingIfNeeded: value)
  }

  /// A number of 0 to 32 bits as `Int`.
  package mutating func int(_ bitCount: Int) throws -> Int { Int(try u(bitCount)) }

  /// Eight bits.
  package mutating func byte() throws -> UInt8 { UInt8(truncatingIfNeeded: try u(8)) }

  /// One bit.
  package mutating func flag() throws -> Bool { try u(1) == 1 }

  /// An unsigned Exp-Golomb number: ue(v), 0 to 2³²−2 (ISO/IEC 14496-10 §9.1).
  package mutating func ue() throws -> UInt32 {
    var zeros = 0
    while try u(1) == 0 {
      zeros += 1
      guard zeros < 32 else {
        throw CodecsError(
          .invalidValue,
          "\(subject): no ue(v) has 32 leading zero bits (bit \(position)); the data is damaged")
      }
    }
    // zeros ≤ 31: 2³¹ − 1 + (2³¹ − 1) at most, plus 2³¹ fits 32 bits.
    return (UInt32(1) << UInt32(zeros)) - 1 + (try u(zeros))
  }

  /// A signed Exp-Golomb number: se(v) (ISO/IEC 14496-10 §9.1.1).
  package mutating func se() throws -> Int {
    let code = Int(try ue())
    return code & 1 == 1 ? (code + 1) / 2 : -(code / 2)
  }

  /// A ue(v) that the specification bounds.
  ///
  /// - Throws: `.invalidValue` with the field's name when it is above `limit`.
  package mutating func ue(_ field: StaticString, atMost limit: Int) throws -> Int {
    let value = Int(try ue())
    guard value <= limit else {
      throw CodecsError(
        .invalidValue,
        "\(subject): \(field) is \(value) before bit \(position), at most \(limit) is allowed")
    }
    return value
  }

  /// Passes over bits.
  package mutating func skip(_ bitCount: Int) throws {
    try need(bitCount)
    position += bitCount
  }

  /// Passes over `count` numbers of ue(v) or se(v).
  package mutating func skipGolomb(_ count: Int = 1) throws {
    for _ in 0..<count { _ = try ue() }
  }

  /// Moves to the next byte boundary, or stays on one.
  package mutating func alignToByte() { position = (position + 7) & ~7 }

  private func need(_ bitCount: Int) throws {
    guard bitCount <= remaining else {
      throw CodecsError(
        .truncated,
        "\(subject): ends after \(bytes.count) bytes, \(bitCount) more bits were expected "
          + "at bit \(position); the data is cut or damaged")
    }
  }
}

/// The bytes 03 that keep start codes out of NAL units (ISO/IEC 14496-10 §7.4.1, 23008-2 §7.4.2).
package enum EmulationPrevention {
  /// The bytes without each 03 that follows two zero bytes.
  package static func removed(from bytes: some Collection<UInt8>) -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count)
    var zeros = 0
    for byte in bytes {
      if zeros >= 2, byte == 3 {
        zeros = 0
        continue
      }
      zeros = byte == 0 ? zeros + 1 : 0
      result.append(byte)
    }
    return result
  }

  /// The bytes with a 03 before each byte that would complete 000000 to 000003.
  package static func inserted(into bytes: some Collection<UInt8>) -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count + bytes.count / 64)
    var zeros = 0
    for byte in bytes {
      if zeros >= 2, byte <= 3 {
        result.append(3)
        zeros = 0
      }
      zeros = byte == 0 ? zeros + 1 : 0
      result.append(byte)
    }
    return result
  }
}

extension BitReader {
  /// The one bit that closes every parameter set (rbsp_trailing_bits). What follows it is not read.
  mutating func expectTrailingBits() throws {
    guard try flag() else {
      throw CodecsError(
        .invalidValue, "\(subject): no stop bit at bit \(position - 1); the data is damaged")
    }
  }
}
