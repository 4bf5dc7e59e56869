import Dispatch
import Foundation
import GRDB
import Synchronization

/// Every choice that viewers reported, in one SQLite file.
///
///     let ledger = ChoiceLedger(path: "library/.dougong/choices.sqlite")
///     try ledger.submit(report, of: episode) { answer in … }   // once the report is durable
///
/// Reports wait in a bounded queue and are written many at a time, on a queue of the ledger's own. The
/// file is made with the first report: a library that nobody reports to is left as it is.
package final class ChoiceLedger: Sendable {
  package typealias Completion = @Sendable (Result<ChoiceAnswer, ChoicesError>) -> Void

  private struct Pending: Sendable {
    var arrived: ArrivedReport
    var completion: Completion
  }

  private struct Waiting {
    var reports: [Pending] = []
    /// Also those that are being written.
    var count = 0
    var isDraining = false
  }

  package let path: String
  /// Seconds for which reports are kept; `nil` for ever.
  private let keptSeconds: Int?
  /// Seconds since 1970.
  private let clock: @Sendable () -> Int
  private let queueCount: Int
  private let waiting = Mutex(Waiting())
  private let writing = DispatchQueue(label: "dougong.choices.write")
  private let reading = DispatchQueue(label: "dougong.choices.read")
  private let file: LedgerFile
  private let writer = Mutex<LedgerWriter?>(nil)
  private let cache = Mutex(StatisticsCache())

  /// - Parameter keptDays: after how many days reports are removed; `nil` never.
  package init(
    path: String, keptDays: Int? = nil, queueCount: Int = ChoiceLimits.queueCount,
    clock: @escaping @Sendable () -> Int = { Int(Date().timeIntervalSince1970) }
  ) {
    self.path = path
    keptSeconds = keptDays.map { $0 * 86_400 }
    self.queueCount = queueCount
    self.clock = clock
    file = LedgerFile(path: path)
    if keptSeconds != nil { schedulePruning() }
  }

  /// Makes the file if need be, so that what keeps it from being written shows at once.
  package func open() throws(ChoicesError) {
    do {
      _ = try file.make()
    } catch {
      throw Self.storageError(path, error)
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
    let pending = Pending(
      arrived: ArrivedReport(report: report, episode: episode, received: clock()),
      completion: completion)
    let (isTaken, mustStart) = waiting.withLock { waiting -> (Bool, Bool) in
      guard waiting.count < queueCount else { return (false, false) }
      waiting.count += 1
      waiting.reports.append(pending)
      defer { waiting.isDraining = true }
      return (true, !waiting.isDraining)
    }
    guard isTaken else {
      throw ChoicesError(.full, "\(queueCount) reports wait already; send it again in a second.")
    }
    if mustStart { writing.async { [self] in drain() } }
  }

  /// Writes batch after batch until nothing waits.
  private func drain() {
    while true {
      let batch = waiting.withLock { waiting -> [Pending] in
        let batch = Array(waiting.reports.prefix(ChoiceLimits.batchCount))
        waiting.reports.removeFirst(batch.count)
        if batch.isEmpty { waiting.isDraining = false }
        return batch
      }
      guard !batch.isEmpty else { return }
      let answers: Result<[ChoiceAnswer], ChoicesError>
      do {
        answers = .success(try write(batch.map(\.arrived)))
      } catch {
        answers = .failure(Self.storageError(path, error))
      }
      waiting.withLock { $0.count -= batch.count }
      for (index, pending) in batch.enumerated() {
        pending.completion(answers.map { $0[index] })
      }
    }
  }

  private func write(_ batch: [ArrivedReport]) throws -> [ChoiceAnswer] {
    try writer.withLock { known in
      var writer = try known ?? LedgerWriter(file.make())
      defer { known = writer }
      return try writer.write(batch)
    }
  }

  /// Written when it cannot be used.
  static func storageError(_ path: String, _ error: any Error) -> ChoicesError {
    ChoicesError(.storage, "The choices in \(path) cannot be kept: \(error).")
  }

  /// Waits until what was submitted and asked for is answered.
  package func settle() async {
    await withCheckedContinuation { continuation in
      writing.async { continuation.resume() }
    }
    await withCheckedContinuation { continuation in
      reading.async { continuation.resume() }
    }
  }

  // MARK: Age

  /// How often old reports are looked for, in seconds.
  private static let pruningInterval = 3600

  private func schedulePruning() {
    writing.asyncAfter(deadline: .now() + .seconds(Self.pruningInterval)) { [weak self] in
      guard let self else { return }
      try? prune()
      schedulePruning()
    }
    writing.async { [weak self] in try? self?.prune() }
  }

  /// Removes what is older than is kept.
  package func prune() throws {
    guard let keptSeconds else { return }
    let moment = clock() - keptSeconds
    var isDone = false
    while !isDone {
      isDone = try writer.withLock { known in
        guard let database = try file.existing() else { return true }
        var writer = known ?? LedgerWriter(database)
        defer { known = writer }
        return try writer.prune(before: moment)
      }
    }
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
        let tally = try ChoiceTally(of: episode, version: key.version, in: try file.existing())
        let odds = tally.graph.map { graph in cache.withLock { $0.odds(of: graph, key.version) } }
        let made = try EpisodeStatistics(tally, of: episode.name, odds: odds).map {
          try RenderedStatistics($0)
        }
        cache.withLock { $0.keep(made, key, now: now) }
        completion(.success(made))
      } catch {
        completion(.failure(Self.storageError(path, error)))
      }
    }
  }
}
