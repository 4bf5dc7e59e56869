/// Why a live source is not encoded.
package struct LiveEncodingError: Error, Hashable, CustomStringConvertible {
  package enum Code: Sendable {
    /// The machine cannot hold the ladder.
    case tooSlow
    /// The source has no pictures.
    case noPictures
    /// An encoder has failed.
    case failed
  }

  package var code: Code
  package var message: String

  package init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  package var description: String { message }
}
