import HLS
import MediaCore
import TestSupport
import Testing

@Suite struct SegmentDurationsTests {
  static let film = Timescale(literal: 24000)

  @Test func `EXTINF never drifts: ten hours of 2.002 s and of a third of a second`() {
    for (ticks, scale, count) in [(48048, 24000, 17_982), (16_000, 48_000, 108_000)] {
      let timescale = Timescale(literal: UInt32(scale))
      let texts = SegmentDurations.microseconds(
        repeatElement(MediaTime(Int64(ticks), timescale), count: count))
      var (sum, exact): (Int64, Int64) = (0, 0)
      let drifted = texts.firstIndex { text in
        sum += text
        exact += Int64(ticks)
        let position = MediaTime(exact, timescale).rescaled(to: Timescale(literal: 1_000_000))
        return sum != position.value
      }
      #expect(texts.count == count)
      #expect(drifted == nil)
    }
  }

  @Test func `a change of timescale and hostile durations do no harm`() {
    let texts = SegmentDurations.microseconds([
      MediaTime(1, Timescale(literal: 3)), MediaTime(1, Timescale(literal: 7)),
      MediaTime(-5, Self.film), MediaTime(.max, Self.film), MediaTime(.max, Self.film),
      MediaTime(.max, Timescale(literal: 1)), MediaTime(1, Self.film),
    ])
    #expect(texts[..<3] == [333_333, 142_857, 0])
    #expect(texts.allSatisfy { $0 >= 0 })
  }

  @Test(
    arguments: [
      ([], 1), ([2_002_000], 2), ([2_500_000], 3), ([2_499_999], 2), ([400_000], 1),
      ([1_000_000, 6_006_000, 5_000_000], 6), ([Int64.max], 9_223_372_036_855),
    ] as [([Int64], Int)])
  func `the target duration is the largest EXTINF to the nearest second`(
    _ texts: [Int64], _ target: Int
  ) {
    #expect(SegmentDurations.targetDuration(microseconds: texts) == target)
  }
}

@Suite struct PeakBitrateTests {
  static let second = Timescale(literal: 1)

  /// With an array of tuples to name the literals' types.
  func bitrate(
    of segments: [(byteCount: Int64, duration: Int64)], timescale: Timescale, targetDuration: Int
  ) -> PeakBitrate {
    PeakBitrate(of: segments, timescale: timescale, targetDuration: targetDuration)
  }

  @Test func `a single segment is exact and rounded up`() {
    let rate = bitrate(
      of: [(1_000_000, 48048)], timescale: Timescale(literal: 24000), targetDuration: 2)
    #expect(rate.peak == 3_996_004)  // 8e6 × 24000 / 48048 = 3996003.996…
    #expect(rate.average == rate.peak)
  }

  @Test func `runs of 0.5 to 1.5 target durations count, both ends included`() {
    let ms = Timescale(literal: 1000)
    // 0.49 s alone is too short: with its neighbour it counts.
    let short = bitrate(
      of: [(1000, 1000), (1000, 490), (100, 1000)], timescale: ms, targetDuration: 1)
    #expect(short.peak == 10_739)  // 2000 bytes in 1.49 s
    // 0.5 s and 1.5 s count.
    #expect(
      bitrate(of: [(1000, 500), (0, 1000)], timescale: ms, targetDuration: 1).peak == 16_000)
    #expect(
      bitrate(
        of: [(10, 400), (990, 300), (10, 800), (0, 1100)], timescale: ms, targetDuration: 1
      )
      .peak == 11_429)  // 1000 bytes in 0.7 s
  }

  @Test func `if no run qualifies the whole playlist counts`() {
    #expect(bitrate(of: [(100, 1)], timescale: Self.second, targetDuration: 10).peak == 800)
    #expect(bitrate(of: [], timescale: Self.second, targetDuration: 10).peak == 0)
    #expect(bitrate(of: [(1, 0)], timescale: Self.second, targetDuration: 1).peak == .max)
  }

  @Test func `a burst of two seconds in twelve is seen whole`() {
    let bytes: [Int64] = [100_000, 100_000, 1_300_000, 100_000, 100_000, 100_000]
    let rate = bitrate(
      of: bytes.map { ($0, 2) }, timescale: Self.second, targetDuration: 2)
    #expect(rate.peak == 5_200_000)
    #expect(rate.average == 1_200_000)
  }

  @Test func `the ends of the numbers do not trap`() {
    let rate = bitrate(
      of: [(.max, .max), (.max, 1), (.min, .min), (.max, 0)],
      timescale: Timescale(literal: .max), targetDuration: .max)
    #expect(rate.peak >= rate.average)
  }

  @Test func `it agrees with every run tried by hand`() {
    var random = SplitMix(11)
    for _ in 0..<200 {
      let target = Int.random(in: 1...6, using: &random)
      let segments = (0..<Int.random(in: 1...40, using: &random)).map { _ in
        (
          byteCount: Int64.random(in: 0...5_000_000, using: &random),
          duration: Int64.random(in: 1...(Int64(target) * 1000 + 499), using: &random)
        )
      }
      var peak = 0.0
      for first in segments.indices {
        for last in first..<segments.count {
          let ticks = segments[first...last].reduce(0) { $0 + $1.duration }
          let bytes = segments[first...last].reduce(0) { $0 + $1.byteCount }
          if 2 * ticks >= target * 1000, 2 * ticks <= 3 * target * 1000 {
            peak = max(peak, Double(bytes * 8000) / Double(ticks))
          }
        }
      }
      let total = segments.reduce(0) { $0 + $1.duration }
      let average = Double(segments.reduce(0) { $0 + $1.byteCount } * 8000) / Double(total)
      let rate = bitrate(
        of: segments, timescale: Timescale(literal: 1000), targetDuration: target)
      #expect(rate.average == Int64(average.rounded(.up)), "seed 11")
      #expect(rate.peak == Int64(max(peak, average).rounded(.up)), "seed 11")
    }
  }
}
