import Testing

@testable import Probe

@Suite struct PercentilesTests {
  @Test(
    arguments: [
      ([7], [7, 7, 7, 7, 7]),
      ([2, 1], [1, 1, 2, 2, 2]),
      (Array(1...100).reversed(), [1, 50, 90, 99, 100]),
      (Array(1...1000), [1, 500, 900, 990, 1000]),
      (Array(1...101), [1, 51, 91, 100, 101]),
      ([-5, 3], [-5, -5, 3, 3, 3]),
    ] as [([Int64], [Int64])])
  func `each figure is one of the values, by nearest rank`(values: [Int64], figures: [Int64])
    throws
  {
    let percentiles = try #require(Percentiles(values))
    #expect(
      [percentiles.min, percentiles.p50, percentiles.p90, percentiles.p99, percentiles.max]
        == figures)
    #expect(percentiles.count == values.count)
  }

  @Test func `nothing has no percentiles`() { #expect(Percentiles([]) == nil) }

  @Test func `each value lies in one bin`() throws {
    let histogram = try #require(Histogram(Array(0..<10_000) + [1_000_000]))
    #expect(histogram.counts.reduce(0, +) == 10_001)
    #expect(histogram.start == 0)
  }
}
