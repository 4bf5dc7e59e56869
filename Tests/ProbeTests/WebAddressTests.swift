import Testing

@testable import Probe

@Suite struct WebAddressTests {
  @Test(arguments: [
    ("http://h", "http://h/"),
    ("HTTP://h:8080/a?b#c", "http://h:8080/a?b"),
    ("https://h:443/", "https://h/"),
    ("http://[::1]:90/x", "http://[::1]:90/x"),
    ("http://h?x=1", "http://h/?x=1"),
    ("http://h/ä b", "http://h/%C3%A4%20b"),
  ])
  func `an address is read`(text: String, expected: String) throws {
    #expect(try WebAddress(text).description == expected)
  }

  @Test(arguments: ["", "h", "ftp://h/", "http://", "http://u:p@h/", "http://h:0/", "http://h:x/"])
  func `what is no address is refused`(text: String) {
    #expect(throws: ProbeError.self) { try WebAddress(text) }
  }

  /// RFC 3986 §5.4, as far as it is http.
  @Test(arguments: [
    ("g", "http://a/b/c/g"), ("./g", "http://a/b/c/g"), ("g/", "http://a/b/c/g/"),
    ("/g", "http://a/g"), ("//g", "http://g/"), ("?y", "http://a/b/c/d;p?y"),
    ("g?y", "http://a/b/c/g?y"), ("#s", "http://a/b/c/d;p?q"), ("g#s", "http://a/b/c/g"),
    (";x", "http://a/b/c/;x"), ("", "http://a/b/c/d;p?q"), (".", "http://a/b/c/"),
    ("./", "http://a/b/c/"), ("..", "http://a/b/"), ("../g", "http://a/b/g"),
    ("../..", "http://a/"), ("../../g", "http://a/g"), ("../../../g", "http://a/g"),
    ("/./g", "http://a/g"), ("g;x=1/../y", "http://a/b/c/y"), ("g?y/../x", "http://a/b/c/g?y/../x"),
    ("https://x/y", "https://x/y"),
  ])
  func `a reference is resolved`(reference: String, expected: String) throws {
    #expect(try WebAddress("http://a/b/c/d;p?q").resolved(reference).description == expected)
  }

  @Test func `parameters are added`() throws {
    let address = try WebAddress("http://a/b?x=1")
    #expect(
      address.adding([("_HLS_msn", "4"), ("_HLS_part", "0")]).target
        == "/b?x=1&_HLS_msn=4&_HLS_part=0")
    #expect(try WebAddress("http://a/b").adding([("y", "2")]).target == "/b?y=2")
  }
}
