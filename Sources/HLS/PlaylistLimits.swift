/// What a playlist from outside may hold.
package enum PlaylistLimits {
  /// Bytes of UTF-8: a day of two-second segments needs 5 MB.
  package static let byteCount = 32 << 20
  /// Bytes of one line: a date range may name three URLs for each of 36 options.
  package static let lineByteCount = 128 << 10
  /// Media segments of one playlist: two days of one-second segments.
  package static let segmentCount = 200_000
  /// Parts of one playlist: an hour of parts of a fifth of a second.
  package static let partCount = 20_000
  /// Variant streams, I-frame variant streams and renditions, each.
  package static let streamCount = 1_000
  /// Date ranges of one playlist.
  package static let dateRangeCount = 10_000
  /// Attributes of one tag.
  package static let attributeCount = 256
  /// Seconds of one segment.
  package static let segmentSeconds: Int64 = 1_000_000
}
