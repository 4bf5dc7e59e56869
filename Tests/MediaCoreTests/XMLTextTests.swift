import MediaCore
import Testing

struct XMLTextTests {
  @Test(arguments: ["plain", "a < b & c > \"d\"", "tab\tline\r\n", "斗拱 é", ""])
  func `what is escaped is read back`(text: String) {
    #expect(XMLText.unescaped(Array(XMLText.escaped(text).utf8)[...]) == text)
  }

  @Test func `what XML cannot hold becomes the replacement character`() {
    #expect(XMLText.escaped("a\u{1}\u{FFFE}") == "a\u{FFFD}\u{FFFD}")
  }

  @Test(arguments: [
    "&", "&;", "&nbsp;", "&#0;", "&#1;", "&#xD800;", "&#+65;", "&#x110000;", "&amp",
    "&#99999999999;",
  ])
  func `a reference that is not known is none`(text: String) {
    #expect(XMLText.unescaped(Array(text.utf8)[...]) == nil)
  }

  @Test func `references by number`() {
    #expect(XMLText.unescaped(Array("&#65;&#x42;&apos;&#10;".utf8)[...]) == "AB'\n")
  }
}
