package import Foundation

/// Statistics as they are sent: for programs, and for people.
package struct RenderedStatistics: Sendable {
  package let json: Data
  package let page: String

  package init(_ statistics: EpisodeStatistics) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    json = try encoder.encode(statistics) + Data("\n".utf8)
    page = StatisticsPage(statistics).html
  }
}
