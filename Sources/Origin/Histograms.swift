/// How long things took: one histogram for each of several series, with the same buckets.
struct Histograms: Hashable, Sendable {
  /// Upper bounds in nanoseconds, inclusive; above the last comes all the rest.
  static let bounds: [UInt64] = [
    500_000, 1_000_000, 2_500_000, 5_000_000, 10_000_000, 25_000_000, 50_000_000, 100_000_000,
    250_000_000, 500_000_000, 1_000_000_000, 2_500_000_000, 5_000_000_000, 10_000_000_000,
    30_000_000_000,
  ]

  /// `[series][bucket]`, one behind the other.
  private var counts: [UInt64]
  /// Nanoseconds by series.
  private(set) var sums: [UInt64]

  init(seriesCount: Int) {
    counts = Array(repeating: 0, count: seriesCount * (Self.bounds.count + 1))
    sums = Array(repeating: 0, count: seriesCount)
  }

  /// - Parameter nanoseconds: negative ones count as none.
  mutating func record(_ nanoseconds: Int64, in series: Int) {
    let value = UInt64(max(0, nanoseconds))
    var bucket = 0
    while bucket < Self.bounds.count, value > Self.bounds[bucket] { bucket += 1 }
    counts[series * (Self.bounds.count + 1) + bucket] += 1
    sums[series] &+= value
  }

  mutating func add(_ other: Histograms) {
    for index in counts.indices { counts[index] += other.counts[index] }
    for index in sums.indices { sums[index] &+= other.sums[index] }
  }

  /// How many of a series were at most as long as each bound, and then all of them.
  func cumulative(_ series: Int) -> [UInt64] {
    let start = series * (Self.bounds.count + 1)
    var total: UInt64 = 0
    return counts[start...start + Self.bounds.count].map { count in
      total += count
      return total
    }
  }
}
