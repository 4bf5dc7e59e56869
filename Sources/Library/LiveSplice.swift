package import MediaCore

/// A splice message of a live title as it was published.
package struct LiveSplice: Hashable, Sendable {
  /// Times are since 1970.
  package var splice: Splice
  /// By track, the segment that was the last one when it came.
  package var segments: [String: Int64]

  package init(splice: Splice, segments: [String: Int64]) {
    self.splice = splice
    self.segments = segments
  }
}
