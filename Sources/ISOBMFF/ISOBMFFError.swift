/// A box that cannot be read, told in one sentence.
package struct ISOBMFFError: Error, Hashable, CustomStringConvertible {
  package enum Code: Sendable { case truncated, badSize, badValue, missing, limit }

  package var code: Code
  /// The box's path and byte offset, what is wrong, what was expected.
  package var message: String

  package init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  package var description: String { message }
}
