/// An MP4 file that cannot be used, told in one sentence.
package struct MP4Error: Error, Hashable, CustomStringConvertible {
  package enum Code: Sendable {
    /// Not an ISO base media file, or one whose structure is left to a general demuxer.
    case notDirect
    case damaged
    /// The header that tells what is in a stream cannot be read, or has not come before its first fragment.
    case noHeader
    case limit
  }

  package var code: Code
  package var message: String

  package init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  package var description: String { message }
}
