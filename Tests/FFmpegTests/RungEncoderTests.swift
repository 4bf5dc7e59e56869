import Codecs
import Glibc
import MediaCore
import Testing

@testable import FFmpeg

struct RungEncoderTests {
  private func encoder(_ codec: VideoCodec, preset: String) throws -> RungEncoder {
    let encoding = RungEncoding(
      codec, width: 64, height: 64, frameRate: Rational(literal: 25, 1),
      colour: ColourInformation(primaries: 1, transfer: 1, matrix: 1, isFullRange: false),
      rate: .average(100_000), maximumBitsPerSecond: 150_000, bufferBits: 100_000,
      preset: preset, keyFrameDistance: 25)
    return try RungEncoder.open(encoding, track: 1, name: "rung")
  }

  @Test func `an encoder of AV1 does not come before all else on the machine`() throws {
    let encoder = try encoder(.av1, preset: "8")
    #expect(sched_getscheduler(0) == SCHED_OTHER)
    _ = consume encoder
  }

  @Test(
    .timeLimit(.minutes(2)),
    arguments: [(VideoCodec.h264, "veryfast"), (.hevc, "ultrafast"), (.av1, "8")])
  func `an encoder that gets no picture ends, and gives none`(
    codec: VideoCodec, preset: String
  ) throws {
    var encoder = try encoder(codec, preset: preset)
    try encoder.finish()
    let output = try encoder.receive()
    #expect(output == nil)
  }

  @Test func `an encoder that is not installed is named, with its package`() {
    let error = #expect(throws: FFmpegError.self) {
      _ = try EncoderContext("libnone", advice: "it comes with the Debian package libnone1")
    }
    #expect(error?.code == .unsupported)
    #expect(
      error?.message
        == "this FFmpeg has no encoder called libnone; it comes with the Debian package libnone1")
  }
}
