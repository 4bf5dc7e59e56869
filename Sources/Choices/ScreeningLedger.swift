import Dispatch
package import Episodes

/// Screenings, their votes and what was decided: where all origins that show a screening ask. A verdict is
/// written once, by whoever counts first, and never changes.
///
/// All but `vote` wait for the database.
package final class ScreeningLedger: Sendable {
  package typealias Completion = @Sendable (Result<VoteAnswer, ChoicesError>) -> Void

  /// What became of a vote.
  package enum VoteAnswer: Hashable, Sendable {
    /// It is on the disk, and counts unless the viewer votes again.
    case counted
    /// The choice was decided before.
    case late(ScreeningVerdict)
  }

  private struct Arrived: Sendable {
    var screening: String
    var ordinal: Int
    var vote: ScreeningVote
  }

  private let database: any LedgerDatabase
  private let writing: BatchQueue<Arrived, VoteAnswer>

  init(_ database: any LedgerDatabase) {
    self.database = database
    writing = BatchQueue(label: "dougong.screenings.write", capacity: ChoiceLimits.queueCount) {
      batch throws(ChoicesError) in
      try Self.asking(database) { () throws in
        try database.write { transaction in
          // Whoever counts waits until these are written, and the other way round.
          for id in Set(batch.map(\.screening)).sorted() { try Self.lock(id, transaction) }
          return try batch.map { try Self.keep($0, transaction) }
        }
      }
    }
  }

  private static func asking<Result>(
    _ database: any LedgerDatabase, _ body: () throws -> Result
  ) throws(ChoicesError) -> Result {
    do {
      return try body()
    } catch {
      throw ChoiceLedger.storageError(database.name, error)
    }
  }

  // MARK: Screenings

  /// - Parameter now: milliseconds since 1970.
  /// - Returns: whether there are few enough of the episode for one more.
  package func open(_ screening: Screening, now: Int64) throws(ChoicesError) -> Bool {
    try Self.asking(database) {
      try database.write { transaction in
        let oldest = LedgerValue.integer(now - 1000 * ChoiceLimits.screeningAge)
        for table in ["vote", "verdict"] {
          try transaction.run(
            "DELETE FROM \(table) WHERE screening IN (SELECT id FROM screening WHERE start < ?)",
            [oldest])
        }
        try transaction.run("DELETE FROM screening WHERE start < ?", [oldest])
        let open = try transaction.row(
          "SELECT count(*) FROM screening WHERE episode = ? AND ended = 0",
          [.text(screening.episode)])
        guard open.map({ $0[0].integer < ChoiceLimits.screeningCount }) ?? true else {
          return false
        }
        try transaction.run(
          "INSERT INTO screening (id, episode, version, start, ended) VALUES (?, ?, ?, ?, 0)",
          [
            .text(screening.id), .text(screening.episode), .text(screening.version),
            .integer(screening.start),
          ])
        return true
      }
    }
  }

  /// A screening with its verdicts in order; `nil` if there is none.
  package func screening(
    _ id: String
  ) throws(ChoicesError) -> (screening: Screening, verdicts: [ScreeningVerdict])? {
    try Self.asking(database) {
      try database.read { transaction -> (screening: Screening, verdicts: [ScreeningVerdict])? in
        let row = try transaction.row(
          "SELECT episode, version, start FROM screening WHERE id = ?", [.text(id)])
        guard let row else { return nil }
        var verdicts: [ScreeningVerdict] = []
        try transaction.rows(
          "SELECT option, isVoted, tally FROM verdict WHERE screening = ? ORDER BY ordinal",
          [.text(id)]
        ) { verdicts.append(Self.verdict($0)) }
        return (
          Screening(id: id, episode: row[0].text, version: row[1].text, start: row[2].integer),
          verdicts
        )
      } ?? nil
    }
  }

  /// Makes room for another screening of the episode.
  package func end(_ id: String, now: Int64) throws(ChoicesError) {
    try Self.asking(database) {
      try database.write { transaction in
        _ = try transaction.run(
          "UPDATE screening SET ended = ? WHERE id = ? AND ended = 0", [.integer(now), .text(id)])
      }
    }
  }

  // MARK: Votes

  /// Takes a vote in; a viewer's last one counts.
  ///
  /// - Parameters:
  ///   - ordinal: choices before this one.
  ///   - completion: called on a queue of the ledger when the vote is durable, or was not kept.
  /// - Throws: `.full` if too many wait already.
  package func vote(
    _ vote: ScreeningVote, in screening: String, ordinal: Int, completion: @escaping Completion
  ) throws(ChoicesError) {
    try writing.submit(
      Arrived(screening: screening, ordinal: ordinal, vote: vote), completion: completion)
  }

  private static func keep(
    _ arrived: Arrived, _ transaction: any LedgerTransaction
  ) throws -> VoteAnswer {
    if let verdict = try verdict(arrived.screening, arrived.ordinal, transaction) {
      return .late(verdict)
    }
    try transaction.run(
      """
      INSERT INTO vote (screening, ordinal, viewer, option) VALUES (?, ?, ?, ?)
        ON CONFLICT (screening, ordinal, viewer) DO UPDATE SET option = excluded.option
      """,
      [
        .text(arrived.screening), .integer(arrived.ordinal), .text(arrived.vote.viewer),
        .integer(arrived.vote.option),
      ])
    return .counted
  }

  /// Votes on a choice by the option's position.
  package func counts(_ id: String, ordinal: Int) throws(ChoicesError) -> [Int: Int] {
    try Self.asking(database) {
      try database.read { try Self.counts(id, ordinal, $0) } ?? [:]
    }
  }

  private static func counts(
    _ id: String, _ ordinal: Int, _ transaction: any LedgerTransaction
  ) throws -> [Int: Int] {
    var counts: [Int: Int] = [:]
    try transaction.rows(
      "SELECT option, count(*) FROM vote WHERE screening = ? AND ordinal = ? GROUP BY option",
      [.text(id), .integer(ordinal)]
    ) { counts[Int($0[0].integer)] = Int($0[1].integer) }
    return counts
  }

  // MARK: Verdicts

  /// What was decided on a choice: before, or now.
  ///
  /// - Parameter judge: gets votes by the option's position, and how many viewers voted in the screening.
  package func decide(
    _ id: String, ordinal: Int,
    _ judge: (_ counts: [Int: Int], _ viewerCount: Int) -> ScreeningVerdict
  ) throws(ChoicesError) -> ScreeningVerdict {
    try Self.asking(database) {
      try database.write { transaction in
        try Self.lock(id, transaction)
        if let verdict = try Self.verdict(id, ordinal, transaction) { return verdict }
        let viewers = try transaction.row(
          "SELECT count(DISTINCT viewer) FROM vote WHERE screening = ?", [.text(id)])
        let verdict = judge(
          try Self.counts(id, ordinal, transaction), viewers.map { Int($0[0].integer) } ?? 0)
        try transaction.run(
          """
          INSERT INTO verdict (screening, ordinal, option, isVoted, tally) VALUES (?, ?, ?, ?, ?)
          """,
          [
            .text(id), .integer(ordinal), .integer(verdict.option),
            .integer(verdict.isVoted ? 1 : 0), .text(verdict.tally),
          ])
        return verdict
      }
    }
  }

  private static func verdict(
    _ id: String, _ ordinal: Int, _ transaction: any LedgerTransaction
  ) throws -> ScreeningVerdict? {
    try transaction.row(
      "SELECT option, isVoted, tally FROM verdict WHERE screening = ? AND ordinal = ?",
      [.text(id), .integer(ordinal)]
    ).map(verdict)
  }

  private static func verdict(_ row: [LedgerValue]) -> ScreeningVerdict {
    ScreeningVerdict(
      option: Int(row[0].integer), isVoted: row[1].integer != 0,
      counts: ScreeningVerdict.counts(row[2].text))
  }

  /// Nobody else counts or votes in this screening until the transaction ends.
  private static func lock(_ id: String, _ transaction: any LedgerTransaction) throws {
    try transaction.run("UPDATE screening SET start = start WHERE id = ?", [.text(id)])
  }

  func settle() async {
    await withCheckedContinuation { continuation in
      writing.queue.async { continuation.resume() }
    }
  }
}
