import MediaCore
import NIOCore
import Testing

@testable import Text

struct WebVTTTests {
  @Test func `cues, blocks and settings are kept as they are written`() throws {
    let list = try read(Inputs.webVTT)
    #expect(
      list.blocks == [
        "REGION\nid:fred\nwidth:40%\nlines:3\nviewportanchor:10%,90%",
        "STYLE\n::cue(b) { color: red }",
      ])
    #expect(
      list.cues == [
        Cue(
          start: 500, end: 1500, id: "first",
          text: "<v Fred>Hi <b>there</b> &amp; <00:00:01.000>bye",
          settings: "line:80% align:start"),
        Cue(
          start: 2500, end: 3500, text: "<ruby>漢<rt>kan</rt></ruby> <lang en>x</lang>",
          settings: "region:fred"),
      ])
    #expect(list.mediaClock == 1000)
  }

  @Test func `what is rendered reads back the same`() throws {
    let list = Inputs.list
    let text = WebVTTSegment.render(list, from: 0, to: 10_000)
    #expect(try read(text) == list)
  }

  @Test func `a segment has the cues of its time, whole, and the blocks`() {
    #expect(
      WebVTTSegment.render(Inputs.list, from: 3000, to: 6001) == """
        WEBVTT

        STYLE
        ::cue(b) { color: red }

        one
        00:00:00.000 --> 00:00:04.000 line:0
        <b>Long</b> &amp; &lt;wide&gt;

        00:00:06.000 --> 00:00:08.000
        <i>after a gap</i>


        """)
    #expect(WebVTTSegment.render(CueList(), from: 0, to: 6000) == "WEBVTT\n\n")
  }

  @Test func `segments put together are one file`() throws {
    let index = CueIndex(Inputs.list)
    var text = ""
    for from in stride(from: Int64(0), to: 10_000, by: 2000) {
      text += WebVTTSegment.render(index, from: from, to: from + 2000)
    }
    #expect(try read(text) == Inputs.list)
  }

  @Test(arguments: [
    ("00:00.000 --> 00:01.000", true), ("1:00:00.000 --> 1:00:01.000", true),
    ("999:00:00.000 --> 999:00:01.000", true), ("00:00.000-->00:01.000", true),
    ("\t00:00.000\t-->\t00:01.000\talign:start", true), ("00:00,000 --> 00:01.000", false),
    ("00:60.000 --> 01:01.000", false), ("00:00.00 --> 00:01.000", false),
    ("0:00.000 --> 0:01.000", false), ("00:00.000 -> 00:01.000", false),
    ("00:00.000 --> ", false), ("00:00:00:00.000 --> 00:01.000", false),
  ])
  func `times are read as the parser of the standard reads them`(line: String, isRead: Bool) {
    #expect((WebVTTReader.timings(Array(line.utf8)[...]) != nil) == isRead)
  }

  @Test(arguments: [
    ("WEBVTT", 0), ("WEBVTT\n00:00.000 --> 00:01.000\na", 1),
    ("WEBVTT\r\r00:00.000 --> 00:01.000\ra", 1),
    ("\u{FEFF}WEBVTT\n\nid\n00:00.000 --> 00:01.000\na\n00:01.000 --> 00:02.000\nb", 2),
    ("WEBVTT\n\nNOTE\n00:00.000 --> 00:01.000\na", 1),
    ("WEBVTT\n\nx\ny\n00:00.000 --> 00:01.000\na", 1),
    ("WEBVTT\n\nSTYLE\n00:00.000 --> 00:01.000\na", 1), ("WEBVTT\n\nbad --> time\na\n\nNOTE", 0),
  ])
  func `blocks begin and end where the standard says`(text: String, count: Int) throws {
    #expect(try read(text).cues.count == count)
  }

  @Test(arguments: ["WEBVTTx\n", "", " WEBVTT\n", "webvtt\n"])
  func `what has no signature is no WebVTT`(text: String) {
    #expect(throws: TextError.self) { try read(text) }
  }

  @Test func `a style after the first cue is left out, and said`() throws {
    let list = try read("WEBVTT\n\n00:00.000 --> 00:01.000\na\n\nSTYLE\n::cue {}\n")
    #expect(list.blocks.isEmpty)
    #expect(list.notes == ["line 6: a STYLE or REGION block after the first cue is left out"])
  }

  @Test func `repeated headers each bring their own clock`() throws {
    let list = try read(
      """
      WEBVTT
      X-TIMESTAMP-MAP=MPEGTS:180000,LOCAL:00:00:00.000

      00:00.000 --> 00:01.000
      a

      WEBVTT
      X-TIMESTAMP-MAP=LOCAL:00:00:01.000,MPEGTS:450000

      00:01.000 --> 00:02.000
      b
      """)
    #expect(list.cues.map(\.start) == [0, 3000])
    #expect(list.mediaClock == 2000)
    // Ticks of the media's beginning, also after the clock's 33 bits, and before them.
    for ticks in [90000, 90000 + (1 << 33), 90000 - (1 << 33)] as [Int64] {
      #expect(list.offset(clock: MediaTime(ticks, Timescale(literal: 90000))) == 1000)
    }
    #expect(list.offset(clock: MediaTime((1 << 33) - 90000, Timescale(literal: 90000))) == 3000)
    #expect(CueList().offset(clock: MediaTime(.max, Timescale(literal: 1))) == 0)
  }

  @Test func `a segment is moved with all times in it`() throws {
    let segment = """
      WEBVTT

      STYLE
      ::cue { color: red }

      one
      00:00:01.000 --> 00:00:02.500 line:1
      first <00:00:01.500>then

      59:59.000 --> 01:00:00.000
      00:00:01.000

      """
    let moved = try WebVTTSegment.moved(ByteBuffer(string: segment), byMilliseconds: 3_600_250)
    #expect(moved.hasPrefix("WEBVTT\n\nSTYLE\n::cue { color: red }\n\none\n"))
    #expect(moved.contains("\n01:00:01.250 --> 01:00:02.750 line:1\nfirst <01:00:01.750>then"))
    #expect(moved.contains("\n01:59:59.250 --> 02:00:00.250\n00:00:01.000\n"))
    #expect(
      try WebVTTSegment.moved(ByteBuffer(string: "WEBVTT\n\n"), byMilliseconds: 5) == "WEBVTT\n\n")
    #expect(throws: TextError.self) {
      try WebVTTSegment.moved(ByteBuffer(string: "no subtitles"), byMilliseconds: 5)
    }
  }
}
