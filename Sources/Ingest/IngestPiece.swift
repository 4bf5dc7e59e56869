/// Which part of what is sent to a path one upload has, of a publisher that sends it piece by piece
/// (partial PUT, RFC 9110 §14.5).
package struct IngestPiece: Hashable, Sendable {
  /// Place of its first byte in the whole; less than 2^62.
  package var offset: Int64
  package var isLast: Bool

  package init(offset: Int64, isLast: Bool) {
    self.offset = offset
    self.isLast = isLast
  }
}
