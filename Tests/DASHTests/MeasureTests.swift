import DASH
import MediaCore
import TestSupport
import Testing

@Suite struct ISODurationTests {
  @Test(
    arguments: [
      (0, 1, ISODuration.Rounding.nearest, "PT0S"), (10_010, 1000, .nearest, "PT10.01S"),
      (1, 3, .nearest, "PT0.333333S"), (1, 3, .up, "PT0.333334S"), (2, 3, .nearest, "PT0.666667S"),
      (96256, 48000, .up, "PT2.005334S"), (48048, 24000, .up, "PT2.002S"), (-5, 1, .up, "PT0S"),
      (36_000, 1, .nearest, "PT36000S"), (.max, 1, .up, "PT9223372036854.775807S"),
    ] as [(Int64, UInt32, ISODuration.Rounding, String)])
  func `a time has the decimals it needs`(
    _ ticks: Int64, _ scale: UInt32, _ rounding: ISODuration.Rounding, _ text: String
  ) {
    let duration = ISODuration(MediaTime(ticks, Timescale(literal: scale)), rounding: rounding)
    #expect(duration.description == text)
    #expect(ISODuration(text) == duration)
  }

  @Test(
    arguments: [
      ("P1D", 86_400_000_000), ("P1DT1H1M1.5S", 90_061_500_000), ("PT0H10M", 600_000_000),
      ("PT1.2345678S", 1_234_567),
    ] as [(String, Int64)])
  func `days, hours and minutes are read`(_ text: String, _ microseconds: Int64) {
    #expect(ISODuration(text)?.microseconds == microseconds)
  }

  @Test(arguments: [
    "", "P", "PT", "1S", "P1Y", "P1M", "PT1D", "P1S", "PT1S1M", "PT1S1S", "PT-1S", "PT1.S",
    "PT1.5M", "PT1", "PT99999999999999S", "P9999999999999999999D", "PTT1S", "PT1S ",
  ])
  func `anything else is not`(_ text: String) {
    #expect(ISODuration(text) == nil)
  }
}

@Suite struct LeakyBucketTests {
  static let ms = Timescale(literal: 1000)

  /// With an array of tuples to name the literals' types.
  func bandwidth(
    of segments: [(byteCount: Int64, start: Int64)], timescale: Timescale, minBufferTime: Int
  ) -> Int64 {
    LeakyBucket.bandwidth(of: segments, timescale: timescale, minBufferTime: minBufferTime)
  }

  @Test func `equal segments need what the first needs`() {
    // 250 000 bytes each 2 s, two seconds of buffer: 1 Mb/s.
    let segments: [(byteCount: Int64, start: Int64)] = [
      (250_000, 0), (250_000, 2000), (250_000, 4000),
    ]
    #expect(bandwidth(of: segments, timescale: Self.ms, minBufferTime: 2) == 1_000_000)
    #expect(bandwidth(of: segments, timescale: Self.ms, minBufferTime: 4) == 750_000)
  }

  @Test func `a burst counts from wherever a viewer joins`() {
    // Bits over two buffered seconds and the time since the start: (8+8) Mbit by 4 s.
    let segments: [(byteCount: Int64, start: Int64)] = [
      (100, 0), (1_000_000, 2000), (1_000_000, 4000),
    ]
    #expect(bandwidth(of: segments, timescale: Self.ms, minBufferTime: 2) == 4_000_000)
  }

  @Test func `nothing needs one bit, and no number traps`() {
    #expect(bandwidth(of: [], timescale: Self.ms, minBufferTime: 0) == 1)
    #expect(
      bandwidth(
        of: [(.max, .max), (.min, .min), (.max, 0)], timescale: Timescale(literal: .max),
        minBufferTime: .max) > 0)
    #expect(
      bandwidth(of: [(.max, 0)], timescale: Self.ms, minBufferTime: 1)
        == Int64(UInt32.max))
  }

  @Test func `it is the smallest rate that every pair of segments allows`() {
    var random = SplitMix(5)
    for _ in 0..<200 {
      var start: Int64 = .random(in: 0...5000, using: &random)
      let buffer = Int.random(in: 1...4, using: &random)
      let segments = (0..<Int.random(in: 1...30, using: &random)).map { _ in
        defer { start += .random(in: 1...4000, using: &random) }
        return (byteCount: Int64.random(in: 0...3_000_000, using: &random), start: start)
      }
      var least: Int64 = 1
      for first in segments.indices {
        for last in first..<segments.count {
          let bits = segments[first...last].reduce(0) { $0 + $1.byteCount } * 8 * 1000
          let ticks = segments[last].start - segments[first].start + Int64(buffer) * 1000
          least = max(least, (bits + ticks - 1) / ticks)
        }
      }
      #expect(
        bandwidth(of: segments, timescale: Self.ms, minBufferTime: buffer) == least,
        "seed 5")
    }
  }
}
