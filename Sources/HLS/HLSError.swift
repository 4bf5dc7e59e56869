/// Why a playlist was refused.
package struct HLSError: Error, Hashable, Sendable, CustomStringConvertible {
  package enum Code: Hashable, Sendable, CaseIterable {
    /// A limit of `PlaylistLimits` is passed.
    case tooLarge
    /// No `#EXTM3U`, or the other kind of playlist.
    case notThisPlaylist
    /// A line, tag or attribute that cannot be read.
    case syntax
    /// A tag or attribute that must be there is not.
    case missing
    /// A tag or attribute stands twice where it may stand once.
    case duplicate
    /// A tag where the draft does not allow it.
    case order
    /// EXT-X-VERSION below what the tags need.
    case version
    /// A tag or value of the draft that these values cannot hold.
    case unsupported
  }

  package var code: Code
  /// The line of the playlist, from 1; `nil` when the whole text is meant.
  package var line: Int?
  package var message: String

  package init(_ code: Code, line: Int?, _ message: String) {
    self.code = code
    self.line = line
    self.message = message
  }

  package var description: String {
    line.map { "playlist line \($0): \(message)" } ?? "playlist: \(message)"
  }
}
