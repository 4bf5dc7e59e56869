package import MediaCore

/// Peak and average segment bit rate of a Media Playlist (draft-pantos-hls-rfc8216bis §4.1).
///
///     PeakBitrate(
///       of: track.segments.lazy.map { ($0.range.count, $0.duration) },
///       timescale: track.timescale, targetDuration: 2
///     ).peak
package struct PeakBitrate: Hashable, Sendable {
  /// Bits in a second, rounded up: the largest of any contiguous run of segments that lasts 0.5
  /// to 1.5 target durations. Never below `average`.
  package let peak: Int64
  /// Bits in a second of all segments, rounded up.
  package let average: Int64

  /// - Parameters:
  ///   - segments: bytes, and ticks of `timescale`; what is negative counts as zero.
  ///   - targetDuration: seconds.
  ///
  /// If no run lasts 0.5 to 1.5 target durations the peak is the average. Rates above `Int64.max`
  /// and those of no time at all are `Int64.max`, nothing in no time is 0.
  package init(
    of segments: some Sequence<(byteCount: Int64, duration: Int64)>, timescale: Timescale,
    targetDuration: Int
  ) {
    let segments = segments.map { (UInt128(max(0, $0.byteCount)), UInt128(max(0, $0.duration))) }
    let scale = UInt128(timescale.ticksPerSecond)
    let target = UInt128(max(1, targetDuration)) * scale
    var peak: Int64 = 0
    for first in segments.indices {
      var (bytes, ticks): (UInt128, UInt128) = (0, 0)
      for (count, duration) in segments[first...] {
        bytes += count
        ticks += duration
        if 2 * ticks > 3 * target { break }
        if 2 * ticks >= target { peak = max(peak, Self.rate(bytes, ticks, scale)) }
      }
    }
    let bytes = segments.reduce(0) { $0 + $1.0 }
    let ticks = segments.reduce(0) { $0 + $1.1 }
    average = Self.rate(bytes, ticks, scale)
    self.peak = max(peak, average)
  }

  /// What was measured elsewhere.
  package init(peak: Int64, average: Int64) {
    self.average = average
    self.peak = max(peak, average)
  }

  /// Up to 2^30 segments of any size fit: 8 × 2^93 bytes by 2^32 ticks are below 2^128.
  static func rate(_ bytes: UInt128, _ ticks: UInt128, _ scale: UInt128) -> Int64 {
    guard bytes > 0 else { return 0 }
    guard ticks > 0 else { return .max }
    let (quotient, rest) = (bytes * 8 * scale).quotientAndRemainder(dividingBy: ticks)
    return Int64(clamping: quotient + (rest > 0 ? 1 : 0))
  }
}
