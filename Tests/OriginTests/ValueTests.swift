import NIOCore
import Testing

@testable import Origin

@Suite struct ValueTests {
  @Test(arguments: [
    (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"),  // RFC 9110 §5.6.7
    (0, "Thu, 01 Jan 1970 00:00:00 GMT"),
    (951_782_399, "Mon, 28 Feb 2000 23:59:59 GMT"),
    (951_782_400, "Tue, 29 Feb 2000 00:00:00 GMT"),
    (951_868_800, "Wed, 01 Mar 2000 00:00:00 GMT"),
    (4_107_542_400, "Mon, 01 Mar 2100 00:00:00 GMT"),
    (1_735_689_599, "Tue, 31 Dec 2024 23:59:59 GMT"),
  ])
  func `a date is written as HTTP wants it`(seconds: Int, text: String) {
    #expect(HTTPDate.text(secondsSince1970: seconds) == text)
  }

  @Test(arguments: [
    ("\"a\"", true, true), ("W/\"a\"", true, false), ("*", true, true), ("\"b\"", false, false),
    ("\"b\", \"a\"", true, true), ("\"b\" ,\tW/\"a\" ", true, false), ("a", false, false),
    ("", false, false), ("\"A\"", false, false), (",,\"a\"", true, true),
  ])
  func `an entity tag is found in a list`(list: String, weakly: Bool, strongly: Bool) {
    let tag = EntityTag(opaque: "a")
    #expect(tag.isNamed(in: list) == weakly)
    #expect(tag.isStronglyNamed(in: list) == strongly)
  }

  @Test func `the entity tag of a text is that of its bytes`() {
    let tag = EntityTag(contentOf: ByteBuffer(string: "#EXTM3U\n"))
    var shifted = ByteBuffer(string: "xx#EXTM3U\n")
    shifted.moveReaderIndex(forwardBy: 2)
    #expect(EntityTag(contentOf: shifted) == tag)
    #expect(EntityTag(contentOf: ByteBuffer(string: "#EXTM3U\r")) != tag)
    // FNV-1a, 64 bits: the offset basis for nothing, the published value for "a".
    #expect(EntityTag(contentOf: ByteBuffer()).description == "\"cbf29ce484222325-0\"")
    #expect(
      EntityTag(contentOf: ByteBuffer(string: "a")).description == "\"af63dc4c8601ec8c-1\"")
  }

  @Test func `names cannot break out of the page`() {
    #expect(Pages.escaped("<a & \"b\">") == "&lt;a &amp; &quot;b&quot;&gt;")
    #expect(Pages.percentEncoded("a b/?#é~") == "a%20b%2F%3F%23%C3%A9~")
  }

  @Test func `what nobody has had for longest goes first`() {
    var cache = LeasedCache<String, Int>(capacity: 2)
    for (key, value) in [("a", 1), ("b", 2), ("c", 3)] {
      #expect(cache.lease(key) == nil)
      cache.insertLeased(value, for: key)
    }
    #expect(cache.lease("b") == 2)
    #expect(cache.giveBack("b", at: 1).isEmpty, "it has another lease")
    #expect(cache.giveBack("c", at: 2) == [3])
    #expect(cache.giveBack("a", at: 3).isEmpty)
    #expect(cache.giveBack("b", at: 4).isEmpty)
    #expect(cache.dropUnused(since: 4) == [1])
    #expect(cache.lease("b") == 2)
    #expect(cache.dropUnused(since: .max).isEmpty, "it is in use")
    #expect(cache.giveBack("b", at: 5).isEmpty)
    #expect(cache.dropUnused(since: .max) == [2])
    #expect(cache.count == 0)
  }
}
