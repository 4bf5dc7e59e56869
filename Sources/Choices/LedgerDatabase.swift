import Foundation

/// A value of the ledger's tables.
enum LedgerValue: Hashable, Sendable {
  case integer(Int64)
  case text(String)
  case bytes(Data)

  static func integer(_ value: Int) -> LedgerValue { .integer(Int64(value)) }

  var integer: Int64 { if case .integer(let value) = self { value } else { 0 } }
  var text: String { if case .text(let value) = self { value } else { "" } }
  var bytes: Data { if case .bytes(let value) = self { value } else { Data() } }
}

/// Statements inside one transaction. They are SQL that every database of the ledger reads, a `?` for
/// each value.
protocol LedgerTransaction {
  /// - Returns: rows that were changed.
  @discardableResult
  func run(_ sql: String, _ values: [LedgerValue]) throws -> Int
  func rows(
    _ sql: String, _ values: [LedgerValue], _ row: ([LedgerValue]) throws -> Void
  ) throws
}

extension LedgerTransaction {
  func row(_ sql: String, _ values: [LedgerValue]) throws -> [LedgerValue]? {
    var first: [LedgerValue]?
    try rows(sql, values) { first = first ?? $0 }
    return first
  }
}

/// Where a ledger keeps its tables: a file of SQLite for one origin, PostgreSQL for several.
protocol LedgerDatabase: Sendable {
  /// For messages; without a secret.
  var name: String { get }
  /// Makes what is missing.
  func open() throws
  /// All that `body` does is kept when this returns, and nothing of it if it throws.
  ///
  /// - Parameter body: is called again if another transaction came in between.
  func write<Result: Sendable>(_ body: (any LedgerTransaction) throws -> Result) throws -> Result
  /// One state of the tables; `nil` if nothing was ever written.
  func read<Result: Sendable>(_ body: (any LedgerTransaction) throws -> Result) throws -> Result?
  /// Whether there is anything to read, or to remove.
  var exists: Bool { get }
}
