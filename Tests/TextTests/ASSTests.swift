import MediaCore
import NIOCore
import Testing

@testable import Text

struct ASSTests {
  @Test func `styles and overrides become tags and settings`() throws {
    let list = try read(Inputs.ass)
    #expect(
      list.cues == [
        Cue(start: 1000, end: 2500, text: "Hello, <i>world</i>\nsecond &lt;line&gt;"),
        Cue(
          start: 3000, end: 4500,
          text: "<c.yellow><b>ka</b></c><c.colorff8000><b>oke</b></c>",
          settings: "line:47% position:25%"),
      ])
    #expect(list.notes == ["karaoke is left out", "a drawing is left out"])
  }

  @Test func `lines of Matroska are read with the script of their track`() throws {
    let samples = [
      SubtitleSamples.Sample(
        start: 0, end: 500,
        payload: ByteBuffer(string: "0,0,Top ,Olly,,,,,This, is the first subtitle."))
    ]
    let list = try SubtitleSamples.read(
      samples, coding: .ass, record: ByteBuffer(string: Inputs.ass))
    #expect(
      list.cues == [
        Cue(
          start: 0, end: 500, text: "<c.yellow><b>This, is the first subtitle.</b></c>",
          settings: "line:0")
      ])
  }

  @Test(arguments: [
    ("{\\an7}a", "line:0 position:2% align:left"), ("{\\a6}a", "line:0"), ("{\\an2}a", ""),
    ("{\\pos(640,700)}a", "line:92% position:50%"), ("{\\move(0,0,9,9)}a", "line:0% position:0%"),
    ("{\\an9\\an1}a", "line:0 position:98% align:right"), ("{\\pos(a,b)}a", ""), ("{\\pos}a", ""),
  ])
  func `places are kept roughly`(text: String, settings: String) throws {
    let list = try read(
      "[Script Info]\nPlayResX: 1280\nPlayResY: 720\n[Events]\n"
        + "Dialogue: 0,0:00:00.00,0:00:01.00,Default,,0,0,0,,\(text)\n")
    #expect(list.cues.map(\.settings) == [settings])
  }

  @Test(arguments: [
    ("a\\Nb\\nc\\hd", "a\nb c\u{A0}d"), ("{comment}a", "a"), ("{unclosed", "{unclosed"),
    ("{\\b700}a{\\b0}b", "<b>a</b>b"), ("{\\1c&HFF&}a{\\c}b", "<c.red>a</c>b"),
    ("{\\u1}a{\\r}b", "<u>a</u>b"), ("a\\N\\N b ", "a\nb"), ("{\\t(0,100,\\b1)}a", "a"),
    ("{\\fnArial\\fs20\\blur3}a", "a"), ("\\", "\\"),
  ])
  func `overrides are read or passed over`(text: String, rendered: String) throws {
    let list = try read(
      "[Script Info]\n[Events]\nDialogue: 0,0:00:00.00,0:00:01.00,Default,,0,0,0,,\(text)\n")
    #expect(list.texts == [rendered])
  }

  @Test func `the old version counts alignment otherwise`() throws {
    let list = try read(
      """
      [Script Info]
      [V4 Styles]
      Format: Name, PrimaryColour, Bold, Alignment
      Style: *Default,16777215,0,6
      [Events]
      Format: Marked, Start, End, Style, Text
      Dialogue: Marked=0,0:00:00.00,0:00:01.00,*Default,top
      """)
    #expect(list.cues.map(\.settings) == ["line:0"])
  }
}
