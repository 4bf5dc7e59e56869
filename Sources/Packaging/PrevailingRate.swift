import MediaCore

/// The frame rate that nearly all pictures of a track keep to, where a few steps between them do not:
/// the gap of a recording that went on after a restart says nothing of its rate.
enum PrevailingRate {
  /// Of so many steps, all but one keep to the most frequent one.
  static let stepsForEachOddOne = 10
  /// Ticks. A longer step may be rounded, a tick up or down; of a shorter one a tick is too much.
  static let leastRoundedStep: Int64 = 4
  /// Of the mean. Odd steps that are shorter may raise the mean so far and no further: the rate told
  /// is the highest (RFC 8216 §4.3.4.2).
  static let leastOfMean = 0.98

  /// - Parameter times: presentation times in order, ticks of `timescale`.
  /// - Returns: `nil` if no step prevails, or if all keep to one and the mean is right.
  static func measure(_ times: [Int64], _ timescale: Timescale) -> Rational? {
    let steps = zip(times, times.dropFirst()).map { $1 - $0 }.sorted()
    guard let step = mostFrequent(steps) else { return nil }
    let rounding: Int64 = step >= leastRoundedStep ? 1 : 0
    let kept = steps.filter { abs($0 - step) <= rounding }
    let oddCount = steps.count - kept.count
    guard oddCount > 0, oddCount * stepsForEachOddOne <= steps.count else { return nil }
    let (count, length) = (Int64(kept.count), kept.reduce(0, +))
    let ticks = Int64(timescale.ticksPerSecond)
    // Between two odd steps, the first time and the last are rounded.
    let rate =
      kept.first == kept.last
      ? Rational(ticks, step)
      : FrameGrid.standardRate(
        frames: count, lasting: length, within: Int64(oddCount) + 1, timescale: timescale)
        ?? Rational(count * ticks, length)
    let mean = Double(steps.count) * Double(ticks) / Double(steps.reduce(0, +))
    return rate.flatMap { $0.value >= leastOfMean * mean ? $0 : nil }
  }

  /// The shortest of the most frequent.
  private static func mostFrequent(_ steps: [Int64]) -> Int64? {
    var best: (step: Int64, count: Int)?
    var start = steps.startIndex
    for index in steps.indices where index + 1 == steps.endIndex || steps[index + 1] != steps[index]
    {
      let count = index + 1 - start
      if count > best?.count ?? 0 { best = (steps[index], count) }
      start = index + 1
    }
    return best?.step
  }
}
