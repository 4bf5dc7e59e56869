/// What an MPD from outside may hold.
package enum MPDLimits {
  /// Bytes of UTF-8.
  package static let byteCount = 32 << 20
  /// Elements inside elements; an MPD of ours has six.
  package static let depth = 16
  package static let elementCount = 500_000
  package static let attributeCount = 64
  /// Segments of one timeline.
  package static let segmentCount = 200_000
}
