import Foundation
import Synchronization
import Testing

@testable import Choices

/// Figures, printed where they are asked for: nothing depends on them.
@Suite(.serialized, .enabled(if: ProcessInfo.processInfo.environment["DOUGONG_MEASURE"] != nil))
struct MeasureTests {
  @Test(arguments: LedgerPlace.available)
  func `a million reports`(place: LedgerPlace) async throws {
    let folder = try LedgerFolder()
    let database = try place.database(folder)
    let ledger = ChoiceLedger(database)
    let episode = try Story.episode()
    let clock = ContinuousClock()
    let total = 1_000_000
    let made = try (0..<3).flatMap { option in
      try ["_", "0", "00"].enumerated().map { depth, path in
        try Story.report(path, option % 2, occurrence: depth + 1)
      }
    }
    let kept = Mutex(0)
    let writing = try await clock.measure {
      var number = 0
      while number < total {
        var report = made[number % made.count]
        report.run = try #require(RunID(Story.run(number / 3)))
        report.at = 2000 + number &* 7919 % 9000
        do throws(ChoicesError) {
          try ledger.submit(report, of: episode) { answer in
            if case .success = answer { kept.withLock { $0 += 1 } }
          }
          number += 1
        } catch {
          await Task.yield()
        }
      }
      await ledger.settle()
    }
    let seconds = writing / .seconds(1)
    print(
      "MEASURE \(place.testDescription): \(kept.withLock { $0 }) reports in \(writing): \(Int(Double(total) / seconds))/s"
    )
    for _ in 1...3 {
      let fresh = ChoiceLedger(database)
      let asking = try await clock.measure { _ = try await fresh.statistics(of: episode) }
      print("MEASURE statistics of \(total) reports: \(asking)")
    }
    guard place == .file else { return }
    let size = try FileManager.default.attributesOfItem(atPath: folder.file)[.size] ?? 0
    print("MEASURE \(size) bytes at rest")
  }
}
