import Codecs
import MediaCore
import NIOCore
import Testing

@testable import Packaging

/// Timelines of sound whose frames differ, or whose priming is known exactly.
struct SoundTimelineTests {
  private static let opus = OpusSpecificBox(channelCount: 2, preSkip: 312)

  /// Packets of 20 ms, timed in the milliseconds of Matroska.
  private func track(_ times: [Int64], lengths: [UInt32]) -> SourceTrack {
    var track = SourceTrack(
      number: 1, kind: .audio, coding: .opus(Self.opus.bytes), timescale: Timescale(literal: 1000))
    for time in times {
      track.samples.append(presentationTime: time, size: 100, randomAccess: .closed)
    }
    track.samples.frameLengths = lengths
    track.priming = 312
    track.presentationStart = (times.first ?? 0) + 7
    return track
  }

  private func plan(_ track: SourceTrack, end: Int64) throws -> PlannedTrack {
    try PlannedAudio(
      SelectedTrack(source: 0, track: track, place: "test"), origin: MediaTime(0, track.timescale)
    ).plan(end: MediaTime(end, Timescale(literal: 1000)))
  }

  @Test func `pre-skip is cut off to the sample, however coarse the container's ticks`() throws {
    let times = (0..<10).map { Int64($0) * 20 - 7 }
    let plan = try plan(track(times, lengths: Array(repeating: 960, count: 10)), end: 190)
    #expect(plan.mediaStart == 312)
    #expect(plan.times == (0..<10).map { Int64($0) * 960 })
    #expect(plan.isRolling)
    #expect(plan.pieces == [.source(0..<10)])
  }

  @Test func `packets of different lengths follow each other without a gap`() throws {
    let lengths: [UInt32] = [960, 960, 480, 2880, 960]
    let times: [Int64] = [-7, 14, 34, 44, 103]
    let plan = try plan(track(times, lengths: lengths), end: 110)
    #expect(plan.times == [0, 960, 1920, 2400, 5280])
    #expect(plan.end == 6240)
  }

  @Test func `sound that starts late is led in by frames that change no decoder`() throws {
    let times = (0..<5).map { Int64($0) * 20 + 100 }
    let track = track(times, lengths: Array(repeating: 960, count: 5))
    let plan = try plan(track, end: 205)
    #expect(plan.pieces.first == .silence(6))
    #expect(plan.sizes[0] == 1)
    // 100 ms and the container's 7 are 5136 samples and the priming: six packets reach further.
    #expect(plan.mediaStart == 6 * 960 - (5136 - 312))
  }

  @Test func `a pause is filled with silence in the track's own coding`() throws {
    let times: [Int64] = [-7, 14, 34, 134, 154]
    let plan = try plan(track(times, lengths: Array(repeating: 960, count: 5)), end: 170)
    #expect(plan.pieces == [.source(0..<3), .silence(4), .source(3..<5)])
    #expect(plan.sizes[3] == 3)
    #expect(plan.notes.isEmpty)
  }

  @Test func `a title of sound alone is cut by the clock`() {
    let second = Timescale(literal: 1)
    let cuts = CutList(
      soundUntil: MediaTime(10_500, Timescale(literal: 1000)), target: MediaTime(2, second))
    #expect(cuts.times == [0, 2, 4, 6, 8].map { MediaTime($0, second) })
    let short = CutList(
      soundUntil: MediaTime(500, Timescale(literal: 1000)), target: MediaTime(2, second))
    #expect(short.times == [MediaTime(0, second)])
  }
}
