import Foundation
import GRDB
import Synchronization

/// A ledger in a file of SQLite, opened when it is first needed.
final class LedgerFile: LedgerDatabase {
  private let path: String
  private let opened = Mutex<DatabasePool?>(nil)

  init(path: String) { self.path = path }

  var name: String { path }
  var exists: Bool { FileManager.default.fileExists(atPath: path) }

  func open() throws { _ = try make() }

  func write<Result: Sendable>(_ body: (any LedgerTransaction) throws -> Result) throws -> Result {
    try make().write { try body(Transaction(database: $0)) }
  }

  func read<Result: Sendable>(_ body: (any LedgerTransaction) throws -> Result) throws -> Result? {
    guard exists else { return nil }
    return try make().read { try body(Transaction(database: $0)) }
  }

  /// The file and its folder are made if they are not there.
  private func make() throws -> DatabasePool {
    try opened.withLock { opened in
      if let opened { return opened }
      let folder = (path as NSString).deletingLastPathComponent
      if !folder.isEmpty {
        try FileManager.default.createDirectory(
          atPath: folder, withIntermediateDirectories: true)
      }
      var configuration = Configuration()
      configuration.label = "choices"
      // Another origin may write to the same file.
      configuration.busyMode = .timeout(5)
      configuration.maximumReaderCount = 2
      configuration.prepareDatabase { database in
        // What was answered survives a power failure, too; batches make that cheap.
        try database.execute(sql: "PRAGMA synchronous = FULL")
        try database.execute(sql: "PRAGMA max_page_count = \(ChoiceLimits.pageCount)")
      }
      let database = try DatabasePool(path: path, configuration: configuration)
      try LedgerSchema.migrator.migrate(database)
      opened = database
      return database
    }
  }

  private struct Transaction: LedgerTransaction {
    let database: Database

    func run(_ sql: String, _ values: [LedgerValue]) throws -> Int {
      try database.cachedStatement(sql: sql).execute(arguments: Self.arguments(values))
      return database.changesCount
    }

    func rows(
      _ sql: String, _ values: [LedgerValue], _ row: ([LedgerValue]) throws -> Void
    ) throws {
      let cursor = try Row.fetchCursor(
        database.cachedStatement(sql: sql), arguments: Self.arguments(values))
      while let next = try cursor.next() { try row(next.databaseValues.map(Self.value)) }
    }

    private static func arguments(_ values: [LedgerValue]) -> StatementArguments {
      StatementArguments(
        values.map { value -> (any DatabaseValueConvertible)? in
          switch value {
          case .integer(let number): number
          case .text(let text): text
          case .bytes(let bytes): bytes
          }
        })
    }

    private static func value(_ value: DatabaseValue) -> LedgerValue {
      switch value.storage {
      case .int64(let number): .integer(number)
      case .double(let number): .integer(Int64(number))
      case .string(let text): .text(text)
      case .blob(let bytes): .bytes(bytes)
      case .null: .integer(0)
      }
    }
  }
}
