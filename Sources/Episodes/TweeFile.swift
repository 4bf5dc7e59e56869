import Foundation
import Markup
import MediaCore

/// A story in Twee 3: passages of text, each behind a line that begins with `::`.
///
///     :: The office [choice 2.0 8.96 checkpoint] {"position":"600,400"}
///     Take the job? [[Accept->Yard]] [[Refuse->Street]]
///
/// [Twee 3 specification](https://github.com/iftechfoundation/twine-specs/blob/master/twee-3-specification.md)
struct TweeFile {
  struct Passage {
    var name: String
    var tags: [String]
    /// Of its header.
    var line: Int
    /// Lines below the header.
    var body: [String]
  }

  static let passageCount = 8192

  var passages: [Passage] = []
  /// `StoryData`: where the story starts, and its IFID.
  var start: String?
  var ifid: String?
  /// `StoryTitle`
  var title: String?

  init(_ bytes: some Collection<UInt8>) throws(TextFailure) {
    guard bytes.count <= EpisodeLimits.fileByteCount else {
      throw TextFailure(
        EpisodePosition(line: 1, column: 1),
        "the story has \(bytes.count) bytes; at most \(EpisodeLimits.fileByteCount) are read")
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw TextFailure(
        EpisodePosition(line: 1, column: 1), "this is no UTF-8; save the story as UTF-8")
    }
    let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    for (index, line) in lines.enumerated() {
      if line.hasPrefix("::") {
        guard passages.count < Self.passageCount else {
          throw TextFailure(
            EpisodePosition(line: index + 1, column: 1),
            "the story has more than \(Self.passageCount) passages")
        }
        passages.append(try Self.header(line.dropFirst(2), index + 1))
      } else if !passages.isEmpty {
        passages[passages.count - 1].body.append(String(line))
      } else if !line.allSatisfy(\.isWhitespace) {
        throw TextFailure(
          EpisodePosition(line: index + 1, column: 1),
          "text in front of the first passage; a passage begins with ':: Name'")
      }
    }
    try readSpecials()
  }

  /// `name [tags] {metadata}`; a backslash takes the meaning from `[`, `]`, `{`, `}` and itself.
  private static func header(_ text: Substring, _ line: Int) throws(TextFailure) -> Passage {
    var name = ""
    var rest = text
    while let character = rest.first, character != "[", character != "{" {
      rest.removeFirst()
      if character == "\\", let escaped = rest.popFirst() {
        name.append(escaped)
      } else {
        name.append(character)
      }
    }
    var tags: [String] = []
    if rest.first == "[" {
      guard let end = rest.firstIndex(of: "]") else {
        throw TextFailure(
          EpisodePosition(line: line, column: 1), "the tags of this passage have no ']'")
      }
      tags = rest[..<end].dropFirst().split(separator: " ").map(String.init)
    }
    let trimmed = name.trimmingCharacters(in: .whitespaces)
    guard (1...EpisodeLimits.textLength).contains(trimmed.count) else {
      throw TextFailure(
        EpisodePosition(line: line, column: 1),
        "a passage has a name of 1 to \(EpisodeLimits.textLength) characters")
    }
    return Passage(name: trimmed, tags: tags, line: line, body: [])
  }

  private struct StoryData: Decodable {
    var ifid: String?
    var start: String?
  }

  private mutating func readSpecials() throws(TextFailure) {
    for passage in passages {
      let text = passage.body.joined(separator: "\n")
      switch passage.name {
      case "StoryTitle": title = text.trimmingCharacters(in: .whitespacesAndNewlines)
      case "StoryData":
        guard let data = try? JSONDecoder().decode(StoryData.self, from: Data(text.utf8)) else {
          throw TextFailure(
            EpisodePosition(line: passage.line, column: 1),
            "StoryData is no JSON object with 'ifid' and 'start'")
        }
        (ifid, start) = (data.ifid, data.start)
      default: break
      }
    }
    passages.removeAll { ["StoryTitle", "StoryData"].contains($0.name) }
  }
}
