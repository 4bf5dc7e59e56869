import MediaCore

/// Bounds of what publishers may make a publishing point keep.
package enum IngestLimits {
  /// Uploads of one publishing point at a time.
  package static let uploadCount = 64
  /// Bytes that all of them together have begun and not finished.
  package static let byteCount = 512 << 20
  /// Streams, and tracks, of a publishing point.
  package static let streamCount = 32
  /// Bytes of an MPD or playlist.
  package static let manifestByteCount = 1 << 20
  /// Bytes of one object of a transport stream.
  static let transportByteCount = 128 << 20
  /// Names that manifests may give.
  static let namedCount = 512
  /// Ticks in a second.
  static let finestTimescale: UInt32 = 100_000_000
  /// Seconds that a sample lasts, and that lie between its decoding and its presentation.
  static let longestSample: Int64 = 60
  /// Fragments of a track that are known when they come again.
  static let recentFragmentCount = 512
  /// Nanoseconds: how long it is waited for further tracks before a title begins.
  static let settlingTime: Int64 = 1_000_000_000
  /// Nanoseconds without media after which a title ends whose manifest says so.
  static let endingTime: Int64 = 2_000_000_000
  /// Nanoseconds that media may be ahead of the clock before its publisher is slowed.
  package static let lead: Int64 = 3_000_000_000
  /// Nanoseconds that media which is not timed since 1970 may be behind the clock, or ahead of it, before it counts as
  /// another run of its source.
  static let drift: Int64 = 60_000_000_000
  /// The same of media that is.
  static let epochPast: Int64 = 86_400_000_000_000
  static let epochFuture: Int64 = 600_000_000_000
  /// How far times of such a run may lie back before they are of another.
  static let overlap = MediaTime(1, Timescale(literal: 1))
  /// How far back a publisher begins that sends again what may not have come; one that begins before has begun anew.
  static let retry = MediaTime(6, Timescale(literal: 1))
  /// Nanoseconds: the longest piece of media that comes at once and is reckoned with.
  static let longestBurst: Int64 = 15_000_000_000
  /// Nanoseconds without a byte after which a publishing point that gets other streams than it had begins anew.
  static let forgetting: Int64 = 30_000_000_000
}
