/// Why the origin could not start or go on.
package struct OriginError: Error, Hashable, CustomStringConvertible {
  package enum Code: String, Sendable {
    /// The address or port cannot be listened on.
    case cannotListen
    /// A file named at start cannot be read.
    case unreadableFile
    /// A fault that was asked for cannot be understood.
    case malformedFault
    /// A network that was to be trusted is none.
    case malformedNetwork
  }

  package var code: Code
  /// One sentence: what failed, where, what to do.
  package var message: String

  package init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  package var description: String { message }
}
