import Dispatch
import Foundation
package import PostgreSQL
import Synchronization

/// Every choice that viewers reported: in one SQLite file, or in PostgreSQL for several origins.
///
///     let ledger = ChoiceLedger(path: "library/.dougong/choices.sqlite")
///     try ledger.submit(report, of: episode) { answer in … }   // once the report is durable
///
/// Reports wait in a bounded queue and are written many at a time, on a queue of the ledger's own. The
/// file is made with the first report: a library that nobody reports to is left as it is.
package final class ChoiceLedger: Sendable {
  package typealias Completion = @Sendable (Result<ChoiceAnswer, ChoicesError>) -> Void

  /// Seconds for which reports are kept; `nil` for ever.
  private let keptSeconds: Int?
  /// Seconds since 1970.
  private let clock: @Sendable () -> Int
  private let writing: BatchQueue<ArrivedReport, ChoiceAnswer>
  private let reading = DispatchQueue(label: "dougong.choices.read")
  private let database: any LedgerDatabase
  private let writer: SharedWriter
  /// Screenings whose viewers decide together, in the same place.
  package let screenings: ScreeningLedger
  private let cache = Mutex(StatisticsCache())

  /// A ledger in a file.
  /// - Parameter keptDays: after how many days reports are removed; `nil` never.
  package convenience init(path: String, keptDays: Int? = nil) {
    self.init(LedgerFile(path: path), keptDays: keptDays)
  }

  /// A ledger that other origins write to as well.
  package convenience init(_ address: PostgreSQLAddress, keptDays: Int? = nil) {
    self.init(LedgerServer(address), keptDays: keptDays)
  }

  init(
    _ database: any LedgerDatabase, keptDays: Int? = nil,
    queueCount: Int = ChoiceLimits.queueCount,
    clock: @escaping @Sendable () -> Int = { Int(Date().timeIntervalSince1970) }
  ) {
    self.database = database
    keptSeconds = keptDays.map { $0 * 86_400 }
    self.clock = clock
    let writer = SharedWriter(database)
    self.writer = writer
    screenings = ScreeningLedger(database)
    writing = BatchQueue(label: "dougong.choices.write", capacity: queueCount) {
      batch throws(ChoicesError) in
      do {
        return try writer.writer.withLock { try $0.write(batch) }
      } catch {
        throw Self.storageError(database.name, error)
      }
    }
    if keptSeconds != nil { schedulePruning() }
  }

  /// Makes the tables if need be, so that what keeps them from being written shows at once.
  ///
  /// - Returns: what keeps them from being written now, but may be over in a moment: a server that
  ///   cannot be reached.
  @discardableResult
  package func open() throws(ChoicesError) -> ChoicesError? {
    do {
      try database.open()
      return nil
    } catch {
      let failure = Self.storageError(database.name, error)
      guard (error as? PostgreSQLError)?.code == .unavailable else { throw failure }
      return failure
    }
  }

  // MARK: Writing

  /// Takes a report in.
  ///
  /// - Parameter completion: called on a queue of the ledger when the report is durable, or when it
  ///   could not be kept.
  /// - Throws: `.full` if too many wait already; nothing is kept then.
  package func submit(
    _ report: ChoiceReport, of episode: ChoiceEpisode, completion: @escaping Completion
  ) throws(ChoicesError) {
    let arrived = ArrivedReport(report: report, episode: episode, received: clock())
    try writing.submit(arrived, completion: completion)
  }

  private final class SharedWriter: Sendable {
    let writer: Mutex<LedgerWriter>

    init(_ database: any LedgerDatabase) { writer = Mutex(LedgerWriter(database)) }
  }

  /// Written when it cannot be used.
  static func storageError(_ name: String, _ error: any Error) -> ChoicesError {
    ChoicesError(.storage, "The choices in \(name) cannot be kept: \(error).")
  }

  /// Waits until what was submitted and asked for is answered.
  package func settle() async {
    await withCheckedContinuation { continuation in
      writing.queue.async { continuation.resume() }
    }
    await screenings.settle()
    await withCheckedContinuation { continuation in
      reading.async { continuation.resume() }
    }
  }

  // MARK: Age

  /// How often old reports are looked for, in seconds.
  private static let pruningInterval = 3600

  private func schedulePruning() {
    writing.queue.asyncAfter(deadline: .now() + .seconds(Self.pruningInterval)) { [weak self] in
      guard let self else { return }
      try? prune()
      schedulePruning()
    }
    writing.queue.async { [weak self] in try? self?.prune() }
  }

  /// Removes what is older than is kept.
  package func prune() throws {
    guard let keptSeconds, database.exists else { return }
    let moment = clock() - keptSeconds
    while try !writer.writer.withLock({ try $0.prune(before: moment) }) {}
  }

  // MARK: Reading

  /// What was chosen in an episode.
  ///
  /// - Parameters:
  ///   - version: digits of a version; `nil` for the present one.
  ///   - completion: called on a queue of the ledger; `nil` if no such version is known.
  package func statistics(
    of episode: ChoiceEpisode, version: String? = nil,
    completion: @escaping @Sendable (Result<RenderedStatistics?, ChoicesError>) -> Void
  ) {
    reading.async { [self] in
      let key = StatisticsCache.Key(
        episode: episode.name, present: episode.version, version: version ?? episode.version)
      let now = clock()
      if let known = cache.withLock({ $0.find(key, now: now) }) {
        return completion(.success(known))
      }
      do {
        let tally = try ChoiceTally(of: episode, version: key.version, in: database)
        let odds = tally.graph.map { graph in cache.withLock { $0.odds(of: graph, key.version) } }
        let made = try EpisodeStatistics(tally, of: episode.name, odds: odds).map {
          try RenderedStatistics($0)
        }
        cache.withLock { $0.keep(made, key, now: now) }
        completion(.success(made))
      } catch {
        completion(.failure(Self.storageError(database.name, error)))
      }
    }
  }
}
