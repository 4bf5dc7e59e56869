import CMAF
import ISOBMFF
import MediaCore
import NIOCore
import Testing

@Suite struct CMAFHeaderTests {
  static let avc = CMAFHeader(
    timescale: Timescale(literal: 24000), language: "und",
    entry: .video(
      VisualSampleEntry(
        type: "avc1", width: 1920, height: 1080, configurationType: "avcC",
        configuration: ByteBuffer(bytes: [1, 0x64, 0, 0x28, 0xff, 0xe0, 0]), colour: nil,
        pixelAspectRatio: nil)),
    displayWidth: 1920, displayHeight: 1080, hasNonSyncSamples: true)

  static let hevc = CMAFHeader(
    timescale: Timescale(literal: 60), language: "zho",
    entry: .video(
      VisualSampleEntry(
        type: "hvc1", width: 3840, height: 2160, configurationType: "hvcC",
        configuration: ByteBuffer(bytes: [1, 2] + [UInt8](repeating: 0, count: 21)),
        colour: ColourInformation(primaries: 9, transfer: 16, matrix: 9, isFullRange: false),
        pixelAspectRatio: Rational(4, 3))),
    displayWidth: 5120, displayHeight: 2160,
    matrix: TransformationMatrix(elements: [0, 65536, 0, -65536, 0, 0, 0, 0, 0x4000_0000]),
    hasNonSyncSamples: true)

  static let aac = CMAFHeader(
    timescale: Timescale(literal: 48000), language: "deu",
    entry: .audio(
      AudioSampleEntry(
        type: "mp4a", channelCount: 2, sampleRate: 48000, configurationType: "esds",
        configuration: ByteBuffer(bytes: [
          0, 0, 0, 0, 3, 25, 0, 1, 0, 4, 17, 0x40, 0x15, 0, 0, 0, 0, 2, 0, 0, 0, 1, 0xf4, 0, 5, 2,
          0x11, 0x90, 6, 1, 2,
        ]))),
    mediaStart: 1024, hasNonSyncSamples: false, rollDistance: -1)

  @Test(arguments: [("avc", Self.avc), ("hevc", Self.hevc), ("aac", Self.aac)])
  func `a header has the boxes of its golden`(_ name: String, _ header: CMAFHeader) throws {
    try Goldens.expect(try BoxTree(header.bytes).text, is: "header-\(name).txt")
    #expect(header.bytes == header.bytes)
  }

  @Test func `the brand says whether there is an edit list`() throws {
    var header = Self.aac
    let brands = { (header: CMAFHeader) in
      try FileTypeBox(try #require(try Box.sequence(in: header.bytes).first)).compatibleBrands
    }
    #expect(try !brands(header).contains("cmf2"))
    header.mediaStart = 0
    #expect(try brands(header).contains("cmf2"))
    #expect(try !BoxTree(header.bytes).text.contains("elst"))
  }

  @Test func `only tracks with other samples than sync samples have stss`() throws {
    var header = Self.avc
    #expect(try BoxTree(header.bytes).text.contains("stss"))
    header.hasNonSyncSamples = false
    #expect(try !BoxTree(header.bytes).text.contains("stss"))
  }
}
