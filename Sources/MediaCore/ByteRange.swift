/// A run of bytes in a file: the first one's offset and how many.
package struct ByteRange: Hashable, Sendable {
  package var offset: Int64
  package var count: Int64

  package init(offset: Int64, count: Int64) {
    self.offset = offset
    self.count = count
  }

  /// The offset of the byte after the last.
  package var end: Int64 { offset + count }
}
