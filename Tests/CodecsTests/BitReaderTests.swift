import Codecs
import NIOCore
import Testing

struct BitReaderTests {
  @Test func `numbers come most significant bit first, across bytes`() throws {
    var bits = try BitReader(hex("a5 0f f0 01"), of: "test")
    #expect(try bits.u(4) == 0xa)
    #expect(try bits.u(12) == 0x50f)
    #expect(try bits.u(0) == 0)
    #expect(try bits.flag())
    #expect(try bits.u(15) == 0x7001)
    #expect(bits.remaining == 0)
    #expect(throws: CodecsError.self) { try bits.flag() }
  }

  @Test func `32 bits at every offset`() throws {
    for offset in 0..<8 {
      var bits = try BitReader(hex("ffffffff ff00"), of: "test")
      try bits.skip(offset)
      #expect(try bits.u(32) == .max)
    }
  }

  // ISO/IEC 14496-10 Table 9-2 and Table 9-3.
  @Test(arguments: [
    ("1", 0, 0), ("010", 1, 1), ("011", 2, -1), ("00100", 3, 2), ("00101", 4, -2),
    ("0001000", 7, 4), ("0001001", 8, -4),
  ])
  func `Exp-Golomb codes of the table`(code: String, unsigned: UInt32, signed: Int) throws {
    var writer = BitWriter()
    for digit in code { writer.flag(digit == "1") }
    writer.alignToByte()
    var first = try BitReader(writer.buffer, of: "test")
    #expect(try first.ue() == unsigned)
    #expect(first.position == code.count)
    var second = try BitReader(writer.buffer, of: "test")
    #expect(try second.se() == signed)
  }

  @Test(arguments: [0, 1, 254, 255, 65535, UInt32.max - 1])
  func `written Exp-Golomb codes are read back`(value: UInt32) throws {
    var writer = BitWriter()
    writer.ue(value)
    writer.alignToByte()
    var bits = try BitReader(writer.buffer, of: "test")
    #expect(try bits.ue() == value)
  }

  @Test func `32 leading zeros are damage`() throws {
    var bits = try BitReader(hex("00000000 ffffffff ff"), of: "test")
    let error = #expect(throws: CodecsError.self) { try bits.ue() }
    #expect(error?.code == .invalidValue)
  }

  @Test func `too many bytes for one unit are refused`() throws {
    let bytes = ByteBuffer(repeating: 0, count: BitReader.byteCountLimit + 1)
    let error = #expect(throws: CodecsError.self) { try BitReader(bytes, of: "test") }
    #expect(error?.code == .limitExceeded)
  }

  @Test(arguments: [
    ("000003", "0000"), ("00000301", "000001"), ("0000030000030003", "00000000 0003"),
    ("000002", "000002"), ("0003", "0003"),
  ])
  func `emulation prevention bytes are taken out`(escaped: String, plain: String) {
    #expect(EmulationPrevention.removed(from: hex(escaped).array) == hex(plain).array)
  }

  @Test func `what is escaped comes back`() {
    var generator = SeededGenerator(seed: 7)
    for _ in 0..<500 {
      let bytes = (0..<Int.random(in: 0...40, using: &generator)).map { _ in
        UInt8.random(in: 0...4, using: &generator)
      }
      let escaped = EmulationPrevention.inserted(into: bytes)
      #expect(EmulationPrevention.removed(from: escaped) == bytes)
      for index in escaped.indices.dropLast(2) {
        #expect(escaped[index] > 0 || escaped[index + 1] > 0 || escaped[index + 2] > 2)
      }
    }
  }
}
