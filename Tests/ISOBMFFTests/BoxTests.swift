import ISOBMFF
import NIOCore
import Testing

@Suite struct BoxTests {
  private func header(_ size: UInt32, _ large: UInt64? = nil) throws -> BoxHeader? {
    var bytes = ByteBuffer(integer: size)
    bytes.writeCode("mdat")
    if let large { bytes.writeInteger(large) }
    return try BoxHeader(parsing: bytes, where: "test")
  }

  @Test func `sizes of 32 bits, of 64, and to the end`() throws {
    #expect(try header(8)?.byteCount == 8)
    #expect(try header(.max)?.byteCount == Int64(UInt32.max))
    #expect(try header(1, 1 << 40)?.byteCount == 1 << 40)
    #expect(try header(1, 1 << 40)?.headerByteCount == 16)
    #expect(try header(1, UInt64(Int64.max))?.byteCount == .max)
    let open = try #require(try header(0))
    #expect(open.byteCount == nil)
    #expect(open.headerByteCount == 8)
  }

  @Test(arguments: 2...7)
  func `a size below the header is refused`(_ size: UInt32) {
    let error = #expect(throws: ISOBMFFError.self) { try header(size) }
    #expect(error?.code == .badSize)
  }

  @Test(arguments: [0, 1, 8, 15, 1 << 63, UInt64.max])
  func `a 64-bit size below the header or beyond 63 bits is refused`(_ size: UInt64) {
    let error = #expect(throws: ISOBMFFError.self) { try header(1, size) }
    #expect(error?.code == .badSize)
  }

  @Test func `too few bytes are no header`() throws {
    for count in 0..<8 {
      let bytes = ByteBuffer(bytes: [UInt8](repeating: 1, count: count))
      #expect(try BoxHeader(parsing: bytes, where: "test") == nil)
    }
    #expect(try header(1) == nil)
  }

  @Test func `a child that claims more than its parent has is refused with its place`() throws {
    var bytes = ByteBuffer { $0.writeBox("moov") { $0.writeBox("trak") { _ in } } }
    bytes.setInteger(UInt32(9), at: 8)
    let moov = try onlyBox(bytes)
    let error = #expect(throws: ISOBMFFError.self) { try moov.children() }
    #expect(error?.code == .badSize)
    #expect(error?.message.contains("'trak' at byte 8") == true)
    #expect(error?.message.contains("moov at byte 0") == true)
  }

  @Test(arguments: [UInt64(17), 1 << 32, 1 << 62, UInt64(Int64.max)])
  func `a 64-bit claim beyond the end is refused`(_ claim: UInt64) {
    let bytes = ByteBuffer {
      $0.writeInteger(UInt32(1))
      $0.writeCode("free")
      $0.writeInteger(claim)
    }
    #expect(throws: ISOBMFFError.self) { try Box.sequence(in: bytes) }
  }

  @Test func `a 64-bit size that is true is read`() throws {
    let bytes = ByteBuffer {
      $0.writeInteger(UInt32(1))
      $0.writeCode("free")
      $0.writeInteger(UInt64(19))
      $0.writeBytes([1, 2, 3])
    }
    let box = try onlyBox(bytes)
    #expect(box.headerByteCount == 16)
    #expect(box.payload.array == [1, 2, 3])
  }

  @Test func `a last box of size 0 reaches to the end`() throws {
    let bytes = ByteBuffer {
      $0.writeBox("free") { _ in }
      $0.writeInteger(UInt32(0))
      $0.writeCode("mdat")
      $0.writeBytes([1, 2, 3])
    }
    let boxes = try Box.sequence(in: bytes)
    #expect(boxes.map(\.type) == ["free", "mdat"])
    #expect(boxes[1].payload.array == [1, 2, 3])
  }

  @Test func `QuickTime's terminator ends a container, other stray bytes do not`() throws {
    for count in 1...4 {
      var bytes = ByteBuffer { $0.writeBox("free") { _ in } }
      bytes.writeRepeatingByte(0, count: count)
      #expect(try Box.sequence(in: bytes).count == 1)
    }
    for count in 5...7 {
      var bytes = ByteBuffer { $0.writeBox("free") { _ in } }
      bytes.writeRepeatingByte(0, count: count)
      #expect(throws: ISOBMFFError.self) { try Box.sequence(in: bytes) }
    }
  }

  @Test func `children are counted and limited`() throws {
    func moov(_ count: Int) throws -> Box {
      try onlyBox(
        ByteBuffer { $0.writeBox("moov") { for _ in 0..<count { $0.writeBox("free") { _ in } } } })
    }
    #expect(try moov(Box.maximumChildCount).children().count == Box.maximumChildCount)
    let error = #expect(throws: ISOBMFFError.self) {
      try moov(Box.maximumChildCount + 1).children()
    }
    #expect(error?.code == .limit)
  }

  @Test func `children start after own fields`() throws {
    let bytes = ByteBuffer {
      $0.writeFullBox("stsd") {
        $0.writeInteger(UInt32(1))
        $0.writeBox("avc1") { _ in }
      }
    }
    let stsd = try onlyBox(bytes)
    #expect(try stsd.children(after: 8).map(\.path) == ["stsd/avc1"])
    #expect(throws: ISOBMFFError.self) { try stsd.children(after: 17) }
    #expect(throws: ISOBMFFError.self) { try stsd.required("avc1") }
  }

  @Test(arguments: [("free", "free"), ("\u{1}\u{2}az", "\\x01\\x02az")])
  func `types print what can be printed`(_ type: String, _ text: String) {
    #expect(FourCC(stringLiteral: type).description == text)
  }

  @Test func `counts beyond a limit or a zero timescale are refused`() throws {
    let edits = box("elst", [0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff])
    #expect(throws: ISOBMFFError.self) { try EditListBox(edits) }
    let media = box("mdhd", [UInt8](repeating: 0, count: 24))
    let error = #expect(throws: ISOBMFFError.self) { try MediaHeaderBox(media) }
    #expect(error?.code == .badValue)
  }

  @Test(
    arguments: [
      (0, "eng"), (11, "jpn"), (94, "epo"), (95, "und"), (127, "und"), (128, "cym"), (150, "aze"),
      (151, "und"), (0x3ff, "und"), (0x15c7, "eng"), (0x7fff, "und"), (0xffff, "und"),
    ] as [(UInt16, String)])
  func `languages are letters, or the numbers of QuickTime`(
    _ packed: UInt16, _ language: String
  ) throws {
    var payload = [UInt8](repeating: 0, count: 24)
    payload[15] = 1
    payload[20] = UInt8(packed >> 8)
    payload[21] = UInt8(packed & 0xff)
    #expect(try MediaHeaderBox(box("mdhd", payload)).language == language)
  }
}
