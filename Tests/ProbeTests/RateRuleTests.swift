import Testing

@testable import Probe

@Suite struct RateRuleTests {
  private let rule = RateRule(ladder: [1_000_000, 4_000_000, 10_000_000])

  @Test(arguments: [
    // Rung, bits in a second, buffered and wanted milliseconds, next rung.
    (0, nil, 0, 2000, 0),
    (0, 100_000_000, 2000, 2000, 2),
    (0, 12_400_000, 2000, 2000, 1),
    (0, 12_500_000, 2000, 2000, 2),
    (0, 100_000_000, 999, 2000, 0),
    (2, 5_000_000, 2000, 2000, 1),
    (2, 4_900_000, 2000, 2000, 0),
    (2, 20_000_000, 100, 2000, 1),
    (1, 100, 2000, 2000, 0),
  ])
  func `the rung is what the link carries safely`(
    rung: Int, rate: Int64?, buffered: Int, full: Int, next: Int
  ) {
    let chosen = rule.rung(
      after: rung, bitsPerSecond: rate, buffered: .milliseconds(buffered), full: .milliseconds(full)
    )
    #expect(chosen == next)
  }

  @Test func `throughput falls at once and rises slowly`() throws {
    var throughput = Throughput()
    #expect(throughput.bitsPerSecond == nil)
    throughput.add((byteCount: 100, length: .seconds(1)))
    #expect(throughput.bitsPerSecond == nil)
    for _ in 0..<20 { throughput.add((byteCount: 125_000, length: .seconds(1))) }
    let steady = try #require(throughput.bitsPerSecond)
    #expect((999_000...1_000_000).contains(steady))
    throughput.add((byteCount: 12_500, length: .seconds(1)))
    let low = try #require(throughput.bitsPerSecond)
    #expect(low < 560_000)
    throughput.add((byteCount: 1_250_000, length: .seconds(1)))
    #expect(try #require(throughput.bitsPerSecond) < 2_500_000)
  }
}
