/// Bounds of what a fragmented stream may make its reader keep.
package enum StreamLimits {
  /// Payload bytes of a box that describes: `moov`, `moof`, `styp` and their like.
  package static let headBoxByteCount: Int64 = 1 << 20
  /// Payload bytes of a `mdat`: half a minute of 4K, or ten seconds of the costliest.
  package static let mediaByteCount: Int64 = 128 << 20
  /// Tracks of one stream.
  package static let trackCount = 16
  /// Samples of one fragment: ten minutes of sound.
  package static let fragmentSampleCount = 30_000
  /// Ticks from where times are no times any more.
  static let timeEnd: UInt64 = 1 << 60
}
