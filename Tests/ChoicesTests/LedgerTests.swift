import Episodes
import Foundation
import GRDB
import Synchronization
import Testing

@testable import Choices

@Suite struct LedgerTests {
  private let folder: LedgerFolder

  init() throws { folder = try LedgerFolder() }

  @Test(arguments: LedgerPlace.available)
  func `the first report counts, and is answered the same again`(place: LedgerPlace) async throws {
    let database = try place.database(folder)
    let ledger = ChoiceLedger(database)
    let episode = try Story.episode()
    for _ in 1...3 {
      #expect(
        try await ledger.record(Story.report("_", 0), of: episode) == .recorded(path: "0"))
    }
    #expect(try await ledger.record(Story.report("_", 1), of: episode) == .other(path: "0"))
    #expect(
      try await ledger.record(Story.report("_", 1, run: 2), of: episode) == .recorded(path: "1"))
    #expect(
      try await ledger.record(Story.report("0", 2, occurrence: 2), of: episode)
        == .recorded(path: "02"))
    #expect(try database.count(of: "report") == 3)
  }

  @Test(arguments: [
    ("_", 0, "k2", 1, ChoiceAnswer.early),
    ("_", 0, "k1", 2, .early),
    ("0", 0, "k1", 1, .early),
    ("1", 0, "k1", 1, .early),
    (
      "_", 3, "k1", 1,
      .impossible("K1 in s1b has 3 options; the path takes number 3, counted from 0.")
    ),
    ("_", 2, "k1", 1, .impossible("Never of k1 in s1b cannot be chosen after this path.")),
    ("11", 0, "k1", 2, .impossible("The path has 1 digits behind its ending in s2b.")),
    ("@s9.c._", 0, "k1", 1, .impossible("The path starts at a scene that is not there.")),
    ("@s1.$._", 0, "k1", 1, .impossible("The state holds a character that is not base64url.")),
  ])
  func `what the episode does not have is not kept`(
    path: String, option: Int, choice: String, occurrence: Int, answer: ChoiceAnswer
  ) async throws {
    let report = try Story.report(path, option, occurrence: occurrence, choice: choice)
    let database = LedgerFile(path: folder.file)
    let given = try await ChoiceLedger(database).record(report, of: try Story.episode())
    if case .impossible(let reason) = answer {
      #expect(given.status == 404)
      #expect(given.body == reason + "\n")
    } else {
      #expect(given == answer)
    }
    #expect(try database.count(of: "report") == 0)
  }

  @Test(arguments: LedgerPlace.available)
  func `a report of an older version says where to go on, and counts for it`(place: LedgerPlace)
    async throws
  {
    let database = try place.database(folder)
    let ledger = ChoiceLedger(database)
    let old = try Story.episode(version: "00000000000000b0")
    let new = try Story.episode()
    let late = try Story.report("_", 1, run: 7, version: old.version)
    let changed = ChoiceAnswer.changed(version: new.version, scene: "s1b")
    #expect(try await ledger.record(late, of: new) == changed)
    #expect(try database.count(of: "report") == 0, "nothing is known of that version yet")
    let known = try Story.report("_", 0, version: old.version)
    #expect(try await ledger.record(known, of: old) == .recorded(path: "0"))
    #expect(try await ledger.record(late, of: new) == changed)
    #expect(try await ledger.record(late, of: new) == changed)
    #expect(try database.count(of: "report") == 2)
    let gone = try Story.report("_", 1, choice: "k9", version: old.version)
    #expect(
      try await ledger.record(gone, of: new) == .changed(version: new.version, scene: nil))
    #expect(try database.count(of: "report") == 2)
  }

  @Test func `a full queue refuses, and what was taken is kept`() async throws {
    let database = LedgerFile(path: folder.file)
    let small = ChoiceLedger(database, queueCount: 4)
    let episode = try Story.episode()
    let answers = Mutex(0)
    var (taken, refused) = (0, 0)
    // Nothing can be written while another holds the file, so four fit and no more.
    try small.open()
    let other = try DatabaseQueue(path: folder.file)
    try other.inDatabase { database in
      try database.execute(sql: "BEGIN IMMEDIATE")
      for run in 1...10 {
        do throws(ChoicesError) {
          try small.submit(Story.reportOrTrap("_", 0, run: run), of: episode) { _ in
            answers.withLock { $0 += 1 }
          }
          taken += 1
        } catch {
          #expect(error.code == .full)
          refused += 1
        }
      }
      try database.execute(sql: "ROLLBACK")
    }
    await small.settle()
    #expect((taken, refused) == (4, 6))
    #expect(answers.withLock { $0 } == 4)
    #expect(try database.count(of: "report") == 4)
    #expect(try await small.record(Story.report("_", 0, run: 9), of: episode).status == 200)
  }

  @Test(arguments: LedgerPlace.available)
  func `two ledgers share one place`(place: LedgerPlace) async throws {
    let database = try place.database(folder)
    let ledger = ChoiceLedger(database)
    let other = ChoiceLedger(database)
    let episode = try Story.episode()
    for run in 1...20 {
      let ledger = run % 2 == 0 ? ledger : other
      let option = run % 3 == 0 ? 1 : 0
      let answer = try await ledger.record(Story.report("_", option, run: run), of: episode)
      #expect(answer.status == 200)
    }
    #expect(try database.count(of: "leg") == 2)
    #expect(try database.count(of: "version") == 1)
    #expect(try await other.record(Story.report("_", 1, run: 2), of: episode) == .other(path: "0"))
  }

  @Test(arguments: LedgerPlace.available)
  func `old reports are removed, and versions of which nothing is left`(place: LedgerPlace)
    async throws
  {
    let database = try place.database(folder)
    let now = Mutex(1_000_000)
    let kept = ChoiceLedger(database, keptDays: 1) { now.withLock { $0 } }
    let old = try Story.episode(version: "00000000000000b0")
    _ = try await kept.record(Story.report("_", 0, version: old.version), of: old)
    now.withLock { $0 += 80_000 }
    let episode = try Story.episode()
    _ = try await kept.record(Story.report("_", 0), of: episode)
    try kept.prune()
    #expect(try database.count(of: "report") == 2)
    now.withLock { $0 += 10_000 }
    try kept.prune()
    #expect(try database.values("SELECT version FROM version") == [.text(Story.version)])
    #expect(try database.count(of: "leg") == 1)
    #expect(try await kept.record(Story.report("_", 1, run: 4), of: episode).status == 200)
  }

  @Test func `nothing is made before there is something to keep`() async throws {
    let database = LedgerFile(path: folder.file)
    let ledger = ChoiceLedger(database)
    let statistics = try await ledger.statistics(of: try Story.episode())
    #expect(statistics != nil)
    #expect(!FileManager.default.fileExists(atPath: folder.path + "/state"))
  }

  @Test func `a place that cannot be written says so`() async throws {
    let database = LedgerFile(path: folder.file)
    let ledger = ChoiceLedger(database)
    try Data().write(to: URL(fileURLWithPath: folder.path + "/state"))
    let episode = try Story.episode()
    let error = await #expect(throws: ChoicesError.self) {
      try await ledger.record(Story.report("_", 0), of: episode)
    }
    #expect(error?.code == .storage)
    #expect(throws: ChoicesError.self) { try ledger.open() }
  }

  @Test func `a run and its path are all that is kept of a viewer`() async throws {
    let database = LedgerFile(path: folder.file)
    let ledger = ChoiceLedger(database)
    _ = try await ledger.record(Story.report("_", 0), of: try Story.episode())
    let columns = try database.values("SELECT name FROM pragma_table_info('report')").map(\.text)
    #expect(
      columns == [
        "id", "version", "run", "path", "leg", "isDefault", "tenths", "received",
      ])
  }
}

extension Story {
  /// For closures that may throw nothing else.
  static func reportOrTrap(_ path: String, _ option: Int, run: Int) -> ChoiceReport {
    do { return try report(path, option, run: run) } catch { preconditionFailure("\(error)") }
  }
}
