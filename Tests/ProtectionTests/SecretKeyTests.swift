import Protection
import Testing

@Suite struct SecretKeyTests {
  /// RFC 4231 §4.2, §4.4 and §4.7 (the keys of §4.3 and §4.6 are shorter than this program takes).
  @Test(arguments: [
    (
      String(repeating: "0b", count: 20), Array("Hi There".utf8),
      "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
    ),
    (
      String(repeating: "aa", count: 20), [UInt8](repeating: 0xdd, count: 50),
      "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"
    ),
    (
      String(repeating: "AA", count: 131),
      Array("Test Using Larger Than Block-Size Key - Hash Key First".utf8),
      "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
    ),
  ])
  func `codes are those of the published vectors`(
    key: String, message: [UInt8], code: String
  ) throws {
    let made = try SecretKey(hexadecimal: key).authenticationCode(of: message)
    let text = made.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    #expect(text == code)
  }

  @Test func `a key is in no description`() throws {
    let key = try SecretKey(Array("correct horse battery".utf8))
    for text in ["\(key)", String(reflecting: key), "\([key])"] {
      #expect(!text.contains("horse") && !text.contains("99"))
    }
    var dumped = ""
    dump(key, to: &dumped)
    #expect(!dumped.contains("99"))
    #expect(key.isEqual(to: "correct horse battery".utf8))
    #expect(!key.isEqual(to: "correct horse battere".utf8) && !key.isEqual(to: "".utf8))
  }

  @Test(arguments: [
    "", "00", String(repeating: "0", count: 31), String(repeating: "0g", count: 16),
  ])
  func `what is no key is told without saying what it is`(text: String) {
    let error = #expect(throws: ProtectionError.self) { try SecretKey(hexadecimal: text) }
    if text.count > 2 { #expect(error?.description.contains(text) == false) }
  }
}
