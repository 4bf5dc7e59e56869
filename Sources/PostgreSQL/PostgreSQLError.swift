/// What PostgreSQL, or the way to it, refuses; in one sentence.
package struct PostgreSQLError: Error, Hashable, Sendable, CustomStringConvertible {
  package enum Code: Hashable, Sendable {
    /// The address is none.
    case address
    /// The server cannot be reached, or the connection was lost: later it may be there again.
    case unavailable
    /// Another transaction came in between: the same one may succeed now.
    case conflict
    /// The server refuses to be asked this, or by this user.
    case refused
  }

  package var code: Code
  package var message: String

  package init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  package var description: String { message }
}
