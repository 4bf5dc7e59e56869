import Episodes
import Foundation
import GRDB

/// A report with the episode as it was when the report came.
struct ArrivedReport: Sendable {
  var report: ChoiceReport
  var episode: ChoiceEpisode
  /// Seconds since 1970.
  var received: Int
}

/// Holds reports against their episode and writes them. One writer, on one queue.
struct LedgerWriter {
  private struct VersionKey: Hashable {
    var episode: String
    var version: String
  }

  private struct KnownVersion {
    var id: Int64
    var graph: EpisodeGraph
    var legs: [Leg: Int64] = [:]
  }

  private struct StepKey: Hashable {
    var version: Int64
    var path: EpisodePath
    var option: Int
  }

  private let database: DatabasePool
  private var versions: [VersionKey: KnownVersion] = [:]
  private var steps: [StepKey: JudgedStep] = [:]

  init(_ database: DatabasePool) { self.database = database }

  /// Writes all of them or none.
  ///
  /// - Returns: `[report]`, durable.
  mutating func write(_ arrived: [ArrivedReport]) throws -> [ChoiceAnswer] {
    do {
      return try database.write { database in
        try arrived.map { try record($0, database) }
      }
    } catch {
      forget()
      throw error
    }
  }

  /// Removes what came before a moment, and versions of which nothing is left.
  ///
  /// - Parameter limit: reports that are removed at once.
  /// - Returns: whether all of it is gone.
  mutating func prune(before moment: Int, limit: Int = 20_000) throws -> Bool {
    let isDone = try database.write { database in
      try database.execute(
        sql: """
          DELETE FROM report WHERE id IN
            (SELECT id FROM report WHERE received < ? ORDER BY received LIMIT ?)
          """, arguments: [moment, limit])
      guard database.changesCount < limit else { return false }
      try database.execute(
        sql: """
          DELETE FROM leg WHERE NOT EXISTS (SELECT 1 FROM report WHERE report.leg = leg.id);
          DELETE FROM version
            WHERE NOT EXISTS (SELECT 1 FROM leg WHERE leg.version = version.id);
          """)
      return true
    }
    forget()
    return isDone
  }

  private mutating func forget() {
    versions = [:]
    steps = [:]
  }

  // MARK: One report

  private mutating func record(
    _ arrived: ArrivedReport, _ database: Database
  ) throws -> ChoiceAnswer {
    let (report, episode) = (arrived.report, arrived.episode)
    guard report.version != episode.version else {
      let key = VersionKey(episode: episode.name, version: episode.version)
      return try record(arrived, key, present: episode.graph, database)
    }
    // The viewer goes on in the present version; what was decided still counts for the one that it
    // was decided in, if that is known.
    let key = VersionKey(episode: episode.name, version: report.version)
    if try load(key, database) != nil { _ = try record(arrived, key, present: nil, database) }
    return .changed(version: episode.version, scene: episode.sceneAsking(report.choice))
  }

  /// - Parameter present: the graph of a version that may not be in the ledger yet.
  private mutating func record(
    _ arrived: ArrivedReport, _ key: VersionKey, present: EpisodeGraph?, _ database: Database
  ) throws -> ChoiceAnswer {
    let report = arrived.report
    let known = try load(key, database)
    guard let graph = known?.graph ?? present else { return .early }
    let step: JudgedStep
    if let id = known?.id {
      step = judged(StepKey(version: id, path: report.path, option: report.option), graph)
    } else {
      step = JudgedStep(graph, report.path, option: report.option)
    }
    switch step {
    case .impossible(let reason): return .impossible(Self.sentence(reason))
    case .ended: return .early
    case .open(let open):
      guard open.choice == report.choice, open.occurrence == report.occurrence else {
        return .early
      }
      guard let leg = open.leg else { return .impossible(Self.sentence(open.reason)) }
      if known == nil { try add(key, graph, database) }
      return try insert(arrived, leg, open, key, database)
    }
  }

  private static func sentence(_ reason: String) -> String {
    reason.prefix(1).uppercased() + reason.dropFirst() + "."
  }

  private mutating func judged(_ key: StepKey, _ graph: EpisodeGraph) -> JudgedStep {
    if let known = steps[key] { return known }
    let step = JudgedStep(graph, key.path, option: key.option)
    if steps.count >= ChoiceLimits.rememberedWalkCount { steps = [:] }
    steps[key] = step
    return step
  }

  private mutating func insert(
    _ arrived: ArrivedReport, _ leg: Leg, _ open: JudgedStep.OpenStep, _ key: VersionKey,
    _ database: Database
  ) throws -> ChoiceAnswer {
    let report = arrived.report
    guard let version = versions[key]?.id, let legID = try id(of: leg, key, database) else {
      throw ChoicesError(.storage, "a version was forgotten while it was written")
    }
    let tenths = min(ChoiceLimits.decisionTenths, max(0, report.at - open.opensAt + 50) / 100)
    let path = report.path.description
    let statement = try database.cachedStatement(
      sql: """
        INSERT INTO report (version, run, path, leg, isDefault, tenths, received)
          VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING
        """)
    try statement.execute(arguments: [
      version, Data(report.run.bytes), path, legID, report.origin == .fallback ? 1 : 0, tenths,
      arrived.received,
    ])
    guard database.changesCount == 0 else { return .recorded(path: open.next.description) }
    let first = try database.cachedStatement(
      sql: """
        SELECT leg.option FROM report JOIN leg ON leg.id = report.leg
          WHERE report.version = ? AND run = ? AND path = ?
        """)
    let option = try Int.fetchOne(first, arguments: [version, Data(report.run.bytes), path])
    guard let option, option != report.option else {
      return .recorded(path: open.next.description)
    }
    var other = report.path
    other.options.append(option)
    return .other(path: other.description)
  }

  // MARK: Versions and legs

  private mutating func load(_ key: VersionKey, _ database: Database) throws -> KnownVersion? {
    if let known = versions[key] { return known }
    let row = try Row.fetchOne(
      database, sql: "SELECT id, document FROM version WHERE episode = ? AND version = ?",
      arguments: [key.episode, key.version])
    guard let row else { return nil }
    var known = KnownVersion(id: row["id"], graph: try StoredGraph.read(row["document"]))
    let legs = try Row.fetchCursor(
      database,
      sql: "SELECT * FROM leg WHERE version = ?", arguments: [known.id])
    while let leg = try legs.next() { known.legs[Leg(leg)] = leg["id"] }
    versions[key] = known
    return known
  }

  private mutating func add(
    _ key: VersionKey, _ graph: EpisodeGraph, _ database: Database
  ) throws {
    try database.execute(
      sql: "INSERT INTO version (episode, version, document) VALUES (?, ?, ?)",
      arguments: [key.episode, key.version, try StoredGraph.write(graph)])
    versions[key] = KnownVersion(id: database.lastInsertedRowID, graph: graph)
  }

  private mutating func id(
    of leg: Leg, _ key: VersionKey, _ database: Database
  ) throws -> Int64? {
    guard let known = versions[key] else { return nil }
    if let id = known.legs[leg] { return id }
    var leg = leg
    if known.legs.count >= ChoiceLimits.legCount { (leg.lead, leg.route) = ([], []) }
    if let id = known.legs[leg] { return id }
    // Another origin may have kept it meanwhile.
    let arguments: StatementArguments = [
      known.id, leg.scene, leg.choice, leg.option, Leg.text(leg.lead), Leg.text(leg.route),
      leg.ends ? 1 : 0,
    ]
    try database.execute(
      sql: """
        INSERT INTO leg (version, scene, choice, option, lead, route, ends)
          VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING
        """, arguments: arguments)
    let id = try Int64.fetchOne(
      database,
      sql: """
        SELECT id FROM leg WHERE version = ? AND scene = ? AND choice = ? AND option = ?
          AND lead = ? AND route = ? AND ends = ?
        """, arguments: arguments)
    versions[key]?.legs[leg] = id
    return id
  }
}

/// The graph of a version, as the ledger keeps it.
enum StoredGraph {
  static func write(_ graph: EpisodeGraph) throws -> Data {
    var episode = graph.episode
    episode.media = nil
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    return try encoder.encode(episode)
  }

  static func read(_ document: Data) throws -> EpisodeGraph {
    try EpisodeGraph(JSONDecoder().decode(Episode.self, from: document))
  }
}

extension Leg {
  init(_ row: Row) {
    self.init(
      scene: row["scene"], choice: row["choice"], option: row["option"],
      lead: Self.positions(row["lead"]), route: Self.positions(row["route"]), ends: row["ends"])
  }

  static func text(_ scenes: [Int]) -> String {
    scenes.map(String.init).joined(separator: " ")
  }

  private static func positions(_ text: String) -> [Int] {
    text.split(separator: " ").compactMap { Int($0) }
  }
}
