import MediaCore

/// Bit rates of a run of segments (draft-pantos-hls-rfc8216bis §4.1).
struct SegmentRate {
  /// Bits in a second: the largest of any contiguous run that lasts 0.5 to 1.5 target durations,
  /// and never less than the average.
  private(set) var peak: Double = 0
  private(set) var average: Double = 0

  /// - Parameter segments: bytes and ticks of each.
  init(_ segments: [(bytes: Int64, ticks: Int64)], timescale: Timescale, target: Int) {
    let scale = Double(timescale.ticksPerSecond)
    var bytesUpTo: [Int64] = [0]
    var ticksUpTo: [Int64] = [0]
    for segment in segments {
      bytesUpTo.append((bytesUpTo.last ?? 0) + segment.bytes)
      ticksUpTo.append((ticksUpTo.last ?? 0) + segment.ticks)
    }
    func rate(_ from: Int, _ to: Int) -> Double {
      let ticks = ticksUpTo[to] - ticksUpTo[from]
      return ticks > 0 ? Double(bytesUpTo[to] - bytesUpTo[from]) * 8 * scale / Double(ticks) : 0
    }
    average = rate(0, segments.count)
    peak = average
    let whole = Int128(target) * Int128(timescale.ticksPerSecond)
    for from in segments.indices {
      for to in from + 1...min(segments.count, from + VerificationLimits.peakRunCount) {
        let doubled = 2 * Int128(ticksUpTo[to] - ticksUpTo[from])
        if doubled > 3 * whole { break }
        if doubled >= whole { peak = max(peak, rate(from, to)) }
      }
    }
  }
}
