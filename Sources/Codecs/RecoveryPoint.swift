import NIOCore

/// Looks for the recovery point message in an H.264 SEI NAL unit (ISO/IEC 14496-10 §D.1.8).
enum RecoveryPoint {
  private static let payloadType = 6

  /// recovery_frame_cnt, `nil` without a readable recovery point message.
  static func frameCount(_ buffer: ByteBuffer, _ unit: NALUnitRange) -> Int? {
    var bytes = UnescapedBytes(buffer, from: unit.offset + 1, to: unit.end)
    while let type = number(&bytes), let size = number(&bytes) {
      if type == payloadType {
        return frameCount(&bytes, size: size)
      }
      for _ in 0..<size where bytes.next() == nil { return nil }
    }
    return nil
  }

  /// payloadType and payloadSize: 255 for each FF, then the last byte.
  private static func number(_ bytes: inout UnescapedBytes) -> Int? {
    var value = 0
    while let byte = bytes.next() {
      value += Int(byte)
      if byte != 0xff { return value }
    }
    return nil
  }

  private static func frameCount(_ bytes: inout UnescapedBytes, size: Int) -> Int? {
    var bits: UInt64 = 0
    for index in 0..<min(size, 8) {
      guard let byte = bytes.next() else { return nil }
      bits |= UInt64(byte) << UInt64(56 - index * 8)
    }
    // ue(v) up to MaxFrameNum − 1 = 65535: at most 33 bits.
    let zeros = bits.leadingZeroBitCount
    guard zeros <= 16, zeros * 2 + 1 <= size * 8 else { return nil }
    return Int(bits >> UInt64(63 - zeros * 2)) - 1
  }
}

/// The bytes of a NAL unit without its emulation prevention bytes, one by one.
struct UnescapedBytes {
  private let buffer: ByteBuffer
  private var index: Int
  private let end: Int
  private var zeros = 0

  init(_ buffer: ByteBuffer, from start: Int, to end: Int) {
    self.buffer = buffer
    index = start
    self.end = end
  }

  mutating func next() -> UInt8? {
    guard index < end, var byte = buffer.getInteger(at: index, as: UInt8.self) else { return nil }
    index += 1
    if zeros >= 2, byte == 3 {
      zeros = 0
      guard index < end, let after = buffer.getInteger(at: index, as: UInt8.self) else {
        return nil
      }
      byte = after
      index += 1
    }
    zeros = byte == 0 ? zeros + 1 : 0
    return byte
  }
}
