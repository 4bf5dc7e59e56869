import CPostgreSQL

/// Where a database is: `postgres://user@host:port/database`, as libpq reads it.
///
/// The password is libpq's affair (`PGPASSWORD`, `~/.pgpass`): an address has none, so it may be logged.
package struct PostgreSQLAddress: Hashable, Sendable, CustomStringConvertible {
  let url: String

  package static func isOne(_ text: String) -> Bool {
    text.hasPrefix("postgres://") || text.hasPrefix("postgresql://")
  }

  /// - Throws: `.address` for what libpq cannot read, or what has a password in it (PQconninfoParse).
  package init(_ text: String) throws(PostgreSQLError) {
    guard Self.isOne(text), text.utf8.count <= 1024, !text.utf8.contains(0) else {
      throw PostgreSQLError(.address, "postgres://USER@HOST/DATABASE is expected")
    }
    guard let options = unsafe PQconninfoParse(text, nil) else {
      throw PostgreSQLError(
        .address,
        "the address of the database cannot be read; postgres://USER@HOST/DATABASE is expected")
    }
    defer { unsafe PQconninfoFree(options) }
    var option = unsafe options
    while let keyword = unsafe option.pointee.keyword {
      if unsafe String(cString: keyword) == "password", unsafe option.pointee.val != nil {
        throw PostgreSQLError(
          .address,
          "the address of the database has a password in it, which others can see; put it into "
            + "PGPASSWORD or ~/.pgpass")
      }
      unsafe option += 1
    }
    url = text
  }

  package var description: String { url }
}
