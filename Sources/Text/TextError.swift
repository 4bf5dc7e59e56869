/// Subtitles that cannot be read, told in one sentence.
package struct TextError: Error, Hashable, CustomStringConvertible {
  package enum Code: Sendable {
    /// The text is of another form.
    case notThisFormat
    case syntax
    /// The text is fine, and asks for what is not read.
    case unsupported
    /// Larger than is read.
    case limit
  }

  package var code: Code
  /// From 1; `nil` where the fault has no line.
  package var line: Int?
  package var message: String

  package init(_ code: Code, line: Int? = nil, _ message: String) {
    self.code = code
    self.line = line
    self.message = message
  }

  package var description: String { line.map { "line \($0): \(message)" } ?? message }
}
