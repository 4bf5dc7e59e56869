/// What one file may cost; every value has its unit.
package enum OnTheFlyLimits {
  /// Samples of all tracks of a file: ten hours of pictures at 60 a second, with their sound.
  package static let sampleCount = 1 << 22
  /// Samples of one segment: each is described anew when the segment is asked for.
  package static let segmentSampleCount = 1 << 16
  /// Bytes of a segment's lines in documents and in the index, roughly.
  static let indexedSegmentByteCount = 256
  /// Bytes of a file's index in memory.
  package static let indexByteCount = 128 << 20
}
