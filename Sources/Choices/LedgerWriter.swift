import Episodes
import Foundation

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

  private let database: any LedgerDatabase
  private var versions: [VersionKey: KnownVersion] = [:]
  private var steps: [StepKey: JudgedStep] = [:]

  init(_ database: any LedgerDatabase) { self.database = database }

  /// Writes all of them or none.
  ///
  /// - Returns: `[report]`, durable.
  mutating func write(_ arrived: [ArrivedReport]) throws -> [ChoiceAnswer] {
    do {
      return try database.write { transaction in
        do {
          return try arrived.map { try record($0, transaction) }
        } catch {
          // What was remembered may be what was wrong: another origin has removed it since.
          forget()
          throw error
        }
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
    let isDone = try database.write { transaction in
      let count = try transaction.run(
        """
        DELETE FROM report WHERE id IN
          (SELECT id FROM report WHERE received < ? ORDER BY received LIMIT ?)
        """, [.integer(moment), .integer(limit)])
      guard count < limit else { return false }
      try transaction.run(
        "DELETE FROM leg WHERE NOT EXISTS (SELECT 1 FROM report WHERE report.leg = leg.id)", [])
      try transaction.run(
        """
        DELETE FROM version WHERE NOT EXISTS (SELECT 1 FROM leg WHERE leg.version = version.id)
        """, [])
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
    _ arrived: ArrivedReport, _ transaction: any LedgerTransaction
  ) throws -> ChoiceAnswer {
    let (report, episode) = (arrived.report, arrived.episode)
    guard report.version != episode.version else {
      let key = VersionKey(episode: episode.name, version: episode.version)
      return try record(arrived, key, present: episode.graph, transaction)
    }
    // The viewer goes on in the present version; what was decided still counts for the one that it
    // was decided in, if that is known.
    let key = VersionKey(episode: episode.name, version: report.version)
    if try load(key, transaction) != nil { _ = try record(arrived, key, present: nil, transaction) }
    return .changed(version: episode.version, scene: episode.sceneAsking(report.choice))
  }

  /// - Parameter present: the graph of a version that may not be in the ledger yet.
  private mutating func record(
    _ arrived: ArrivedReport, _ key: VersionKey, present: EpisodeGraph?,
    _ transaction: any LedgerTransaction
  ) throws -> ChoiceAnswer {
    let report = arrived.report
    let known = try load(key, transaction)
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
      if known == nil { try add(key, graph, transaction) }
      return try insert(arrived, leg, open, key, transaction)
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
    _ transaction: any LedgerTransaction
  ) throws -> ChoiceAnswer {
    let report = arrived.report
    guard let version = versions[key]?.id, let legID = try id(of: leg, key, transaction) else {
      throw ChoicesError(.storage, "a version was forgotten while it was written")
    }
    let tenths = min(ChoiceLimits.decisionTenths, max(0, report.at - open.opensAt + 50) / 100)
    let path = report.path.description
    let run = LedgerValue.bytes(Data(report.run.bytes))
    let count = try transaction.run(
      """
      INSERT INTO report (version, run, path, leg, isDefault, tenths, received)
        VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING
      """,
      [
        .integer(version), run, .text(path), .integer(legID),
        .integer(report.origin == .fallback ? 1 : 0), .integer(tenths),
        .integer(arrived.received),
      ])
    guard count == 0 else { return .recorded(path: open.next.description) }
    let first = try transaction.row(
      """
      SELECT leg.option FROM report JOIN leg ON leg.id = report.leg
        WHERE report.version = ? AND run = ? AND path = ?
      """, [.integer(version), run, .text(path)])
    guard let option = first.map({ Int($0[0].integer) }), option != report.option else {
      return .recorded(path: open.next.description)
    }
    var other = report.path
    other.options.append(option)
    return .other(path: other.description)
  }

  // MARK: Versions and legs

  private mutating func load(
    _ key: VersionKey, _ transaction: any LedgerTransaction
  ) throws -> KnownVersion? {
    if let known = versions[key] { return known }
    let row = try transaction.row(
      "SELECT id, document FROM version WHERE episode = ? AND version = ?",
      [.text(key.episode), .text(key.version)])
    guard let row else { return nil }
    var known = KnownVersion(id: row[0].integer, graph: try StoredGraph.read(row[1].bytes))
    try transaction.rows(
      "SELECT \(Leg.columns) FROM leg WHERE version = ?", [.integer(known.id)]
    ) { known.legs[Leg($0)] = $0[0].integer }
    versions[key] = known
    return known
  }

  private mutating func add(
    _ key: VersionKey, _ graph: EpisodeGraph, _ transaction: any LedgerTransaction
  ) throws {
    // Another origin may have added it meanwhile, and with it some legs.
    try transaction.run(
      "INSERT INTO version (episode, version, document) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
      [.text(key.episode), .text(key.version), .bytes(try StoredGraph.write(graph))])
    _ = try load(key, transaction)
  }

  private mutating func id(
    of leg: Leg, _ key: VersionKey, _ transaction: any LedgerTransaction
  ) throws -> Int64? {
    guard let known = versions[key] else { return nil }
    if let id = known.legs[leg] { return id }
    var leg = leg
    if known.legs.count >= ChoiceLimits.legCount { (leg.lead, leg.route) = ([], []) }
    if let id = known.legs[leg] { return id }
    // Another origin may have kept it meanwhile.
    let values: [LedgerValue] = [
      .integer(known.id), .integer(leg.scene), .integer(leg.choice), .integer(leg.option),
      .text(Leg.text(leg.lead)), .text(Leg.text(leg.route)), .integer(leg.ends ? 1 : 0),
    ]
    try transaction.run(
      """
      INSERT INTO leg (version, scene, choice, option, lead, route, ends)
        VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING
      """, values)
    let id = try transaction.row(
      """
      SELECT id FROM leg WHERE version = ? AND scene = ? AND choice = ? AND option = ?
        AND lead = ? AND route = ? AND ends = ?
      """, values
    ).map { $0[0].integer }
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
  /// What `init(_:)` takes: the id first.
  static let columns = "id, scene, choice, option, lead, route, ends"

  init(_ row: [LedgerValue]) {
    self.init(
      scene: Int(row[1].integer), choice: Int(row[2].integer), option: Int(row[3].integer),
      lead: Self.positions(row[4].text), route: Self.positions(row[5].text),
      ends: row[6].integer != 0)
  }

  static func text(_ scenes: [Int]) -> String {
    scenes.map(String.init).joined(separator: " ")
  }

  private static func positions(_ text: String) -> [Int] {
    text.split(separator: " ").compactMap { Int($0) }
  }
}
