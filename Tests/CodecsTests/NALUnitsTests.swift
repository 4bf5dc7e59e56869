import Codecs
import NIOCore
import Testing

struct NALUnitsTests {
  private func ranges(_ units: NALUnits) throws -> [NALUnitRange] {
    var units = units
    var found: [NALUnitRange] = []
    while let unit = try units.next() { found.append(unit) }
    return found
  }

  private func lengthPrefixed(
    _ bytes: ByteBuffer, _ size: NALUnitLengthSize = .four
  ) throws -> [NALUnitRange] {
    try ranges(
      try NALUnits.lengthPrefixed(
        in: bytes, at: bytes.readerIndex, count: bytes.readableBytes, lengthSize: size))
  }

  @Test(arguments: [
    ("00000002 6588 00000001 41", NALUnitLengthSize.four, [4, 10]),
    ("0002 6588 0001 41", NALUnitLengthSize.two, [2, 6]),
    ("02 6588 01 41", NALUnitLengthSize.one, [1, 4]),
  ])
  func `NAL units behind their lengths`(
    text: String, size: NALUnitLengthSize, offsets: [Int]
  ) throws {
    let found = try lengthPrefixed(hex(text), size)
    #expect(found.map(\.offset) == offsets)
    #expect(found.map(\.count) == [2, 1])
  }

  @Test(arguments: [
    "00000002 6588 00000000", "00000002 6588 00", "00000000 00000002 6588 000000 00000000",
  ])
  func `zeros around NAL units are passed over`(text: String) throws {
    #expect(try lengthPrefixed(hex(text)).map(\.count) == [2])
  }

  @Test(arguments: ["00000003 6588", "00000002 6588 0001", "ffffffff 65", "00000002 6588 000001"])
  func `a length past the end throws`(text: String) {
    let error = #expect(throws: CodecsError.self) { try lengthPrefixed(hex(text)) }
    #expect(error?.code == .truncated)
  }

  @Test(arguments: [
    ("000001 6588 000001 41", [2, 1]),
    ("00000001 6588 0000000001 4101 0000", [2, 2]),
    ("ffff 000001 65", [1]),
    ("000001 000001 65 000001", [1]),
    ("6588", []),
    ("", []),
    ("000001", []),
    ("0000", []),
    ("000001 650000030100000200 000001 41", [8, 1]),
  ])
  func `NAL units behind start codes`(text: String, counts: [Int]) throws {
    #expect(try ranges(.annexB(in: hex(text))).map(\.count) == counts)
  }

  @Test func `start codes at every distance are found`() throws {
    for distance in 1..<40 {
      for zeros in 2...4 {
        var bytes: [UInt8] = [0, 0, 1] + Array(repeating: 0xab, count: distance)
        bytes += Array(repeating: 0, count: zeros) + [1, 0x65, 0x01]
        let found = try ranges(.annexB(in: ByteBuffer(bytes: bytes)))
        #expect(
          found == [
            NALUnitRange(offset: 3, count: distance),
            NALUnitRange(offset: 3 + distance + zeros + 1, count: 2),
          ])
      }
    }
  }

  @Test func `what is written is found again, in both framings`() throws {
    var generator = SeededGenerator(seed: 11)
    for _ in 0..<300 {
      let units = (0..<Int.random(in: 1...5, using: &generator)).map { _ in
        let raw = (0..<Int.random(in: 1...30, using: &generator)).map { _ in
          UInt8.random(in: 0...3, using: &generator)
        }
        return EmulationPrevention.inserted(into: [0x65] + raw + [0x80])
      }
      var stream = ByteBuffer(bytes: [9, 9])
      var sample = ByteBuffer(bytes: [9, 9])
      for unit in units {
        stream.writeBytes([0, 0, 1] + unit)
        sample.writeInteger(UInt16(unit.count))
        sample.writeBytes(unit)
      }
      let found = try ranges(.annexB(in: stream))
      #expect(found.map { stream.getBytes(at: $0.offset, length: $0.count) } == units)
      let behind = try ranges(
        try NALUnits.lengthPrefixed(
          in: sample, at: 2, count: sample.readableBytes - 2, lengthSize: .two))
      #expect(behind.map { sample.getBytes(at: $0.offset, length: $0.count) } == units)
    }
  }

  @Test(arguments: [(-1, 2), (0, 5), (0, -1), (5, 0), (.max, .max), (2, .max)])
  func `a run outside the buffer throws`(offset: Int, count: Int) {
    #expect(throws: CodecsError.self) {
      try NALUnits(in: hex("00000165"), at: offset, count: count, framing: .annexB)
    }
  }
}
