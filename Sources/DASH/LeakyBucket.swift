package import MediaCore

/// The value of `Representation@bandwidth` (ISO/IEC 23009-1 §5.3.5.2).
///
/// Delivered at this constant rate from the start of any segment on, every segment is complete
/// before it is presented, if presentation begins `minBufferTime` after delivery. (The standard
/// asks this of each sample, so the value is on the safe side by less than a segment.)
package enum LeakyBucket {
  /// The smallest such rate in bits per second, at least 1, at most what `@bandwidth` can hold
  /// (2^32 − 1).
  /// - Parameters:
  ///   - segments: bytes, and start in ticks of `timescale`, in order of time; what is negative
  ///     counts as zero, and a start before its predecessor's as that.
  ///   - minBufferTime: whole seconds, at least 1.
  package static func bandwidth(
    of segments: some Sequence<(byteCount: Int64, start: Int64)>, timescale: Timescale,
    minBufferTime: Int
  ) -> Int64 {
    let scale = Int128(timescale.ticksPerSecond)
    let buffer = Int128(max(1, min(minBufferTime, Int(UInt32.max)))) * scale
    var start: Int64 = 0
    let weighed = segments.map { segment in
      start = max(start, segment.start)
      return (bits: Int128(max(0, segment.byteCount)) * 8 * scale, start: Int128(start))
    }
    // Feasible rates are closed upwards, so the smallest is found by halving. With D(j) the bits
    // before segment j, rate B holds if D(k+1) − B·(T(k) + buffer) ≤ D(j) − B·T(j) for all j ≤ k:
    // one pass that keeps the smallest right side. Bits and ticks are both scaled to stay whole.
    func holds(_ rate: Int64) -> Bool {
      let rate = Int128(rate)
      var delivered: Int128 = 0
      var least = Int128.max
      for (bits, start) in weighed {
        least = min(least, delivered - rate * start)
        delivered += bits
        if delivered - rate * (start + buffer) > least { return false }
      }
      return true
    }
    return least(holds)
  }

  /// The smallest rate that holds, of those that `@bandwidth` can say.
  /// - Parameter holds: of every rate above one that holds, true.
  static func least(_ holds: (Int64) -> Bool) -> Int64 {
    var (low, high): (Int64, Int64) = (1, Int64(UInt32.max))
    while low < high {
      let middle = low + (high - low) / 2
      if holds(middle) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
