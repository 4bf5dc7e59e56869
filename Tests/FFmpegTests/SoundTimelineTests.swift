import MediaCore
import Testing

@testable import FFmpeg

@Suite struct `Timelines of sound` {
  /// 48 kHz out of a container of milliseconds; one frame of 1024 samples begins at 2 s.
  private func timeline() throws -> SoundTimeline {
    var timeline = SoundTimeline(
      rate: 48_000, tick: Rational(literal: 1, 1000), near: -500..<2000)
    #expect(timeline.place(96_000) == .apart(from: 96_000))
    timeline.begin(at: 96_000)
    timeline.take(silence: 1024)
    return timeline
  }

  @Test(arguments: [
    (Int64(0), SoundTimeline.Place.follows(silence: 0)), (900, .follows(silence: 0)),
    (-900, .follows(silence: 0)), (4800, .follows(silence: 4800)), (-4800, .repeats),
    (95_999, .follows(silence: 95_999)), (96_000, .apart(from: 96_000)),
    (-24_000, .repeats), (-24_001, .apart(from: -24_001)),
  ])
  func `distances are none, pauses, repeats or a new begin`(
    late: Int64, place: SoundTimeline.Place
  ) throws {
    let timeline = try timeline()
    #expect(timeline.place(96_000 + 1024 + late) == place)
  }

  @Test func `times of the container become ticks of the encoder`() throws {
    #expect(try timeline().position(of: 2021) == 97_008)
  }
}
