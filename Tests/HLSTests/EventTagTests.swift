import HLS
import MediaCore
import Testing

@Suite struct EventTagTests {
  static let epoch = ProgramDateTime(millisecondsSince1970: 0)

  static var media: MediaPlaylist {
    var playlist = MediaPlaylist(
      targetDuration: 2,
      segments: [
        MediaSegment(
          duration: MediaTime(2, Timescale(literal: 1)), uri: "1.m4s?t={$t}",
          programDateTime: epoch)
      ])
    playlist.definitions = [
      .value(name: "base", value: "https://a/b"), .imported(name: "x-y_1"),
      .queryParameter(name: "t"),
    ]
    playlist.start = StartPoint(offsetMicroseconds: -1_500_000, isPrecise: true)
    playlist.dateRanges = [
      DateRange(
        id: "splice-7", className: "com.example.ad", start: epoch,
        end: ProgramDateTime(millisecondsSince1970: 30_030), duration: 30_030_000,
        plannedDuration: 30_000_000, spliceOut: [0xFC, 0x30, 0x0A], spliceIn: [0xFC],
        attributes: [
          ("X-TITLE", .text("a \"b\" {$c}")), ("X-BYTES", .bytes([0, 255])),
          ("X-NUMBER", .microseconds(1_250_000)),
        ]),
      DateRange(id: "b", className: "c", start: epoch, endsOnNext: true),
      DateRange(id: "c", start: epoch, spliceCommand: [1]),
    ]
    return playlist
  }

  static let text = """
    #EXTM3U
    #EXT-X-VERSION:11
    #EXT-X-TARGETDURATION:2
    #EXT-X-DEFINE:NAME="base",VALUE="https://a/b"
    #EXT-X-DEFINE:IMPORT="x-y_1"
    #EXT-X-DEFINE:QUERYPARAM="t"
    #EXT-X-START:TIME-OFFSET=-1.500000,PRECISE=YES
    #EXT-X-DATERANGE:ID="splice-7",CLASS="com.example.ad",START-DATE="1970-01-01T00:00:00.000Z",END-DATE="1970-01-01T00:00:30.030Z",DURATION=30.030000,PLANNED-DURATION=30.000000,X-TITLE="a 'b' { $c}",X-BYTES=0x00FF,X-NUMBER=1.250000,SCTE35-OUT=0xFC300A,SCTE35-IN=0xFC
    #EXT-X-DATERANGE:ID="b",CLASS="c",START-DATE="1970-01-01T00:00:00.000Z",END-ON-NEXT=YES
    #EXT-X-DATERANGE:ID="c",START-DATE="1970-01-01T00:00:00.000Z",SCTE35-CMD=0x01
    #EXT-X-PROGRAM-DATE-TIME:1970-01-01T00:00:00.000Z
    #EXTINF:2.000000,
    1.m4s?t={$t}

    """

  @Test func `date ranges, variables and a start are written and read back`() throws {
    #expect(Self.media.render() == Self.text)
    var expected = Self.media
    // Quotes and references cannot stand in a quoted string, so they are not read back.
    expected.dateRanges[0].attributes[0].value = .text("a 'b' { $c}")
    expected.segments[0].duration = MediaTime(2_000_000, Timescale(literal: 1_000_000))
    #expect(try MediaPlaylist(parsing: Self.text) == expected)
  }

  @Test func `session data, variables and a start stand before the streams`() throws {
    var playlist = MultivariantPlaylist(variants: [VariantStream(bandwidth: 1, uri: "v?{$q}")])
    playlist.definitions = [.value(name: "q", value: "1")]
    playlist.start = StartPoint(offsetMicroseconds: 12_000_000)
    playlist.sessionData = [
      SessionData(dataID: "com.apple.hls.chapters", content: .json(uri: "chapters.json")),
      SessionData(dataID: "a.title", content: .value("Film"), language: "de"),
      SessionData(dataID: "a.title", content: .value("Movie"), language: "en"),
      SessionData(dataID: "a.raw", content: .raw(uri: "x.bin")),
    ]
    let text = """
      #EXTM3U
      #EXT-X-VERSION:8
      #EXT-X-DEFINE:NAME="q",VALUE="1"
      #EXT-X-START:TIME-OFFSET=12.000000
      #EXT-X-SESSION-DATA:DATA-ID="com.apple.hls.chapters",URI="chapters.json"
      #EXT-X-SESSION-DATA:DATA-ID="a.title",VALUE="Film",LANGUAGE="de"
      #EXT-X-SESSION-DATA:DATA-ID="a.title",VALUE="Movie",LANGUAGE="en"
      #EXT-X-SESSION-DATA:DATA-ID="a.raw",URI="x.bin",FORMAT=RAW
      #EXT-X-STREAM-INF:BANDWIDTH=1
      v?{$q}

      """
    #expect(playlist.render() == text)
    #expect(try MultivariantPlaylist(parsing: text) == playlist)
  }

  @Test(
    arguments: [
      ("#EXT-X-SESSION-DATA:DATA-ID=\"a\"", HLSError.Code.syntax),
      ("#EXT-X-SESSION-DATA:DATA-ID=\"a\",VALUE=\"b\",URI=\"c\"", .syntax),
      ("#EXT-X-SESSION-DATA:VALUE=\"b\"", .missing),
      ("#EXT-X-SESSION-DATA:DATA-ID=\"a\",URI=\"b\",FORMAT=XML", .syntax),
      (
        "#EXT-X-SESSION-DATA:DATA-ID=\"a\",VALUE=\"b\"\n#EXT-X-SESSION-DATA:DATA-ID=\"a\",VALUE=\"c\"",
        .duplicate
      ),
      ("#EXT-X-START:PRECISE=YES", .missing),
      ("#EXT-X-START:TIME-OFFSET=x", .syntax),
      ("#EXT-X-START:TIME-OFFSET=1\n#EXT-X-START:TIME-OFFSET=1", .duplicate),
      ("#EXT-X-DEFINE:NAME=\"a\",VALUE=\"b\"", .version),
      ("#EXT-X-VERSION:10\n#EXT-X-DEFINE:QUERYPARAM=\"a\"", .version),
      ("#EXT-X-VERSION:8\n#EXT-X-DEFINE:NAME=\"a\"", .missing),
      ("#EXT-X-VERSION:8\n#EXT-X-DEFINE:NAME=\"a\",IMPORT=\"b\"", .syntax),
      ("#EXT-X-VERSION:8\n#EXT-X-DEFINE:IMPORT=\"a b\"", .syntax),
      ("#EXT-X-VERSION:8\n#EXT-X-DEFINE:IMPORT=\"a\"\n#EXT-X-DEFINE:IMPORT=\"a\"", .duplicate),
      ("#EXT-X-SESSION-DATA:DATA-ID=\"a\",VALUE=\"{$b}\"", .missing),
    ] as [(String, HLSError.Code)])
  func `what cannot stand in a multivariant playlist is refused`(
    _ lines: String, _ code: HLSError.Code
  ) throws {
    let text = "#EXTM3U\n\(lines)\n#EXT-X-STREAM-INF:BANDWIDTH=1\nv\n"
    let error = try #require(throws: HLSError.self) { try MultivariantPlaylist(parsing: text) }
    #expect(error.code == code, "\(error)")
  }

  @Test(
    arguments: [
      ("START-DATE=\"1970-01-01T00:00:00Z\"", HLSError.Code.missing),
      ("ID=\"a\"", .missing),
      ("ID=\"a\",START-DATE=\"yesterday\"", .syntax),
      ("ID=\"a\",START-DATE=\"1970-01-01T00:00:00Z\",DURATION=-1", .syntax),
      ("ID=\"a\",START-DATE=\"1970-01-01T00:00:00Z\",SCTE35-OUT=FC30", .syntax),
      ("ID=\"a\",START-DATE=\"1970-01-01T00:00:00Z\",SCTE35-OUT=0xFC3", .syntax),
      ("ID=\"a\",START-DATE=\"1970-01-01T00:00:00Z\",X-A=b", .syntax),
      ("ID=\"a\",START-DATE=\"1970-01-01T00:00:00Z\",END-ON-NEXT=YES", .syntax),
      (
        "ID=\"a\",START-DATE=\"1970-01-01T00:00:05Z\",END-DATE=\"1970-01-01T00:00:04Z\"", .syntax
      ),
      (
        "ID=\"a\",START-DATE=\"1970-01-01T00:00:00Z\",END-DATE=\"1970-01-01T00:00:04Z\",DURATION=5",
        .syntax
      ),
    ] as [(String, HLSError.Code)])
  func `a date range that cannot be is refused`(_ attributes: String, _ code: HLSError.Code) throws
  {
    let text = """
      #EXTM3U
      #EXT-X-VERSION:3
      #EXT-X-TARGETDURATION:2
      #EXT-X-DATERANGE:\(attributes)
      #EXT-X-PROGRAM-DATE-TIME:1970-01-01T00:00:00.000Z
      #EXTINF:2.0,
      1.ts

      """
    let error = try #require(throws: HLSError.self) { try MediaPlaylist(parsing: text) }
    #expect(error.code == code, "\(error)")
    #expect(error.line == 4)
  }

  @Test func `a date range needs a date of the media`() throws {
    let text = Self.text.replacing(
      "#EXT-X-PROGRAM-DATE-TIME:1970-01-01T00:00:00.000Z\n", with: "")
    let error = try #require(throws: HLSError.self) { try MediaPlaylist(parsing: text) }
    #expect(error.code == .missing)
  }

  @Test func `a playlist cut anywhere is read or refused, never more`() {
    let bytes = Array(Self.text.utf8)
    for end in bytes.indices {
      _ = try? MediaPlaylist(parsing: String(decoding: bytes[..<end], as: UTF8.self))
    }
  }
}
