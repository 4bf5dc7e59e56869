/// Why a measurement could not be made: one sentence for the person who asked for it.
package struct ProbeError: Error, Hashable, Sendable, CustomStringConvertible {
  package enum Code: Hashable, Sendable {
    /// An address, a trace or a document that cannot be read.
    case input
    /// The server could not be reached, or did not answer with what was asked for.
    case server
    /// The system lacks something: descriptors, memory.
    case system
  }

  package var code: Code
  package var message: String

  package init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  package var description: String { message }
}
