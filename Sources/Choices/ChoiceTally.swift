import Episodes

/// Counts of one version, as SQL gives them: one pass over an index, in its order.
struct ChoiceTally: Sendable {
  struct LegCount: Sendable {
    var leg: Leg
    var count = 0
    var defaults = 0
    /// `[tenths of a second]`: decisions of viewers, ascending.
    var decisions: [(tenths: Int, count: Int)] = []
  }

  var version: String
  /// `nil`: nothing is known of this version.
  var graph: EpisodeGraph?
  var legs: [LegCount] = []
  var versions: [EpisodeStatistics.Version] = []

  init(of episode: ChoiceEpisode, version: String, in database: any LedgerDatabase) throws {
    self.version = version
    if version == episode.version { graph = episode.graph }
    try database.read { try read(episode, $0) }
    if !versions.contains(where: \.isPresent) {
      versions.insert(
        EpisodeStatistics.Version(version: episode.version, isPresent: true, reports: 0), at: 0)
    }
  }

  private mutating func read(
    _ episode: ChoiceEpisode, _ transaction: any LedgerTransaction
  ) throws {
    var known: [(id: LedgerValue, version: String)] = []
    try transaction.rows(
      "SELECT id, version FROM version WHERE episode = ? ORDER BY id DESC LIMIT ?",
      [.text(episode.name), .integer(ChoiceLimits.versionCount)]
    ) { known.append(($0[0], $0[1].text)) }
    for (id, name) in known {
      let count = try transaction.row("SELECT count(*) FROM report WHERE version = ?", [id])
      versions.append(
        EpisodeStatistics.Version(
          version: name, isPresent: name == episode.version,
          reports: count.map { Int($0[0].integer) } ?? 0))
    }
    let row = try transaction.row(
      "SELECT id, document FROM version WHERE episode = ? AND version = ?",
      [.text(episode.name), .text(version)])
    guard let row else { return }
    // The graph that the positions in the legs were counted in.
    graph = try StoredGraph.read(row[1].bytes)
    try count(row[0], transaction)
  }

  private mutating func count(
    _ version: LedgerValue, _ transaction: any LedgerTransaction
  ) throws {
    var counts: [Int64: LegCount] = [:]
    try transaction.rows("SELECT \(Leg.columns) FROM leg WHERE version = ?", [version]) { row in
      counts[row[0].integer] = LegCount(leg: Leg(row))
    }
    try transaction.rows(
      """
      SELECT leg, isDefault, tenths, count(*) FROM report
        WHERE leg IN (SELECT id FROM leg WHERE version = ?)
        GROUP BY leg, isDefault, tenths ORDER BY leg, isDefault, tenths
      """, [version]
    ) { row in
      let (leg, count) = (row[0].integer, Int(row[3].integer))
      counts[leg]?.count += count
      if row[1].integer != 0 {
        counts[leg]?.defaults += count
      } else {
        counts[leg]?.decisions.append((Int(row[2].integer), count))
      }
    }
    self.legs = counts.sorted { $0.key < $1.key }.map(\.value)
  }
}
