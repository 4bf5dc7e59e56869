/// What keeps an episode file, a compiled episode or a path from being used.
package struct EpisodesError: Error, Hashable, Sendable, CustomStringConvertible {
  package enum Code: Hashable, Sendable {
    /// The text is no episode of this format.
    case damaged
    /// A named limit is passed.
    case limit
    /// The path cannot be walked: no such option here, or one that its state does not allow.
    case impossiblePath
    /// The path is not spelt as paths are.
    case malformedPath
  }

  package var code: Code
  package var message: String

  package init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  package var description: String { message }
}
