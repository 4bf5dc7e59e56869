/// Why bytes of a codec could not be read or written.
package struct CodecsError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What kind of thing is wrong, for code to decide on.
  package enum Code: String, Hashable, Sendable, CaseIterable {
    /// The bytes end before the syntax does.
    case truncated
    /// A value lies outside what its specification allows.
    case invalidValue
    /// Valid by the specification, but not something this program carries.
    case unsupported
    /// A count or size above a limit of this program.
    case limitExceeded
  }

  package var code: Code
  /// What failed, where, what was expected and what to do, for people.
  package var message: String

  package init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  package var description: String { message }
}
