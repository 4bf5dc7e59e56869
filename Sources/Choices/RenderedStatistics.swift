package import Foundation
import MediaCore

/// Statistics as they are sent.
package struct RenderedStatistics: Sendable {
  package let json: Data
  package let page: String

  package init(_ statistics: EpisodeStatistics) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    json = try encoder.encode(statistics) + Data("\n".utf8)
    page =
      "<!doctype html>\n<title>Choices</title>\n<pre>\(XMLText.escaped(String(decoding: json, as: UTF8.self)))</pre>\n"
  }
}
