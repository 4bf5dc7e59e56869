/// A whole segment of a window whose media lies elsewhere, under a URL of its own.
package struct ListedSegment: Hashable, Sendable {
  /// Ticks of the track since 1970, and of its duration.
  package var start: Int64
  package var duration: Int64
  /// What the playlist says of it; without EXT-X-MAP, which is the window's.
  package var segment: MediaSegment
  /// EXTINF in microseconds.
  package var microseconds: Int64

  package init(start: Int64, duration: Int64, segment: MediaSegment, microseconds: Int64) {
    self.start = start
    self.duration = duration
    self.segment = segment
    self.microseconds = microseconds
  }

  package var text: String { segment.render(microseconds: microseconds, after: nil) }
}
