import Episodes

/// Statistics as they were a moment ago: however many ask, they are counted once in that time.
struct StatisticsCache: Sendable {
  struct Key: Hashable, Sendable {
    var episode: String
    /// The version that viewers see.
    var present: String
    /// The version that is asked for.
    var version: String
  }

  /// Seconds for which statistics are believed; the origin tells caches the same.
  static let age = 5
  private static let capacity = 64

  private var kept: [Key: (made: RenderedStatistics, until: Int)] = [:]

  /// By version, which names its content.
  private var odds: [String: EndingOdds] = [:]

  func find(_ key: Key, now: Int) -> RenderedStatistics? {
    guard let found = kept[key], now < found.until, found.until <= now + Self.age else {
      return nil
    }
    return found.made
  }

  mutating func keep(_ made: RenderedStatistics?, _ key: Key, now: Int) {
    if kept.count >= Self.capacity { kept = [:] }
    kept[key] = made.map { ($0, now + Self.age) }
  }

  mutating func odds(of graph: EpisodeGraph, _ version: String) -> EndingOdds {
    if let known = odds[version] { return known }
    let made = EndingOdds(graph)
    if odds.count >= Self.capacity { odds = [:] }
    odds[version] = made
    return made
  }
}
