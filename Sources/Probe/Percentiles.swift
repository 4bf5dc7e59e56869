/// What is said of many measured times: each figure is one of them, none is interpolated.
///
/// Times in microseconds. The percentile p is the smallest value that at least p of a hundred are not
/// greater than (nearest rank).
package struct Percentiles: Hashable, Sendable, Encodable {
  package let count: Int
  package let min: Int64
  package let p50: Int64
  package let p90: Int64
  package let p99: Int64
  package let max: Int64

  /// - Returns: `nil` for none.
  package init?(_ microseconds: [Int64]) {
    guard !microseconds.isEmpty else { return nil }
    let sorted = microseconds.sorted()
    func rank(_ percent: Int) -> Int64 {
      sorted[Swift.max(0, (sorted.count * percent + 99) / 100 - 1)]
    }
    count = sorted.count
    min = sorted[0]
    p50 = rank(50)
    p90 = rank(90)
    p99 = rank(99)
    max = sorted[sorted.count - 1]
  }
}
