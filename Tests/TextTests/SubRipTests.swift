import NIOCore
import Testing

@testable import Text

struct SubRipTests {
  @Test func `cues come in order with their styles`() throws {
    let list = try read(Inputs.subRip)
    #expect(list.cues.map(\.start) == [500, 1000, 5000])
    #expect(list.cues.map(\.end) == [2500, 2000, 6000])
    #expect(list.cues[0] == Cue(start: 500, end: 2500, text: "No number", settings: "line:0"))
    #expect(
      list.cues[1].text
        == "<b>Bold <i>both</i></b><i> it</i> &amp; <c.colorff8800>or</c>")
    #expect(list.cues[2].text == "a --&gt; b\nsecond")
    #expect(list.blocks == ["STYLE\n::cue(.colorff8800) { color: #ff8800 }"])
    #expect(list.notes == ["a position in pixels (X1 to Y2) is left out"])
  }

  @Test(arguments: [
    ("00:00:01,000 --> 00:00:02,000", 1000, 2000),
    ("0:0:1,5-->0:0:2.25", 1500, 2250),
    ("00:01,000 --> 00:02,000", 1000, 2000),
    ("00:00:01 --> 00:00:02", 1000, 2000),
    (" 100:00:00,000  -->  100:00:00,001 ", 360_000_000, 360_000_001),
    ("-00:00:01,000 --> 00:00:02,000", -1000, 2000),
  ])
  func `times are read as people write them`(line: String, start: Int64, end: Int64) throws {
    let times = try #require(SubRipReader.times(Array(line.utf8)[...]))
    #expect(times.start == start)
    #expect(times.end == end)
  }

  @Test(arguments: ["00:00:01,000", "a --> b", "--> 00:00:01,000", "1 --> 2", "00:00:01,000 -->"])
  func `other lines are no times`(line: String) {
    #expect(SubRipReader.times(Array(line.utf8)[...]) == nil)
  }

  @Test func `line ends, empty lines in a text and missing ones are read`() throws {
    let list = try read(
      "1\r\n00:00:01,000 --> 00:00:02,000\r\na\r\n \r\nb\r\n2\r\n00:00:03,000 --> 00:00:04,000\r\nc"
        + "\r\n\r\n1984\r\n\r\n3\r\n00:00:05,000 --> 00:00:06,000\r\n1985")
    #expect(list.texts == ["a\nb", "c\n1984", "1985"])
  }

  @Test func `cues that end before they begin are left out, and said`() throws {
    let list = try read(
      "1\n00:00:02,000 --> 00:00:01,000\na\n\n2\n00:00:03,000 --> 00:00:03,000\nb\n")
    #expect(list.cues.isEmpty)
    #expect(list.notes == ["a cue whose end is not after its start is left out (2 times)"])
  }

  @Test(arguments: [
    ("1 < 2 > 0", "1 &lt; 2 &gt; 0"), ("&amp; &lt; & &x;", "&amp; &lt; &amp; &amp;x;"),
    ("<i>open", "<i>open</i>"), ("</b>closed", "closed"), ("<x>y</x>", "&lt;x&gt;y&lt;/x&gt;"),
    ("<FONT COLOR='Red'>a</FONT>", "<c.red>a</c>"), ("{not a tag}", "{not a tag}"),
    ("{\\i1}a{\\i0}b", "<i>a</i>b"), ("a<br>b", "a\nb"), ("a\\Nb", "a\nb"),
    ("{y:i}", "{y:i}"), ("{i}a{/i}", "<i>a</i>"), ("<", "&lt;"), ("{", "{"), ("&", "&amp;"),
  ])
  func `text is escaped once and its tags are balanced`(text: String, rendered: String) throws {
    let list = try read("1\n00:00:01,000 --> 00:00:02,000\n\(text)\n")
    #expect(list.texts == [rendered])
  }

  @Test(arguments: [
    (1, "line:99% x", "position:5% align:left"), (3, "", "position:95% align:right"),
    (8, "", "line:0"), (5, "", "line:47.34%"),
  ])
  func `keys of the number pad are places`(key: Int, _: String, settings: String) throws {
    let list = try read("1\n00:00:01,000 --> 00:00:02,000\n{\\an\(key)}a\n")
    #expect(list.cues.map(\.settings) == [settings])
  }

  @Test func `a text above the limit is refused with its line`() {
    let text = String(repeating: "a", count: CueList.maximumTextByteCount)
    #expect(throws: TextError.self) { try read("1\n00:00:01,000 --> 00:00:02,000\n\(text)b\n") }
  }
}
