import MediaCore

/// Where a live title's first picture is cut: what the sound beside it goes by.
struct CutGuide {
  struct Cut: Hashable {
    var segment: Int64
    /// Ticks since 1970 of the guide's timescale.
    var time: Int64
  }

  let timescale: Timescale
  /// In order; those of long ago are forgotten.
  private(set) var cuts: [Cut] = []
  /// The next one, where it is known before it comes.
  var expected: Cut?
  /// No further cut is before this time.
  var horizon: Int64 = 0
  /// Segments that begin after the timeline broke.
  private(set) var discontinuities: Set<Int64> = []

  private static let maximumCount = 64

  init(timescale: Timescale) { self.timescale = timescale }

  mutating func add(_ cut: Cut, isDiscontinuity: Bool) {
    cuts.append(cut)
    if cuts.count > Self.maximumCount { cuts.removeFirst() }
    if isDiscontinuity { discontinuities.insert(cut.segment) }
    if let first = cuts.first { discontinuities = discontinuities.filter { $0 >= first.segment } }
  }

  /// The segment that is still to begin does so after a break.
  mutating func breakOff(at segment: Int64) { discontinuities.insert(segment) }

  /// When a segment begins, in ticks of another timescale.
  func time(of segment: Int64, _ other: Timescale) -> Int64? {
    let cut =
      expected?.segment == segment ? expected : cuts.last { $0.segment == segment }
    return cut.map { rescale($0.time, from: timescale, to: other) }
  }

  /// The last cut that is not after a time in ticks of another timescale.
  func last(until time: Int64, _ other: Timescale) -> Cut? {
    let all = cuts + (expected.map { [$0] } ?? [])
    return all.last { rescale($0.time, from: timescale, to: other) <= time }
  }

  func isDecided(at time: Int64, _ other: Timescale) -> Bool {
    horizon == .max || rescale(horizon, from: timescale, to: other) >= time
  }
}
