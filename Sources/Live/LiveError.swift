/// Why a chunk was not taken into the window.
package struct LiveError: Error, Hashable, Sendable, CustomStringConvertible {
  package enum Code: Hashable, Sendable {
    /// A chunk that is there already, or comes before one that is.
    case order
    /// A part that is longer than the part target, or a segment longer than the target duration.
    case tooLong
    /// The stream has been ended, or has no track of this name.
    case notExpected
  }

  package var code: Code
  package var message: String

  package init(_ code: Code, _ message: String) { (self.code, self.message) = (code, message) }

  package var description: String { message }
}
