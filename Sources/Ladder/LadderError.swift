/// Why a ladder cannot be made of a source.
package struct LadderError: Error, Hashable, Sendable, CustomStringConvertible {
  package enum Code: Hashable, Sendable {
    /// No ladder of that name.
    case unknownName
    /// The source has no picture that could be encoded.
    case unsuitable
    /// More than a limit allows.
    case limit
  }

  package var code: Code
  /// What is wrong, what was expected, what to do.
  package var message: String

  package init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  package var description: String { message }
}
