/// A failure of the work on a ladder, told in one sentence.
package struct EncodingError: Error, Hashable, Sendable, CustomStringConvertible {
  package enum Code: Hashable, Sendable {
    /// The source cannot be encoded.
    case unsuitable
    /// More than a limit allows.
    case limit
    /// A part, or the plan, is not what it should be.
    case damaged
    /// A part could not be made, however often it was tried.
    case failed
    case cancelled
  }

  package var code: Code
  /// What failed, on which input, what was expected, what to do.
  package var message: String

  package init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  package var description: String { message }
}
