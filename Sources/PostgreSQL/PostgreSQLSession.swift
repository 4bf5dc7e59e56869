import CPostgreSQL

/// A value of a row, or of a statement's place.
package enum PostgreSQLValue: Hashable, Sendable {
  case integer(Int64)
  case text(String)
  case bytes([UInt8])
}

/// One connection to a database, used by one thread at a time.
///
///     let session = try PostgreSQLSession(address)
///     try session.run("SELECT id FROM version WHERE episode = $1", [.text("offer")]) { row in … }
///
/// `@unchecked`: its owner keeps it behind a lock.
@safe package final class PostgreSQLSession: @unchecked Sendable {
  private let connection: OpaquePointer
  private var prepared: [String: String] = [:]

  /// What the address does not say itself: seconds until a connection stands, milliseconds for which
  /// sent bytes may stay unacknowledged.
  private static let parameters = [
    ("connect_timeout", "5"), ("tcp_user_timeout", "10000"), ("keepalives_idle", "10"),
    ("keepalives_interval", "5"), ("keepalives_count", "3"), ("application_name", "dougong"),
    ("client_encoding", "UTF8"),
  ]
  /// Statements that are kept prepared.
  private static let preparedCount = 64

  /// Connects (PQconnectdb).
  /// - Throws: `.unavailable` if there is no server, `.refused` if it takes no connection from us.
  package init(_ address: PostgreSQLAddress) throws(PostgreSQLError) {
    var text = address.url
    for (name, value) in Self.parameters where !text.contains("\(name)=") {
      text += "\(text.contains("?") ? "&" : "?")\(name)=\(value)"
    }
    guard let opened = unsafe PQconnectdb(text) else {
      throw PostgreSQLError(.unavailable, "there is no memory for a connection to \(address)")
    }
    guard unsafe PQstatus(opened) == CONNECTION_OK else {
      let reason = unsafe Self.line(PQerrorMessage(opened))
      unsafe PQfinish(opened)
      let isThere = unsafe PQping(text) == PQPING_OK
      throw PostgreSQLError(
        isThere ? .refused : .unavailable, "no connection to \(address): \(reason)")
    }
    unsafe connection = opened
    unsafe PQsetNoticeProcessor(opened, { _, _ in }, nil)
  }

  deinit { unsafe PQfinish(connection) }

  /// Whether the connection still stands, as far as anything has shown.
  package var isUsable: Bool { unsafe PQstatus(connection) == CONNECTION_OK }

  /// Runs one or several statements without values (PQexec).
  package func run(_ sql: String) throws(PostgreSQLError) {
    let result = unsafe PQexec(connection, sql)
    defer { unsafe PQclear(result) }
    try unsafe check(result)
  }

  /// Runs a statement, prepared the first time (PQprepare, PQexecPrepared).
  ///
  /// - Parameter row: gets the values of each row in turn.
  /// - Returns: rows that were changed.
  @discardableResult
  package func run<Failure: Error>(
    _ sql: String, _ values: [PostgreSQLValue],
    row: ([PostgreSQLValue]) throws(Failure) -> Void
  ) throws -> Int {
    let name = try prepare(sql)
    let bytes = values.map { value -> [UInt8] in
      switch value {
      case .integer(let number): Array("\(number)".utf8) + [0]
      case .text(let text): Array(text.utf8) + [0]
      case .bytes(let bytes): bytes
      }
    }
    let isBinary: [CInt] = values.map { if case .bytes = $0 { 1 } else { 0 } }
    // All values behind each other, and where each begins.
    let all = bytes.flatMap(\.self)
    let result = unsafe all.withUnsafeBufferPointer { all in
      var places: [UnsafePointer<CChar>?] = unsafe []
      var at = 0
      for value in bytes {
        let place = unsafe all.baseAddress.map { unsafe UnsafeRawPointer($0 + at) }
        unsafe places.append(place?.assumingMemoryBound(to: CChar.self))
        at += value.count
      }
      return unsafe PQexecPrepared(
        connection, name, CInt(values.count), places, bytes.map { CInt($0.count) }, isBinary, 0)
    }
    defer { unsafe PQclear(result) }
    try unsafe check(result)
    let columns = unsafe PQnfields(result)
    let count = unsafe PQntuples(result)
    for index in 0..<count {
      try row((0..<columns).map { unsafe Self.value(result, index, $0) })
    }
    return Int(unsafe String(cString: PQcmdTuples(result))) ?? 0
  }

  private func prepare(_ sql: String) throws(PostgreSQLError) -> String {
    if let name = prepared[sql] { return name }
    if prepared.count >= Self.preparedCount {
      try run("DEALLOCATE ALL")
      prepared = [:]
    }
    let name = "s\(prepared.count)"
    let result = unsafe PQprepare(connection, name, sql, 0, nil)
    defer { unsafe PQclear(result) }
    try unsafe check(result)
    prepared[sql] = name
    return name
  }

  /// Types of results that are no text, by their number in `pg_type`.
  private static let bytea: UInt32 = 17
  private static let integers: [UInt32] = [20, 21, 23]

  private static func value(
    _ result: OpaquePointer?, _ row: CInt, _ column: CInt
  ) -> PostgreSQLValue {
    let text = unsafe String(cString: PQgetvalue(result, row, column))
    let type = unsafe PQftype(result, column)
    if integers.contains(type) { return .integer(Int64(text) ?? 0) }
    guard type == bytea, text.hasPrefix("\\x") else { return .text(text) }
    var bytes: [UInt8] = []
    var high: UInt8?
    for digit in text.utf8.dropFirst(2) {
      let value = digit < 0x3a ? digit &- 0x30 : (digit | 0x20) &- 0x57
      if let first = high {
        bytes.append(first << 4 | (value & 15))
        high = nil
      } else {
        high = value & 15
      }
    }
    return .bytes(bytes)
  }

  /// Codes of SQLSTATE after which the same transaction may succeed: a deadlock, a serialization that
  /// failed, a row referred to that another has just removed.
  private static let passing = ["40001", "40P01", "23503"]

  private func check(_ result: OpaquePointer?) throws(PostgreSQLError) {
    let status = unsafe PQresultStatus(result)
    guard status != PGRES_COMMAND_OK, status != PGRES_TUPLES_OK else { return }
    let reason = unsafe Self.line(PQerrorMessage(connection))
    guard isUsable else {
      throw PostgreSQLError(.unavailable, "the connection was lost: \(reason)")
    }
    let state = unsafe PQresultErrorField(result, CInt(UInt8(ascii: "C"))).map {
      unsafe String(cString: $0)
    }
    // 57P01 to 57P03: the server is being stopped or started; 25006: it is a standby.
    let isLeaving = state.map { $0.hasPrefix("57P0") || $0 == "25006" } ?? true
    let code: PostgreSQLError.Code =
      state.map { Self.passing.contains($0) } ?? false
      ? .conflict : isLeaving ? .unavailable : .refused
    throw PostgreSQLError(code, reason)
  }

  /// What libpq says, in one line.
  private static func line(_ text: UnsafePointer<CChar>?) -> String {
    guard let text = unsafe text else { return "nothing is known" }
    let lines = unsafe String(cString: text).split(whereSeparator: \.isNewline)
    return lines.joined(separator: " ")
  }
}
