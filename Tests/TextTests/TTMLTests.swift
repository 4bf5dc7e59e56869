import MediaCore
import NIOCore
import Testing

@testable import Text

struct TTMLTests {
  /// A document around a body.
  private func document(_ body: String, _ attributes: String = "", head: String = "") -> String {
    """
    <tt xmlns="http://www.w3.org/ns/ttml" xmlns:tts="http://www.w3.org/ns/ttml#styling" \
    xmlns:ttp="http://www.w3.org/ns/ttml#parameter" xml:lang="en" \(attributes)>\(head)\(body)</tt>
    """
  }

  @Test func `times, styles and regions are resolved`() throws {
    let list = try read(Inputs.ttml)
    #expect(
      list.cues == [
        Cue(
          start: 11_200, end: 12_500, text: "<c.yellow><i>Eins</i></c>\nzwei &amp; drei",
          settings: "line:10%"),
        Cue(start: 13_000, end: 15_000, text: "vier", settings: "align:left"),
      ])
  }

  @Test(arguments: [
    ("12.5s", "", 12_500), ("00:00:12.5", "", 12_500), ("100ms", "", 100), ("1.5m", "", 90_000),
    ("1h", "", 3_600_000), ("30f", "", 1000), ("30f", "ttp:frameRate=\"25\"", 1200),
    ("00:00:01:15", "", 1500), ("90000t", "ttp:tickRate=\"90000\"", 1000), ("3t", "", 3000),
    ("50t", "ttp:frameRate=\"25\"", 2000),
    ("30f", "ttp:frameRate=\"30\" ttp:frameRateMultiplier=\"1000 1001\"", 1001),
    (
      "00:01:00:00",
      "ttp:timeBase=\"smpte\" ttp:frameRate=\"30\" ttp:frameRateMultiplier=\"1000 1001\"", 60_060
    ),
    (
      "00:01:00:02",
      "ttp:timeBase=\"smpte\" ttp:frameRate=\"30\" ttp:frameRateMultiplier=\"1000 1001\" ttp:dropMode=\"dropNTSC\"",
      60_060
    ),
    ("10:00:00.000", "", 36_000_000),
  ])
  func `time expressions are read`(text: String, attributes: String, time: Int64) throws {
    let root = try TTMLParser.parse(Array(document("", attributes).utf8))
    #expect(TTMLTime(root).milliseconds(text) == time)
  }

  @Test(arguments: ["", "1", "1x", "1:2", "a:b:c", "00:61:00", "-1s", "99999999999999s", "1..2s"])
  func `other expressions are no times`(text: String) throws {
    let root = try TTMLParser.parse(Array(document("").utf8))
    #expect(TTMLTime(root).milliseconds(text) == nil)
  }

  @Test func `times count from what is around, in parallel and in sequence`() throws {
    let list = try read(
      document(
        """
        <body begin="1s"><div begin="1s" end="8s"><p begin="1s">to the end</p></div>
        <div begin="10s" timeContainer="seq"><p dur="1s">a</p><p begin="1s" dur="1s">b</p></div>
        </body>
        """))
    #expect(list.cues.map(\.start) == [3000, 11_000, 13_000])
    #expect(list.cues.map(\.end) == [9000, 12_000, 14_000])
  }

  @Test func `spans with times of their own show in turn`() throws {
    let list = try read(
      document(
        """
        <body><div><p begin="0s" end="3s"><span end="2s">a</span><br/><span begin="1s">b</span></p>
        </div></body>
        """))
    #expect(
      list.cues == [
        Cue(start: 0, end: 1000, text: "a"), Cue(start: 1000, end: 2000, text: "a\nb"),
        Cue(start: 2000, end: 3000, text: "b"),
      ])
  }

  @Test func `white space is collapsed or kept`() throws {
    let list = try read(
      document(
        """
        <body><div><p begin="0s" end="1s">
          a <span> b</span>
          c</p><p begin="1s" end="2s" xml:space="preserve">a  b</p></div></body>
        """))
    #expect(list.texts == ["a b c", "a  b"])
  }

  @Test func `the image profile is refused by name`() {
    for text in [
      document(
        "<body/>", "ttp:profile=\"http://www.w3.org/ns/ttml/profile/imsc1/image\""),
      document(
        "<body><div xmlns:smpte=\"s\" smpte:backgroundImage=\"#a\" begin=\"0s\" end=\"1s\"/></body>"
      ),
    ] {
      let error = #expect(throws: TextError.self) { try read(text) }
      #expect(error?.code == .unsupported)
      #expect(error?.message.contains("image profile of IMSC") == true)
    }
  }

  @Test func `a document type, depth and loops of styles have an end`() throws {
    #expect(throws: TextError.self) { try read("<!DOCTYPE tt [<!ENTITY a 'b'>]><tt/>") }
    let deep = String(repeating: "<div>", count: 100)
    let error = #expect(throws: TextError.self) { try read(document("<body>\(deep)")) }
    #expect(error?.code == .limit)
    let loop = try read(
      document(
        "<body><div><p begin=\"0s\" end=\"1s\" style=\"a\">x</p></div></body>",
        head: """
          <head><styling><style xml:id="a" style="b"/><style xml:id="b" style="a"/></styling></head>
          """))
    #expect(loop.texts == ["x"])
  }

  @Test func `what is rendered reads back the same`() throws {
    var list = Inputs.list
    list.blocks = []
    list.cues[0].id = nil
    list.cues[0].settings = "line:0%"
    list.cues[1].settings = "line:70% position:20% align:left"
    let document = TTMLDocument.render(list, from: 0, to: 10_000, language: "en")
    #expect(try SubtitleFile.read(document) == list)
  }

  @Test(arguments: [10_000, 2000, 700] as [Int64])
  func `documents over time read back as one track`(step: Int64) throws {
    var list = Inputs.list
    list.blocks = []
    list.cues[0].id = nil
    list.cues[0].settings = "line:0%"
    var samples: [SubtitleSamples.Sample] = []
    for from in stride(from: 0, to: Int64(10_000), by: Int64.Stride(step)) {
      samples.append(
        SubtitleSamples.Sample(
          start: from, end: from + step,
          payload: TTMLDocument.render(list, from: from, to: from + step, language: "")))
    }
    #expect(try SubtitleSamples.read(samples, coding: .ttml, record: ByteBuffer()) == list)
  }

  @Test func `colours, languages and ruby are written`() throws {
    let list = CueList(cues: [
      Cue(
        start: 0, end: 1000,
        text: "<c.red.bg_blue>a</c><lang fr>b</lang><ruby>漢<rt>kan</rt></ruby>", settings: "")
    ])
    let text = String(buffer: TTMLDocument.render(list, from: 0, to: 1000, language: "a\"&<b"))
    #expect(text.contains("tts:color=\"#ff0000\" tts:backgroundColor=\"#0000ff\">a</span>"))
    #expect(text.contains("xml:lang=\"fr\">b</span>"))
    #expect(text.contains(">(kan)</span>"))
    #expect(text.contains("xml:lang=\"a&quot;&amp;&lt;b\""))
  }

  @Test func `a document without cues is still a document`() throws {
    let document = TTMLDocument.render(CueList(), from: 0, to: 1000, language: "en")
    #expect(try SubtitleFile.read(document).cues.isEmpty)
  }
}
