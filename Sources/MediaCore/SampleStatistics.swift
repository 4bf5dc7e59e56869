/// What the samples of a track amount to: counts, lengths, rates, for people and for reports.
///
///     let statistics = SampleStatistics(track)
///     statistics.frameRate  // 24000/1001
package struct SampleStatistics: Hashable, Sendable {
  package var sampleCount: Int
  /// Payload bytes of all samples.
  package var byteCount: Int64
  /// First presented moment, and what is presented from there on.
  package var start: MediaTime
  package var duration: MediaTime
  /// Samples where decoding can start: all of them in most audio.
  package var closedCount: Int
  /// The same with leading samples that cannot be decoded then.
  package var openCount: Int
  /// From one such sample to the next, or to the end, at most; `nil` without any.
  package var longestDistance: MediaTime?
  /// Samples in a second; `nil` for less than two samples.
  package var frameRate: Rational?
  /// No distance between samples differs from another by more than the rounding of a tick.
  package var isConstantRate: Bool
  /// Mean over the duration; 0 if there is none.
  package var bitsPerSecond: Int64

  package init(_ track: SourceTrack) {
    let table = track.samples
    sampleCount = table.count
    byteCount = table.sizes.reduce(0) { $0 + Int64($1) }
    closedCount = table.randomAccess.count { $0 == RandomAccess.closed.rawValue }
    openCount = table.randomAccess.count { $0 == RandomAccess.open.rawValue }
    let times = table.presentationTimes.sorted()
    let last = times.last.map { saturating($0, plus: table.lastDuration) }
    let first = last == nil ? 0 : track.presentationStart
    let end = min(track.presentationEnd ?? .max, last ?? first)
    start = MediaTime(first, track.timescale)
    duration = MediaTime(max(0, distance(first, end)), track.timescale)
    let keys = zip(table.presentationTimes, table.randomAccess).filter { $0.1 != 0 }.map(\.0)
      .sorted()
    longestDistance = zip(keys, keys.dropFirst() + [max(end, keys.last ?? end)])
      .map { distance($0, $1) }.max().map { MediaTime($0, track.timescale) }
    (frameRate, isConstantRate) = Self.rate(times, track.timescale)
    // Times rounded to coarse ticks: what the container says is exact, if it fits them.
    if isConstantRate, let mean = frameRate?.value, let hint = track.frameRateHint,
      abs(hint.value - mean) < mean / 1000, mean != hint.value
    {
      frameRate = hint
    }
    let bits = Double(byteCount) * 8 / duration.seconds
    bitsPerSecond = duration.value > 0 ? Int64(min(bits, 1e15)) : 0
  }

  /// The exact rate of equal distances, else the mean.
  private static func rate(_ times: [Int64], _ timescale: Timescale) -> (Rational?, Bool) {
    guard let first = times.first, let last = times.last, times.count > 1 else {
      return (nil, false)
    }
    let steps = zip(times, times.dropFirst()).lazy.map { distance($0, $1) }
    let shortest = steps.min() ?? 0
    let longest = steps.max() ?? 0
    let ticks = Int64(timescale.ticksPerSecond)
    if shortest == longest { return (Rational(ticks, shortest), true) }
    // At most 2²⁶ samples and 2³² ticks.
    return (
      Rational(Int64(times.count - 1) * ticks, distance(first, last)), longest - shortest <= 1
    )
  }
}

private func saturating(_ value: Int64, plus other: Int64) -> Int64 {
  let (sum, overflows) = value.addingReportingOverflow(other)
  return overflows ? (other < 0 ? .min : .max) : sum
}

private func distance(_ from: Int64, _ to: Int64) -> Int64 {
  let (difference, overflows) = to.subtractingReportingOverflow(from)
  return overflows ? (from > 0 ? .min : .max) : difference
}
