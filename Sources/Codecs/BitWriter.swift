package import NIOCore

/// Writes numbers of any width into bytes, most significant bit first.
///
///     var bits = BitWriter()
///     bits.u(5, 2)
///     bits.u(4, 3)
///     bits.alignToByte()  // bits.buffer: 0x11 0x80
package struct BitWriter: Sendable {
  package private(set) var bytes: [UInt8] = []
  /// Bits written so far.
  package private(set) var position = 0

  package init() {}

  package var buffer: ByteBuffer { ByteBuffer(bytes: bytes) }

  /// An unsigned number of 0 to 32 bits. `value` must fit.
  package mutating func u(_ bitCount: Int, _ value: some BinaryInteger) {
    precondition((0...32).contains(bitCount), "u(\(bitCount))")
    guard let number = UInt64(exactly: value), number >> UInt64(bitCount) == 0 else {
      preconditionFailure("\(value) does not fit in \(bitCount) bits")
    }
    for shift in stride(from: bitCount - 1, through: 0, by: -1) {
      if position & 7 == 0 { bytes.append(0) }
      let bit = UInt8(truncatingIfNeeded: number >> UInt64(shift)) & 1
      bytes[position >> 3] |= bit << UInt8(7 - position & 7)
      position += 1
    }
  }

  package mutating func flag(_ value: Bool) { u(1, value ? 1 : 0) }

  /// An unsigned Exp-Golomb number, 0 to 2³²−2.
  package mutating func ue(_ value: UInt32) {
    precondition(value < .max, "ue(\(value))")
    let code = value + 1
    let width = 32 - code.leadingZeroBitCount
    u(width - 1, 0)
    u(width, code)
  }

  /// A signed Exp-Golomb number.
  package mutating func se(_ value: Int32) {
    let magnitude = UInt32(value.magnitude)
    precondition(magnitude < 1 << 31, "se(\(value))")
    ue(value > 0 ? magnitude * 2 - 1 : magnitude * 2)
  }

  /// Fills up with zero bits to the next byte boundary.
  package mutating func alignToByte() { position = bytes.count * 8 }

  /// rbsp_trailing_bits (ISO/IEC 14496-10 §7.3.2.11): a one, then zeros to the byte boundary.
  package mutating func trailingBits() {
    flag(true)
    alignToByte()
  }
}
