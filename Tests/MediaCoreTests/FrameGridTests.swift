import MediaCore
import Testing

struct FrameGridTests {
  @Test(arguments: [
    (Rational(literal: 24000, 1001), 1000), (Rational(literal: 30000, 1001), 1000),
    (Rational(literal: 60000, 1001), 1000), (Rational(literal: 25, 1), 1000),
    (Rational(literal: 50, 1), 1000), (Rational(literal: 24000, 1001), 90000),
    (Rational(literal: 60000, 1001), 90000), (Rational(literal: 30000, 1001), 10_000_000),
  ])
  func `times that a container rounded are put back on the grid`(rate: Rational, ticks: Int) throws
  {
    // Two hours, to the nearest tick.
    let times = (0..<Int64(rate.value * 7200)).map { frame in
      (frame * rate.denominator * Int64(ticks) * 2 / rate.numerator + 1) / 2
    }
    let grid = try #require(
      FrameGrid.fitting(
        times[...], timescale: Timescale(literal: UInt32(ticks)), lastDuration: 0, hint: nil))
    #expect(grid.rate == rate)
    for (frame, time) in times.enumerated() {
      #expect(grid.index(time, first: 0, ticks: Int64(ticks)) == Int64(frame))
    }
  }

  @Test func `truncated times are put back on the grid too`() throws {
    let times = (0..<5000).map { Int64($0) * 1001 * 1000 / 24000 }
    let grid = try #require(
      FrameGrid.fitting(
        times[...], timescale: Timescale(literal: 1000), lastDuration: 42, hint: nil))
    #expect(grid.rate == Rational(literal: 24000, 1001))
  }

  @Test func `irregular times have no grid`() {
    let times: [Int64] = [0, 333, 900, 1007, 1500, 2111, 2113, 3000]
    #expect(
      FrameGrid.fitting(
        times[...], timescale: Timescale(literal: 15360), lastDuration: 512, hint: nil) == nil)
  }

  @Test func `equal distances are a grid whatever the rate`() throws {
    let times = (0..<100).map { Int64($0) * 767_849 }
    let grid = try #require(
      FrameGrid.fitting(
        times[...], timescale: Timescale(literal: 23_040_000), lastDuration: 767_849, hint: nil))
    #expect(grid.rate == Rational(literal: 23_040_000, 767_849))
    #expect(grid.frameDuration == 767_849)
  }

  @Test(
    arguments: [
      (3003, Rational(literal: 30000, 1001)), (3000, Rational(literal: 30, 1)),
      (3002, Rational(literal: 30000, 1001)), (3006, nil), (4091, nil),
    ] as [(Int64, Rational?)])
  func `a measured rate is one in use if rounding explains the difference`(
    length: Int64, expected: Rational?
  ) {
    #expect(
      FrameGrid.standardRate(
        frames: 90, lasting: length, within: 2, timescale: Timescale(literal: 1000)) == expected)
  }
}
