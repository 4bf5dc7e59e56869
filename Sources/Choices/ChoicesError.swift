/// What keeps a report from being read, or reports from being kept.
package struct ChoicesError: Error, Hashable, Sendable, CustomStringConvertible {
  package enum Code: Hashable, Sendable {
    /// The bytes are no choice report.
    case malformed
    /// As many reports wait as may; later there is room again.
    case full
    /// The ledger cannot be read or written.
    case storage
  }

  package var code: Code
  package var message: String

  package init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  package var description: String { message }
}
