/// Why an MPD was refused.
package struct DASHError: Error, Hashable, Sendable, CustomStringConvertible {
  package enum Code: Hashable, Sendable, CaseIterable {
    /// A limit of `MPDLimits` is passed.
    case tooLarge
    /// Not well-formed XML, or a document type declaration.
    case xml
    /// The root is no `MPD` of `urn:mpeg:dash:schema:mpd:2011`.
    case notAnMPD
    /// An attribute or element that must be there is not.
    case missing
    /// An attribute whose value cannot be read.
    case syntax
    /// Something of the standard that these values cannot hold.
    case unsupported
  }

  package var code: Code
  /// The line of the document, from 1; `nil` when the whole text is meant.
  package var line: Int?
  package var message: String

  package init(_ code: Code, line: Int?, _ message: String) {
    self.code = code
    self.line = line
    self.message = message
  }

  package var description: String {
    line.map { "MPD line \($0): \(message)" } ?? "MPD: \(message)"
  }
}
