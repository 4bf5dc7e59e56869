/// Chapters of a presentation as JSON: what EXT-X-SESSION-DATA of `com.apple.hls.chapters` names
/// (Apple, “Providing JavaScript Object Notation (JSON) Chapters”).
package struct ChapterList: Hashable, Sendable {
  package struct Chapter: Hashable, Sendable {
    /// Microseconds from the presentation's start.
    package var start: Int64
    package var duration: Int64
    package var title: String
    /// BCP 47; `und` if unknown.
    package var language: String

    package init(start: Int64, duration: Int64, title: String, language: String) {
      self.start = start
      self.duration = duration
      self.title = title
      self.language = language
    }
  }

  package static let dataID = "com.apple.hls.chapters"

  package var chapters: [Chapter]

  package init(_ chapters: [Chapter]) { self.chapters = chapters }

  package func render() -> String {
    let rows = chapters.enumerated().map { index, chapter in
      """
        {
          "chapter": \(index + 1),
          "start-time": \(sixDecimals(max(0, chapter.start))),
          "duration": \(sixDecimals(max(0, chapter.duration))),
          "titles": [
            { "language": \(Self.quoted(chapter.language)), "title": \(Self.quoted(chapter.title)) }
          ]
        }
      """
    }
    return "[\n\(rows.joined(separator: ",\n"))\n]\n"
  }

  /// A string of RFC 8259 §7.
  private static func quoted(_ text: String) -> String {
    var quoted = "\""
    for scalar in text.unicodeScalars {
      switch scalar.value {
      case 0x22, 0x5C:
        quoted += "\\"
        quoted.unicodeScalars.append(scalar)
      case ..<0x20, 0x7F...0x9F, 0x2028, 0x2029:
        let digits = String(scalar.value, radix: 16)
        quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: quoted.unicodeScalars.append(scalar)
      }
    }
    return quoted + "\""
  }
}
