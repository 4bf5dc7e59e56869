import CMAF
import ISOBMFF
import MediaCore
import NIOCore
import Testing

@Suite struct TextHeaderTests {
  private func header(_ entry: TextSampleEntry) throws -> (type: FileTypeBox, mdia: Box) {
    let bytes = CMAFHeader(
      timescale: Timescale(literal: 24000), language: "deu", entry: .text(entry),
      hasNonSyncSamples: false
    ).bytes
    let boxes = try Box.sequence(in: bytes, offset: 0, place: "header")
    #expect(boxes.map(\.type) == ["ftyp", "moov"])
    return (try FileTypeBox(boxes[0]), try boxes[1].required("trak").required("mdia"))
  }

  @Test(
    arguments: [
      (TextSampleEntry.webVTT(configuration: ByteBuffer(string: "WEBVTT")), "text", "nmhd", "cwvt"),
      (.ttml(.imsc1Text), "subt", "sthd", "im1t"),
    ] as [(TextSampleEntry, FourCC, FourCC, FourCC)])
  func `subtitles have their handler, media header and brand`(
    entry: TextSampleEntry, handler: FourCC, mediaHeader: FourCC, brand: FourCC
  ) throws {
    let (type, mdia) = try header(entry)
    #expect(type.compatibleBrands == ["iso6", "mp41", "cmfc", "cmf2", "dash", brand])
    #expect(try HandlerBox(mdia.required("hdlr")).handlerType == handler)
    let minf = try mdia.required("minf")
    #expect(try minf.children().map(\.type) == [mediaHeader, "dinf", "stbl"])
    let stbl = try minf.required("stbl")
    #expect(try stbl.children().map(\.type) == ["stsd", "stts", "stsc", "stsz", "stco"])
    let entries = try stbl.required("stsd").children(after: 8)
    #expect(try entries.map { try TextSampleEntry($0) } == [entry])
  }
}
