import Foundation
import PostgreSQL
import Synchronization

/// A ledger in PostgreSQL, which several origins share: one connection to write, one to read.
final class LedgerServer: LedgerDatabase {
  private struct Line {
    var session: PostgreSQLSession?
    /// Until when nobody tries to connect again, in seconds since 1970.
    var pausedUntil = 0.0
  }

  private let address: PostgreSQLAddress
  private let writing = Mutex(Line())
  private let reading = Mutex(Line())

  /// Times that a transaction is tried.
  private static let attemptCount = 4
  /// Seconds for which a server that cannot be reached is left alone.
  private static let pause = 1.0

  init(_ address: PostgreSQLAddress) { self.address = address }

  var name: String { address.description }
  var exists: Bool { true }

  func open() throws {
    try writing.withLock { line in _ = try connected(&line) }
  }

  func write<Result: Sendable>(_ body: (any LedgerTransaction) throws -> Result) throws -> Result {
    try writing.withLock { line in try transaction("BEGIN", &line, body) }
  }

  func read<Result: Sendable>(_ body: (any LedgerTransaction) throws -> Result) throws -> Result? {
    try reading.withLock { line in
      try transaction("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", &line, body)
    }
  }

  /// Whatever was written is written once, also if it is not known whether a lost connection's
  /// transaction was kept: a report that is there already is answered as it was.
  private func transaction<Result: Sendable>(
    _ begin: String, _ line: inout Line, _ body: (any LedgerTransaction) throws -> Result
  ) throws -> Result {
    var attempt = 1
    while true {
      do {
        let session = try connected(&line)
        try session.run(begin)
        let result = try body(Transaction(session: session))
        try session.run("COMMIT")
        return result
      } catch {
        if let session = line.session, session.isUsable {
          try? session.run("ROLLBACK")
        } else {
          line.session = nil
        }
        guard let code = (error as? PostgreSQLError)?.code,
          code == .conflict || code == .unavailable, attempt < Self.attemptCount,
          line.pausedUntil <= Self.now
        else { throw error }
        attempt += 1
      }
    }
  }

  private static var now: Double { Date().timeIntervalSince1970 }

  private func connected(_ line: inout Line) throws -> PostgreSQLSession {
    if let session = line.session, session.isUsable { return session }
    line.session = nil
    let now = Self.now
    guard now >= line.pausedUntil || line.pausedUntil > now + Self.pause else {
      throw PostgreSQLError(.unavailable, "no connection to \(address) a moment ago")
    }
    do {
      let session = try PostgreSQLSession(address)
      try session.run(LedgerSchema.postgreSQL)
      line.session = session
      line.pausedUntil = 0
      return session
    } catch {
      line.pausedUntil = Self.now + Self.pause
      throw error
    }
  }

  private struct Transaction: LedgerTransaction {
    let session: PostgreSQLSession

    func run(_ sql: String, _ values: [LedgerValue]) throws -> Int {
      try session.run(Self.numbered(sql), values.map(Self.value)) { _ in }
    }

    func rows(
      _ sql: String, _ values: [LedgerValue], _ row: ([LedgerValue]) throws -> Void
    ) throws {
      try session.run(Self.numbered(sql), values.map(Self.value)) { values in
        try row(values.map(Self.value))
      }
    }

    /// `$1`, `$2` … for each `?`.
    private static func numbered(_ sql: String) -> String {
      var numbered = ""
      var number = 0
      for part in sql.split(separator: "?", omittingEmptySubsequences: false) {
        if number > 0 { numbered += "$\(number)" }
        numbered += part
        number += 1
      }
      return numbered
    }

    private static func value(_ value: LedgerValue) -> PostgreSQLValue {
      switch value {
      case .integer(let number): .integer(number)
      case .text(let text): .text(text)
      case .bytes(let bytes): .bytes(Array(bytes))
      }
    }

    private static func value(_ value: PostgreSQLValue) -> LedgerValue {
      switch value {
      case .integer(let number): .integer(number)
      case .text(let text): .text(text)
      case .bytes(let bytes): .bytes(Data(bytes))
      }
    }
  }
}
