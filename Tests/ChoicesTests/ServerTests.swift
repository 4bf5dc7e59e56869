import Episodes
import Foundation
import PostgreSQL
import Synchronization
import Testing

@testable import Choices

@Suite(.enabled(if: TestServer.programs != nil, "PostgreSQL is not installed"))
struct ServerTests {
  @Test func `what was acknowledged outlives the server, which is found again`() async throws {
    let server = try TestServer()
    let ledger = ChoiceLedger(LedgerServer(try server.makeDatabase()))
    let episode = try Story.episode()
    for run in 1...50 {
      #expect(
        try await ledger.record(Story.report("_", 0, run: run), of: episode)
          == .recorded(path: "0"))
    }
    server.stop()
    let error = await #expect(throws: ChoicesError.self) {
      try await ledger.record(Story.report("_", 0, run: 51), of: episode)
    }
    #expect(error?.code == .storage)
    #expect(try ledger.open()?.code == .storage)
    try server.start()
    // A moment after a failure nobody tries to connect.
    let other = ChoiceLedger(LedgerServer(try server.makeDatabase()))
    #expect(try other.open() == nil)
    var answer: ChoiceAnswer?
    while answer == nil {
      answer = try? await ledger.record(Story.report("_", 1, run: 50), of: episode)
      await Task.yield()
    }
    #expect(answer == .other(path: "0"))
    for run in 1...49 {
      #expect(
        try await ledger.record(Story.report("_", 1, run: run), of: episode) == .other(path: "0"))
    }
  }

  @Test func `origins that start and write together keep each report once`() async throws {
    let address = try TestServer.shared.makeDatabase()
    let episode = try Story.episode()
    try await withThrowingTaskGroup(of: Void.self) { group in
      for origin in 0..<4 {
        group.addTask {
          let ledger = ChoiceLedger(LedgerServer(address))
          // Each in another order, so that transactions meet.
          for run in 0..<200 {
            let number = 1 + (run * 7 + origin * 50) % 200
            let answer = try await ledger.record(
              Story.report("_", number % 2, run: number), of: episode)
            #expect(answer == .recorded(path: "\(number % 2)"))
          }
        }
      }
      try await group.waitForAll()
    }
    let database = LedgerServer(address)
    #expect(try database.count(of: "report") == 200)
    #expect(try database.count(of: "version") == 1)
    #expect(try database.count(of: "leg") == 2)
  }

  @Test func `one origin forgets what another has removed`() async throws {
    let address = try TestServer.shared.makeDatabase()
    let episode = try Story.episode()
    let ledger = ChoiceLedger(LedgerServer(address))
    _ = try await ledger.record(Story.report("_", 0), of: episode)
    let pruning = ChoiceLedger(LedgerServer(address), keptDays: 1) {
      Int(Date().timeIntervalSince1970) + 2 * 86_400
    }
    try pruning.prune()
    #expect(try LedgerServer(address).count(of: "version") == 0)
    #expect(
      try await ledger.record(Story.report("_", 1), of: episode) == .recorded(path: "1"))
  }

  @Test(arguments: [
    "postgres://user:secret@host/choices", "postgres://user@host/choices?password=secret",
    "postgres://[::1/x", "mysql://host/x", "",
  ])
  func `an address that is none, or has a password, is refused without saying it`(
    text: String
  ) {
    let error = #expect(throws: PostgreSQLError.self) { try PostgreSQLAddress(text) }
    #expect(error?.code == .address)
    #expect(error?.message.contains("secret") == false)
  }

  @Test func `a server that refuses is no server that is away`() throws {
    let folder = try TestServer.shared.makeDatabase().description
    let address = try PostgreSQLAddress(folder.replacing("/ledger", with: "/none"))
    #expect(throws: ChoicesError.self) { try ChoiceLedger(address).open() }
    let nobody = try PostgreSQLAddress("postgres://test@127.0.0.1:1/choices")
    #expect(try ChoiceLedger(nobody).open() != nil)
  }
}
