import Markup
import Testing

@testable import Episodes

/// Files that are made to break the reader.
struct HostileFileTests {
  /// With a short name: the text is no matter for a test's log.
  struct Row: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var text: String

    init(_ name: String, _ text: String) {
      testDescription = name
      self.text = text
    }
  }

  static let hostile: [Row] = [
    Row("brackets", String(repeating: "[", count: 1 << 20)),
    Row("brackets, line by line", String(repeating: "[\n", count: 1 << 19)),
    Row("braces", String(repeating: "{a: ", count: 1 << 18)),
    Row("braces, line by line", String(repeating: "{a:\n", count: 1 << 18)),
    Row("entries", String(repeating: "- ", count: 1 << 19)),
    Row("entries of keys", String(repeating: "- a:\n", count: 1 << 17)),
    Row("keys", String(repeating: "? ", count: 1 << 19)),
    Row(
      "deeper and deeper",
      (0..<1500).map { String(repeating: " ", count: $0) + "a:\n" }.joined()
    ),
    Row(
      "pairs in lists", String(repeating: "[a: ", count: 900) + String(repeating: "]", count: 900)),
    Row("lists of 900", String(repeating: "[", count: 900) + String(repeating: "]", count: 900)),
    Row(
      "aliases of aliases",
      "a: &a [x, x]\n"
        + (0..<30).map { "b\($0): &b\($0) [*a, *a, *a, *a, *a, *a, *a, *a, *a]\n" }.joined()
    ),
    Row("a long line", "branch: " + String(repeating: "x", count: 1 << 20)),
    Row("many keys", (0..<100_000).map { "k\($0): 1\n" }.joined()),
    Row("quotation marks", String(repeating: "\"", count: 60_001)),
    Row("bars", String(repeating: "|\n", count: 1 << 19)),
    Row("percent signs", String(repeating: "%\n", count: 1 << 19)),
    Row("exclamation marks", String(repeating: "!", count: 60_000)),
    Row("too large", String(repeating: "#\n", count: EpisodeLimits.fileByteCount)),
  ]

  @Test(arguments: hostile)
  func `a hostile file is refused with a short message`(_ row: Row) {
    do throws(EpisodeFileError) {
      _ = try EpisodeFile(text: row.text, name: "e.yaml")
      Issue.record("it is read")
    } catch {
      #expect(error.problems.count <= EpisodeFileError.problemLimit)
      #expect(error.problems.allSatisfy { $0.message.utf8.count < 600 }, "\(error.problems[0])")
    }
  }

  @Test(arguments: [
    ([0x62, 0x0a, 0x61, 0xff, 0x62], EpisodePosition(line: 2, column: 2)),
    ([0xc3, 0xa9, 0xe2, 0x82], EpisodePosition(line: 1, column: 2)),
    ([0xed, 0xa0, 0x80], EpisodePosition(line: 1, column: 1)),
  ])
  func `what is no UTF-8 is told at its place`(_ bytes: [UInt8], _ position: EpisodePosition) {
    do throws(EpisodeFileError) {
      _ = try EpisodeFile(bytes, name: "e.yaml")
      Issue.record("it is read")
    } catch {
      #expect(error.problems.map(\.position) == [position])
      #expect(error.problems.first?.message == "this is no UTF-8; save the file as UTF-8")
    }
  }

  @Test func `a byte order mark and Windows line ends are read`() throws {
    let text = OfferFile.text.split(separator: "\n", omittingEmptySubsequences: false)
      .joined(separator: "\r\n")
    let file = try EpisodeFile([0xef, 0xbb, 0xbf] + Array(text.utf8), name: "offer.yaml")
    #expect(file.episode == (try OfferFile.read().episode))
    #expect(file.source == (try OfferFile.read().source))
  }

  @Test func `every cut of a file gives problems or an episode`() {
    let bytes = Array(OfferFile.text.utf8)
    for count in stride(from: 0, to: bytes.count, by: 7) {
      _ = try? EpisodeFile(bytes[..<count], name: "e.yaml")
    }
  }
}
