import Codecs
import Glibc
import MediaCore
import Testing

@testable import FFmpeg

struct ThreadScheduleTests {
  @Test func `an encoder of AV1 does not come before all else on the machine`() throws {
    let encoding = RungEncoding(
      .av1, width: 64, height: 64, frameRate: Rational(literal: 25, 1),
      colour: ColourInformation(primaries: 1, transfer: 1, matrix: 1, isFullRange: false),
      rate: .average(100_000), maximumBitsPerSecond: 150_000, bufferBits: 100_000, preset: "12",
      keyFrameDistance: 25)
    let encoder = try RungEncoder.open(encoding, track: 1, name: "av1")
    #expect(sched_getscheduler(0) == SCHED_OTHER)
    _ = consume encoder
  }
}
