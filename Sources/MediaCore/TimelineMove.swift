/// How a segment is put on another place of the timeline, in ticks of its track.
package struct TimelineMove: Hashable, Sendable {
  /// What is added to all times: 0 to `maximumOffset`.
  package var offset: Int64
  /// Samples that are decoded before this time of the track, as it is at rest, are left out.
  package var start: Int64

  package static let maximumOffset: Int64 = 1 << 62

  package init(offset: Int64, start: Int64 = 0) {
    self.offset = offset
    self.start = start
  }
}
