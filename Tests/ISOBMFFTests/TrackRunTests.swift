import ISOBMFF
import NIOCore
import Testing

@Suite struct TrackRunTests {
  /// A `trun` that claims `count` samples and has `rows` of them.
  private func run(_ flags: UInt32, version: UInt8 = 1, count: UInt32, rows: Int) -> ByteBuffer {
    ByteBuffer { bytes in
      bytes.writeFullBox("trun", version: version, flags: flags) { run in
        run.writeInteger(count)
        if flags & 1 != 0 { run.writeInteger(Int32(-8)) }
        if flags & 4 != 0 { run.writeInteger(UInt32(0x0200_0000)) }
        for row in 0..<rows {
          for bit in [0x100, 0x200, 0x400, 0x800] as [UInt32] where flags & bit != 0 {
            run.writeInteger(bit == 0x800 ? UInt32(bitPattern: -Int32(row)) : bit + UInt32(row))
          }
        }
      }
    }
  }

  @Test(arguments: 0..<64)
  func `every choice of fields is read, and every cut is refused`(_ choice: Int) throws {
    let flags = UInt32(choice & 15) << 8 | UInt32(choice >> 4 & 1) | UInt32(choice >> 5 & 1) << 2
    let bytes = run(flags, count: 3, rows: 3)
    let value = try TrackRunBox(onlyBox(bytes))
    #expect(value.dataOffset == (flags & 1 == 0 ? nil : -8))
    #expect(value.firstSampleFlags == (flags & 4 == 0 ? nil : 0x0200_0000))
    #expect(value.samples.count == 3)
    #expect(value.samples[2].duration == (flags & 0x100 == 0 ? nil : 0x102))
    #expect(value.samples[2].size == (flags & 0x200 == 0 ? nil : 0x202))
    #expect(value.samples[2].flags == (flags & 0x400 == 0 ? nil : 0x402))
    #expect(value.samples[2].compositionOffset == (flags & 0x800 == 0 ? nil : -2))
    try refusesCuts(bytes) { _ = try TrackRunBox($0) }
  }

  @Test(arguments: [4, 1_000_000, 1_000_001, UInt32.max])
  func `a count without the bytes for it is refused before any memory is taken`(
    _ count: UInt32
  ) throws {
    let box = try onlyBox(run(0xf00, count: count, rows: 3))
    let error = #expect(throws: ISOBMFFError.self) { try TrackRunBox(box) }
    #expect(error?.code == .limit)
  }

  @Test func `samples that say nothing of themselves are limited all the same`() throws {
    #expect(try TrackRunBox(onlyBox(run(0, count: 1_000_000, rows: 0))).samples.count == 1_000_000)
    #expect(throws: ISOBMFFError.self) { try TrackRunBox(onlyBox(run(0, count: .max, rows: 0))) }
  }

  @Test func `fields that are no plain trun of tfhd are read`() throws {
    let bytes = ByteBuffer { bytes in
      bytes.writeFullBox("tfhd", flags: 0x3b) {
        $0.writeInteger(UInt32(9))
        $0.writeInteger(UInt64(1 << 40))
        $0.writeInteger(UInt32(2))
        $0.writeInteger(UInt32(3))
        $0.writeInteger(UInt32(4))
        $0.writeInteger(UInt32(5))
      }
    }
    let header = try TrackFragmentHeaderBox(onlyBox(bytes))
    #expect(header.trackID == 9)
    #expect(header.baseDataOffset == 1 << 40)
    #expect(header.descriptionIndex == 2)
    #expect(header.duration == 3)
    #expect(header.size == 4)
    #expect(header.flags == 5)
    #expect(!header.defaultBaseIsMoof)
    try refusesCuts(bytes) { _ = try TrackFragmentHeaderBox($0) }
  }
}
