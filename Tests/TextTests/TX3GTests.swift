import ISOBMFF
import MediaCore
import NIOCore
import Testing

@testable import Text

struct TX3GTests {
  /// A sample entry's payload with justification and a white or italic font.
  static func record(horizontal: Int8 = 1, vertical: Int8 = -1, flags: UInt8 = 0) -> ByteBuffer {
    var record = ByteBuffer(bytes: [0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0])
    record.writeInteger(horizontal)
    record.writeInteger(vertical)
    record.writeBytes([0, 0, 0, 0xFF, 0, 0, 0, 0, 0, 0, 0, 0])
    record.writeBytes([0, 0, 0, 0, 0, 1, flags, 16, 0xFF, 0xFF, 0xFF, 0xFF])
    return record
  }

  static func sample(_ text: String, styles: [(Int, Int, UInt8)] = []) -> ByteBuffer {
    var payload = ByteBuffer()
    payload.writeInteger(UInt16(text.utf8.count))
    payload.writeString(text)
    guard !styles.isEmpty else { return payload }
    payload.writeBox("styl") {
      $0.writeInteger(UInt16(styles.count))
      for (start, end, flags) in styles {
        $0.writeInteger(UInt16(start))
        $0.writeInteger(UInt16(end))
        $0.writeBytes([0, 1, flags, 16, 0xFF, 0xFF, 0xFF, 0xFF])
      }
    }
    return payload
  }

  private func read(_ payload: ByteBuffer, _ record: ByteBuffer) throws -> CueList {
    try SubtitleSamples.read(
      [SubtitleSamples.Sample(start: 0, end: 1000, payload: payload)], coding: .tx3g,
      record: record)
  }

  @Test func `style records cut the text by characters`() throws {
    let list = try read(
      Self.sample("é & b\nc", styles: [(0, 1, 1), (4, 5, 6)]), Self.record())
    #expect(list.texts == ["<b>é</b> &amp; <i><u>b</u></i>\nc"])
    #expect(list.cues[0].settings.isEmpty)
  }

  @Test func `the record's own style holds where no other does`() throws {
    let list = try read(Self.sample("ab", styles: [(1, 2, 0)]), Self.record(flags: 2))
    #expect(list.texts == ["<i>a</i>b"])
  }

  @Test func `UTF-16 is known by its mark`() throws {
    var payload = ByteBuffer(bytes: [0, 6, 0xFE, 0xFF, 0x00, 0x41, 0x20, 0xAC])
    #expect(try read(payload, Self.record()).texts == ["A€"])
    payload = ByteBuffer(bytes: [0, 4, 0xFF, 0xFE, 0x41, 0x00])
    #expect(try read(payload, Self.record()).texts == ["A"])
  }

  @Test(arguments: [
    (1, -1, ""), (0, 0, ""), (1, 0, "line:0"), (-1, -1, "position:95% align:right"),
  ])
  func `justification is a place`(horizontal: Int8, vertical: Int8, settings: String) throws {
    let list = try read(
      Self.sample("a"), Self.record(horizontal: horizontal, vertical: vertical))
    #expect(list.cues.map(\.settings) == [settings])
  }

  @Test func `empty samples are gaps`() throws {
    #expect(try read(ByteBuffer(bytes: [0, 0]), Self.record()).cues.isEmpty)
  }

  @Test func `a payload cut anywhere never traps`() throws {
    let whole = Self.sample("abc", styles: [(0, 1, 1)])
    for count in 0...whole.readableBytes {
      let cut = whole.getSlice(at: whole.readerIndex, length: count) ?? ByteBuffer()
      _ = try read(cut, Self.record())
    }
    for count in 0...Self.record().readableBytes {
      let record = Self.record()
      let cut = record.getSlice(at: record.readerIndex, length: count) ?? ByteBuffer()
      #expect(try read(Self.sample("abc"), cut).texts == ["abc"])
    }
  }
}
