package import MediaCore

/// Where segments of a live title lie that are no longer in memory.
package protocol LiveArchive: Sendable {
  /// The bytes of a whole segment, one run of a file; `nil` if it is not kept. May block.
  func place(ofSegment number: Int64, track: String, version: String) throws
    -> LiveArchivePlace?
}

package struct LiveArchivePlace: Hashable, Sendable {
  /// Of the file: it stays there, and keeps those bytes, as long as the segment may be fetched.
  package var path: String
  package var range: ByteRange

  package init(path: String, range: ByteRange) {
    self.path = path
    self.range = range
  }
}
