import Episodes
import Foundation
import GRDB
import Synchronization
import Testing

@testable import Choices

#if canImport(Glibc)
  import Glibc
#endif

@Suite struct CrashTests {
  /// A child writes, says what was acknowledged, and is killed in the middle.
  @Test func `what was acknowledged outlives kill -9`() async throws {
    let folder = try LedgerFolder()
    let path = folder.path
    await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String] in
      try await Self.writeUntilKilled(path)
    }
    let said = try String(contentsOfFile: path + "/acknowledged", encoding: .utf8)
    let acknowledged = said.split(separator: "\n").map(String.init)
    #expect(acknowledged.count >= 2000)
    let kept = try await DatabaseQueue(path: folder.file).read { database in
      try String.fetchSet(database, sql: "SELECT lower(hex(run)) FROM report")
    }
    #expect(kept.isSuperset(of: acknowledged))
    // And the ledger goes on.
    let ledger = ChoiceLedger(path: folder.file)
    let first = try await ledger.record(Story.report("_", 1, run: 1), of: try Story.episode())
    #expect(first == .other(path: "0"))
  }

  private static func writeUntilKilled(_ path: String) async throws {
    try Data().write(to: URL(fileURLWithPath: path + "/acknowledged"))
    let log = try #require(FileHandle(forWritingAtPath: path + "/acknowledged"))
    let ledger = ChoiceLedger(path: path + "/state/choices.sqlite")
    let episode = try Story.episode()
    let count = Mutex(0)
    var run = 1
    while true {
      let report = try Story.report("_", 0, run: run)
      do throws(ChoicesError) {
        try ledger.submit(report, of: episode) { answer in
          guard case .success = answer else { return }
          let line = report.run.description.filter { $0 != "-" } + "\n"
          log.write(Data(line.utf8))
          count.withLock { $0 += 1 }
        }
        run += 1
        // The writer is at work: there is this one at least.
        if count.withLock({ $0 }) >= 2000 { kill(getpid(), SIGKILL) }
      } catch {
        // The queue is full.
        await Task.yield()
      }
    }
  }
}
