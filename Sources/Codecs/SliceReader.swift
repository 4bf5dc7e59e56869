import NIOCore

/// The first 64 bits behind a NAL unit's header, emulation prevention removed, in a register:
/// all that classification needs of a slice header, read without allocation.
struct SliceReader {
  private var bits: UInt64 = 0
  private var remaining = 0

  init(_ buffer: ByteBuffer, _ unit: NALUnitRange, headerByteCount: Int) {
    var zeros = 0
    var index = unit.offset + headerByteCount
    while remaining < 64, index < unit.end,
      let byte = buffer.getInteger(at: index, as: UInt8.self)
    {
      index += 1
      if zeros >= 2, byte == 3 {
        zeros = 0
        continue
      }
      zeros = byte == 0 ? zeros + 1 : 0
      bits |= UInt64(byte) << UInt64(56 - remaining)
      remaining += 8
    }
  }

  /// u(n), `nil` past the end.
  mutating func u(_ count: Int) -> UInt64? {
    guard count <= remaining, count < 64 else { return nil }
    guard count > 0 else { return 0 }
    let value = bits >> UInt64(64 - count)
    bits <<= UInt64(count)
    remaining -= count
    return value
  }

  /// ue(v), `nil` past the end or above 2³²−2.
  mutating func ue() -> UInt64? {
    let zeros = bits.leadingZeroBitCount
    guard zeros < 32, u(zeros) != nil, let value = u(zeros + 1) else { return nil }
    return value - 1
  }
}
