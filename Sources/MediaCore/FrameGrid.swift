/// The frame rate on whose grid presentation times lie.
///
/// Containers round: Matroska to milliseconds, MPEG-TS to 1/90000 s. If every time lies on the grid of
/// one rate within a tick, the true times are the grid's, and are kept without rounding.
package struct FrameGrid: Hashable, Sendable {
  package let rate: Rational
  /// Ticks of one frame in `timescale`.
  package let frameDuration: Int64
  package let timescale: Timescale

  /// Rates in use, as SMPTE and the broadcasters write them.
  private static let standardRates: [Rational] = [
    .init(literal: 24000, 1001), .init(literal: 24, 1), .init(literal: 25, 1),
    .init(literal: 30000, 1001), .init(literal: 30, 1), .init(literal: 48000, 1001),
    .init(literal: 48, 1), .init(literal: 50, 1), .init(literal: 60000, 1001),
    .init(literal: 60, 1), .init(literal: 100, 1), .init(literal: 120000, 1001),
    .init(literal: 120, 1), .init(literal: 15000, 1001), .init(literal: 15, 1),
    .init(literal: 12, 1), .init(literal: 25, 2), .init(literal: 10, 1),
  ]

  /// A timescale has at least so many ticks a second, so that other tracks' times fit well.
  private static let minimumTicks: Int64 = 10_000
  private static let maximumTicks: Int64 = 100_000_000

  /// - Returns: `nil` if a timescale cannot hold the rate's frames as whole ticks.
  package init?(rate: Rational) {
    var factor: Int64 = 1
    while rate.numerator * factor < Self.minimumTicks { factor *= 10 }
    guard rate.numerator * factor <= Self.maximumTicks,
      let timescale = Timescale(UInt32(rate.numerator * factor))
    else { return nil }
    self.rate = rate
    self.timescale = timescale
    frameDuration = rate.denominator * factor
  }

  /// The grid of the rate in use that is nearest to one that is not: the least of those that are at most 2 % slower.
  package static func standard(near rate: Double) -> FrameGrid {
    let sorted = standardRates.sorted { $0.value < $1.value }
    let found = sorted.first { $0.value >= rate * 0.98 } ?? Rational(literal: 120, 1)
    guard let grid = FrameGrid(rate: found) else { preconditionFailure("no grid of \(found)") }
    return grid
  }

  /// The rate in use that is nearest to a measured one, if rounding explains the difference.
  /// - Parameters:
  ///   - count: frames that were measured.
  ///   - length: ticks of `timescale` that they last together.
  ///   - rounding: ticks by which `length` may differ from what is true.
  package static func standardRate(
    frames count: Int64, lasting length: Int64, within rounding: Int64, timescale: Timescale
  ) -> Rational? {
    let ticks = Double(count) * Double(timescale.ticksPerSecond)
    let difference = { (rate: Rational) in abs(ticks / rate.value - Double(length)) }
    return standardRates.min { difference($0) < difference($1) }
      .flatMap { difference($0) <= Double(rounding) ? $0 : nil }
  }

  /// The grid that all times fit, `nil` if there is none.
  /// - Parameters:
  ///   - times: presentation times in any order, ticks of `timescale`.
  ///   - hint: a rate that the stream or the container claims.
  package static func fitting(
    _ times: ArraySlice<Int64>, timescale: Timescale, lastDuration: Int64, hint: Rational?
  ) -> FrameGrid? {
    let ticks = Int64(timescale.ticksPerSecond)
    guard let first = times.min(), let last = times.max() else { return nil }
    guard times.count > 1, last > first else {
      let rate = lastDuration > 0 ? Rational(ticks, lastDuration) : hint
      return rate.flatMap { FrameGrid(rate: $0) }
    }
    if let exact = exact(times, ticks: ticks) { return FrameGrid(rate: exact) }
    let mean = Double(times.count - 1) * Double(ticks) / Double(last - first)
    let candidates =
      (hint.map { [$0] } ?? [])
      + standardRates.sorted { abs($0.value - mean) < abs($1.value - mean) }
    for rate in candidates {
      // A grid finer than four ticks fits anything.
      guard rate.value * 4 <= Double(ticks), rate.value >= mean * 0.98,
        let grid = FrameGrid(rate: rate), grid.fits(times, first: first, ticks: ticks)
      else { continue }
      return grid
    }
    return nil
  }

  /// The rate of times whose distances are all the same.
  private static func exact(_ times: ArraySlice<Int64>, ticks: Int64) -> Rational? {
    guard let first = times.min(), let last = times.max() else { return nil }
    let steps = Int64(times.count - 1)
    guard (last - first) % steps == 0 else { return nil }
    let step = (last - first) / steps
    var seen = [Bool](repeating: false, count: times.count)
    for time in times {
      let index = Int((time - first) / step)
      guard (time - first) % step == 0, !seen[index] else { return nil }
      seen[index] = true
    }
    return Rational(ticks, step)
  }

  private func fits(_ times: ArraySlice<Int64>, first: Int64, ticks: Int64) -> Bool {
    // Offsets from the grid, in 1/denominator ticks; the first time is rounded as well, so that the
    // offsets of all together may spread over two ticks.
    var low: Int64 = 0
    var high: Int64 = 0
    for time in times {
      let index = self.index(time, first: first, ticks: ticks)
      let offset = offset(time, index: index, first: first, ticks: ticks)
      low = min(low, offset)
      high = max(high, offset)
      if high - low > 2 * rate.numerator { return false }
    }
    return true
  }

  /// The frame number of a time.
  package func index(_ time: Int64, first: Int64, ticks: Int64) -> Int64 {
    // (time − first) / ticks × rate, to the nearest whole number.
    let (high, low) = (time - first).multipliedFullWidth(by: rate.numerator)
    let divisor = ticks * rate.denominator
    guard high == 0 || (high == -1 && Int64(bitPattern: low) < 0) else { return 0 }
    let product = Int64(bitPattern: low)
    return (product + (product >= 0 ? divisor : -divisor) / 2) / divisor
  }

  /// How far a time lies from its frame on the grid, in 1/rate.numerator ticks.
  private func offset(_ time: Int64, index: Int64, first: Int64, ticks: Int64) -> Int64 {
    (time - first) &* rate.numerator &- index &* rate.denominator &* ticks
  }
}
