import ISOBMFF
import NIOCore
import Testing

@Suite struct TextSampleEntryTests {
  private func box(_ entry: TextSampleEntry) throws -> Box {
    var bytes = ByteBuffer()
    entry.write(into: &bytes)
    return try #require(Box.sequence(in: bytes, offset: 0, place: "stsd").first)
  }

  static let entries: [TextSampleEntry] = [
    .webVTT(configuration: ByteBuffer(string: "WEBVTT")),
    .webVTT(configuration: ByteBuffer(string: "WEBVTT\n\nSTYLE\n::cue { color: lime }")),
    .ttml(.imsc1Text),
    .ttml(TTMLSampleEntry(namespace: "http://www.w3.org/ns/ttml urn:other")),
    .ttml(
      TTMLSampleEntry(
        namespace: TTMLSampleEntry.ttmlNamespace, schemaLocation: "a.xsd",
        auxiliaryMIMETypes: "image/png font/woff", mimeType: "application/ttml+xml;codecs=im2t")),
  ]

  @Test(arguments: entries)
  func `an entry is read as it was written`(entry: TextSampleEntry) throws {
    #expect(try TextSampleEntry(box(entry)) == entry)
  }

  @Test(arguments: entries)
  func `an entry cut anywhere is refused or read without a trap`(entry: TextSampleEntry) throws {
    let whole = try box(entry)
    for count in 0..<whole.payload.readableBytes {
      var cut = whole
      cut.payload = try #require(
        whole.payload.getSlice(at: whole.payload.readerIndex, length: count))
      _ = try? TextSampleEntry(cut)
    }
  }

  @Test func `WebVTT without its header is refused`() throws {
    var bytes = ByteBuffer()
    bytes.writeBox("wvtt") { $0.writeRepeatingByte(0, count: 8) }
    let box = try #require(Box.sequence(in: bytes, offset: 0, place: "stsd").first)
    let error = #expect(throws: ISOBMFFError.self) { try TextSampleEntry(box) }
    #expect(error?.code == .missing)
  }

  @Test(
    arguments: [
      (nil, "stpp"), ("application/ttml+xml", "stpp"),
      ("application/ttml+xml;codecs=im1t", "stpp.ttml.im1t"),
      ("application/ttml+xml; codecs=\"im1t|etd1\"", "stpp.ttml.im1t|etd1"),
      ("application/ttml+xml;codecs=stpp.ttml.im2t", "stpp.ttml.im2t"),
      ("application/ttml+xml;codecs=a\"b,c", "stpp"), ("application/ttml+xml;codecs=", "stpp"),
    ] as [(String?, String)])
  func `the codec string names the profile`(type: String?, codecs: String) {
    let entry = TTMLSampleEntry(namespace: TTMLSampleEntry.ttmlNamespace, mimeType: type)
    #expect(entry.codecs == codecs)
  }
}
