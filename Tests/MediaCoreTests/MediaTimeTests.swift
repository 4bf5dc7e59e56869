import MediaCore
import TestSupport
import Testing

@Suite struct MediaTimeTests {
  private func time(_ value: Int64, _ ticks: UInt32) -> MediaTime {
    MediaTime(value, Timescale(literal: ticks))
  }

  @Test func `no timescale is zero`() {
    #expect(Timescale(0) == nil)
    #expect(Timescale(1)?.ticksPerSecond == 1)
    #expect(Timescale(.max)?.description == "4294967295")
  }

  @Test func `order is that of moments, whatever the timescale`() {
    #expect(time(1, 3) < time(1, 2))
    #expect(time(-1, 2) < time(-1, 3))
    #expect(!(time(2, 2) < time(1, 1)))
    #expect(!(time(1, 1) < time(2, 2)))
    #expect(time(2, 2) <= time(1, 1))
    #expect(time(2, 2) >= time(1, 1))
    #expect(time(2, 2) != time(1, 1))
    #expect(time(.max - 1, 1) < time(.max, 1))
    #expect(time(.min, .max) < time(.min + 1, .max))
    #expect(time(.min, 1) < time(.min, 2))
    #expect(time(.max, 2) < time(.max, 1))
  }

  @Test func `order is what wide arithmetic says`() {
    let seed: UInt64 = 0x71e
    var random = SplitMix(seed)
    for _ in 0..<100_000 {
      let values = (0..<2).map { _ in
        Int64(bitPattern: random.magnitude(bits: 64)) &* (random.next() & 1 == 0 ? 1 : -1)
      }
      let ticks = (0..<2).map { _ in UInt32(max(1, random.magnitude(bits: 32))) }
      let isLess =
        Int128(values[0]) * Int128(ticks[1]) < Int128(values[1]) * Int128(ticks[0])
      guard (time(values[0], ticks[0]) < time(values[1], ticks[1])) != isLess else { continue }
      Issue.record("seed \(seed): \(values[0])/\(ticks[0]) and \(values[1])/\(ticks[1])")
      return
    }
  }

  @Test func `people get seconds and milliseconds`() {
    #expect(time(3003, 24000).seconds == 0.125125)
    #expect(time(3003, 24000).milliseconds == 125)
    #expect(time(-3, 2000).milliseconds == -2)
    #expect(time(3003, 24000).description == "3003/24000")
  }
}

@Suite struct RationalTests {
  @Test(
    arguments: [
      (24000, 1001, "24000/1001"), (50, 2, "25"), (2, 4, "1/2"), (Int64.max, Int64.max, "1"),
      (Int64.max, 1, "9223372036854775807"), (1, Int64.max, "1/9223372036854775807"),
    ] as [(Int64, Int64, String)])
  func `lowest terms`(_ numerator: Int64, _ denominator: Int64, _ text: String) {
    #expect(Rational(numerator, denominator)?.description == text)
  }

  @Test(
    arguments: [(0, 1), (1, 0), (-1, 1), (1, -1), (0, 0), (Int64.min, 1), (1, Int64.min)]
      as [(Int64, Int64)])
  func `both parts are positive`(_ numerator: Int64, _ denominator: Int64) {
    #expect(Rational(numerator, denominator) == nil)
  }

  @Test func `equal fractions are equal and hash alike`() {
    #expect(Rational(4, 6) == Rational(2, 3))
    #expect(Set([Rational(4, 6), Rational(2, 3)]).count == 1)
    #expect(Rational.one.value == 1)
  }
}

@Suite struct VideoRangeTests {
  @Test(
    arguments: [(16, VideoRange.pq), (18, .hlg), (1, .sdr), (2, .sdr), (14, .sdr), (0, .sdr)]
      as [(UInt16, VideoRange)])
  func `the transfer decides`(_ transfer: UInt16, _ range: VideoRange) {
    let colour = ColourInformation(primaries: 9, transfer: transfer, matrix: 9, isFullRange: false)
    #expect(VideoRange(colour) == range)
  }
}
