/// A source that cannot be packaged, told in one sentence.
package struct PackagingError: Error, Hashable, CustomStringConvertible {
  package enum Code: Sendable {
    case noVideo, noAudio, noKeyFrame, unsupportedCodec, badTimestamps, renditionsDiffer, limit,
      damaged
    case cancelled
  }

  package var code: Code
  package var message: String

  package init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  package var description: String { message }
}
