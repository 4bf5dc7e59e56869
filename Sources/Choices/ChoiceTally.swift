import Episodes
import GRDB

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

  init(of episode: ChoiceEpisode, version: String, in database: DatabasePool?) throws {
    self.version = version
    if version == episode.version { graph = episode.graph }
    try database?.read { database in try read(episode, database) }
    if !versions.contains(where: \.isPresent) {
      versions.insert(
        EpisodeStatistics.Version(version: episode.version, isPresent: true, reports: 0), at: 0)
    }
  }

  private mutating func read(_ episode: ChoiceEpisode, _ database: Database) throws {
    let rows = try Row.fetchAll(
      database,
      sql: """
        SELECT id, version FROM version WHERE episode = ? ORDER BY id DESC LIMIT ?
        """, arguments: [episode.name, ChoiceLimits.versionCount])
    for row in rows {
      let name: String = row["version"]
      versions.append(
        EpisodeStatistics.Version(
          version: name, isPresent: name == episode.version,
          reports: try Int.fetchOne(
            database, sql: "SELECT count(*) FROM report WHERE version = ?",
            arguments: [row["id"] as Int64]) ?? 0))
    }
    let known = try Row.fetchOne(
      database, sql: "SELECT id, document FROM version WHERE episode = ? AND version = ?",
      arguments: [episode.name, version])
    guard let known else { return }
    // The graph that the positions in the legs were counted in.
    graph = try StoredGraph.read(known["document"])
    try count(known["id"], database)
  }

  private mutating func count(_ version: Int64, _ database: Database) throws {
    var counts: [Int64: LegCount] = [:]
    let legs = try Row.fetchCursor(
      database, sql: "SELECT * FROM leg WHERE version = ?", arguments: [version])
    while let row = try legs.next() { counts[row["id"]] = LegCount(leg: Leg(row)) }
    let rows = try Row.fetchCursor(
      database,
      sql: """
        SELECT leg, isDefault, tenths, count(*) AS count FROM report
          WHERE leg IN (SELECT id FROM leg WHERE version = ?) GROUP BY leg, isDefault, tenths
        """, arguments: [version])
    while let row = try rows.next() {
      let (leg, count): (Int64, Int) = (row["leg"], row["count"])
      counts[leg]?.count += count
      if row["isDefault"] {
        counts[leg]?.defaults += count
      } else {
        counts[leg]?.decisions.append((row["tenths"], count))
      }
    }
    self.legs = counts.sorted { $0.key < $1.key }.map(\.value)
  }
}
