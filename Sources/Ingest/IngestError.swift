/// What came in and cannot be taken, told in one sentence.
package struct IngestError: Error, Hashable, CustomStringConvertible {
  package enum Code: Sendable {
    /// No media, or of a coding that is not packaged.
    case unsupported
    /// The CMAF header has not come, or cannot be read.
    case noHeader
    case tooLarge
    /// More uploads at a time than are taken.
    case busy
    case malformed
  }

  package var code: Code
  package var message: String

  package init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  package var description: String { message }
}
