import MediaCore
import Testing

@testable import Packaging

struct PrevailingRateTests {
  private func rate(
    _ times: [Int64], timescale: UInt32, lastDuration: Int64, origin: Int64? = nil
  ) throws -> Rational? {
    let track = SyntheticSource.video(
      timescale: timescale, times: times, keys: { $0 == 0 ? .closed : .none },
      lastDuration: lastDuration)
    return try VideoTimeline(track: track, place: "test").plan(
      origin: MediaTime(origin ?? times.min() ?? 0, track.timescale), hint: nil
    ).frameRate
  }

  /// Times of frames to the nearest tick; those from `gapAt` on are later by `gap` ticks.
  private func times(
    _ rate: Rational, count: Int64, ticks: Int64, gapAt: Int64 = .max, gap: Int64 = 0
  ) -> [Int64] {
    (0..<count).map { frame in
      (frame * rate.denominator * ticks * 2 / rate.numerator + 1) / 2 + (frame < gapAt ? 0 : gap)
    }
  }

  private func times(steps: [Int64]) -> [Int64] {
    steps.reduce(into: [0]) { $0.append(($0.last ?? 0) + $1) }
  }

  @Test(arguments: [75 * 512, 38_571, 1, 2_000_003])
  func `a gap leaves a constant rate as it is`(gap: Int64) throws {
    let rate25 = Rational(literal: 25, 1)
    let times = times(rate25, count: 500, ticks: 12800, gapAt: 217, gap: gap)
    #expect(try rate(times, timescale: 12800, lastDuration: 512) == rate25)
  }

  @Test(
    arguments: [
      Rational(literal: 24000, 1001), Rational(literal: 30000, 1001),
      Rational(literal: 60000, 1001),
    ], [0, 3017, 1_000_003])
  func `steps that alternate by rounding have the rate that was rounded, also over a gap`(
    expected: Rational, gap: Int64
  ) throws {
    let times = times(expected, count: 900, ticks: 1000, gapAt: 411, gap: gap)
    #expect(try rate(times, timescale: 1000, lastDuration: 0) == expected)
  }

  @Test func `a rate that is not in use is the mean of the steps that keep to it`() throws {
    let times = times(Rational(literal: 22, 1), count: 901, ticks: 1000, gapAt: 450, gap: 3017)
    let found = try #require(try rate(times, timescale: 1000, lastDuration: 45))
    #expect(abs(found.value - 22) < 0.001)
  }

  @Test func `without an odd step the mean holds`() throws {
    // 22 frames a second, to the nearest millisecond.
    let times = times(Rational(literal: 22, 1), count: 880, ticks: 1000)
    #expect(try rate(times, timescale: 1000, lastDuration: 45) == Rational(literal: 22, 1))
  }

  @Test func `a few odd steps leave a constant rate as it is`() throws {
    var steps = [Int64](repeating: 3600, count: 300)
    for (index, step) in [(40, 3417), (41, 3783), (160, 1), (161, 9001)] as [(Int, Int64)] {
      steps[index] = step
    }
    #expect(
      try rate(times(steps: steps), timescale: 90000, lastDuration: 3600)
        == Rational(literal: 25, 1))
  }

  @Test func `a variable rate is the mean`() throws {
    let steps = (0..<400).map { Int64(333 + $0 * 7919 % 700) }
    let times = times(steps: steps)
    let end = (times.last ?? 0) + 512
    #expect(
      try rate(times, timescale: 15360, lastDuration: 512)
        == Rational(Int64(times.count) * 15360, end))
  }

  @Test func `more odd steps than one in ten make the mean`() throws {
    let some = (0..<200).map { Int64($0 % 10 == 5 ? 1311 : 512) }
    let more = (0..<200).map { Int64($0 % 9 == 5 ? 1311 : 512) }
    #expect(
      try rate(times(steps: some), timescale: 12800, lastDuration: 512)
        == Rational(literal: 25, 1))
    let end = more.reduce(512, +)
    #expect(
      try rate(times(steps: more), timescale: 12800, lastDuration: 512)
        == Rational(201 * 12800, end))
  }

  @Test func `no rate is told that many short steps exceed`() throws {
    let steps = (0..<200).map { Int64($0 % 10 == 5 ? 1 : 512) }
    let end = steps.reduce(512, +)
    #expect(
      try rate(times(steps: steps), timescale: 12800, lastDuration: 512)
        == Rational(201 * 12800, end))
  }

  @Test func `steps of two and three ticks are not one step that is rounded`() throws {
    // Film in fields: 60 ticks a second.
    let steps: [Int64] = (0..<100).map { $0 % 2 == 0 ? 2 : 3 } + [180] + [2, 3, 2, 3]
    let times = times(steps: steps)
    #expect(
      try rate(times, timescale: 60, lastDuration: 2)
        == Rational(Int64(times.count) * 60, (times.last ?? 0) + 2))
  }

  @Test func `one picture has the rate of its own length`() throws {
    #expect(try rate([0], timescale: 12800, lastDuration: 512) == Rational(literal: 25, 1))
    #expect(
      try rate([12800], timescale: 12800, lastDuration: 512, origin: 0) == Rational(literal: 25, 1))
  }

  @Test func `two pictures have the rate of their distance`() throws {
    #expect(try rate([0, 512], timescale: 12800, lastDuration: 512) == Rational(literal: 25, 1))
    // The first is held while there is sound alone.
    #expect(
      try rate([6400, 6912], timescale: 12800, lastDuration: 512, origin: 0)
        == Rational(literal: 25, 1))
  }
}
