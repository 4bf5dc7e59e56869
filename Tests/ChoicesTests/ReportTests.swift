import Episodes
import Testing

@testable import Choices

@Suite struct ReportTests {
  private static let good =
    #"{"version": "00000000000000a1", "run": "00000000-0000-4000-8000-00000000000a", "path": "01", "#
    + #""choice": "k1", "occurrence": 2, "option": 0, "by": "viewer", "at": 11.42}"#

  private func report(_ text: String) throws(ChoicesError) -> ChoiceReport {
    let bytes = Array(text.utf8)
    return try ChoiceReport(bytes + Array(repeating: 0x20, count: max(0, 512 - bytes.count)))
  }

  @Test func `a report is read`() throws {
    let read = try report(Self.good)
    #expect(read.version == Story.version)
    #expect(read.run.description == "00000000-0000-4000-8000-00000000000a")
    #expect(read.path.description == "01")
    #expect((read.choice, read.occurrence, read.option) == ("k1", 2, 0))
    #expect(read.origin == .viewer)
    #expect(read.at == 11420)
  }

  @Test(arguments: [
    (#""at": 11.42"#, #""at": 1e1"#), (#""at": 11.42"#, #""at": 0"#),
    (#""by": "viewer""#, #""by": "default""#), (#""k1""#, #""\u006b\u0031""#),
    (#""path": "01""#, #""path": "_""#), (#""path": "01""#, #""path": "@act2.Bx81kQ.01""#),
    ("00000000000a\"", "00000000000A\""), (": ", " \n:\t"),
  ])
  func `a report may be spelt otherwise`(_ part: String, _ other: String) throws {
    _ = try report(Self.good.replacing(part, with: other))
  }

  @Test(arguments: [
    ("a1\"", "A1\""), ("\"00000000000000a1", "\"0000000000000a1"), ("00a1", "00g1"),
    ("8000-00000000000a", "8000-00000000000"), ("8000-00000000000a", "8000-00000000000g"),
    ("8000-00000000000a", "800-000000000000a"), ("8000-00000000000a", "8000-+0000000000a"),
    (#""01""#, #""""#), (#""01""#, #""0A""#), (#""01""#, #""0/1""#), (#""01""#, "1"),
    (#""01""#, #""@a.b""#), (#""k1""#, #""""#), (#""k1""#, #""1k""#), (#""k1""#, #""k\"1""#),
    (#"occurrence": 2"#, #"occurrence": 0"#), (#"occurrence": 2"#, #"occurrence": -1"#),
    (#"occurrence": 2"#, #"occurrence": 1.5"#), (#"occurrence": 2"#, #"occurrence": 99999"#),
    (#"occurrence": 2"#, #"occurrence": "2""#),
    (#"option": 0"#, #"option": 36"#), (#"option": 0"#, #"option": 1e0"#),
    (#"option": 0"#, #"option": 00"#), (#"option": 0"#, #"option": true"#),
    (#"option": 0"#, #"option": 99999999999999999999"#),
    (#""viewer""#, #""viewers""#), (#""viewer""#, "null"),
    ("11.42", "-1"), ("11.42", "86401"), ("11.42", "1e999"), ("11.42", "NaN"), ("11.42", ".5"),
    ("11.42", "5."), ("11.42", "+5"), ("11.42", "0x5"), ("11.42", "1e"), ("11.42", "-"),
    (#", "at": 11.42"#, ""), (#""at""#, #""At""#), (#""at""#, #""option""#),
    ("}", #", "x": 1}"#), ("}", ","), ("}", "}}"), ("}", ""), ("{", "["), ("{", "{,"),
    (#""path": "01""#, #""path": ["01"]"#), (#""path": "01""#, #""path": {"a": 1}"#),
    ("k1", "k\u{1}"), ("k1", #"\x"#), ("k1", #"\u12"#), ("k1", #"\ud800"#),
    ("k1", #"\ud800\u0041"#),
  ])
  func `what is no report is refused in one sentence`(_ part: String, _ other: String) throws {
    let text = Self.good.replacing(part, with: other, maxReplacements: 1)
    try #require(text != Self.good)
    let error = #expect(throws: ChoicesError.self) { try report(text) }
    #expect(error?.code == .malformed)
    #expect(error?.message.hasSuffix(".") == true)
    #expect(error?.message.contains("\n") == false)
  }

  @Test func `every truncation and every length but 512 is refused`() {
    let bytes = Array(Self.good.utf8)
    for count in 0..<bytes.count {
      #expect(throws: ChoicesError.self) {
        try ChoiceReport(Array(bytes[..<count]) + Array(repeating: 0x20, count: 512 - count))
      }
    }
    for count in [511, 513] {
      #expect(throws: ChoicesError.self) {
        try ChoiceReport(bytes + Array(repeating: 0x20, count: count - bytes.count))
      }
    }
  }

  @Test func `bytes that are no text are refused`() {
    var bytes = Array(Self.good.utf8)
    bytes += Array(repeating: 0x20, count: 512 - bytes.count)
    for index in bytes.indices {
      for byte: UInt8 in [0, 0x22, 0x5c, 0x7b, 0x80, 0xff] where bytes[index] != byte {
        var changed = bytes
        changed[index] = byte
        // Never a trap; what is still a report says the same in every other member.
        _ = try? ChoiceReport(changed)
      }
    }
  }
}
