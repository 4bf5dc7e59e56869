import Codecs
import MediaCore
import NIOCore
import Testing

@testable import Packaging

struct TimelineTests {
  private func video(_ track: SourceTrack, origin: Int64 = 0) throws -> PlannedTrack {
    try VideoTimeline(track: track, place: "test").plan(
      origin: MediaTime(origin, track.timescale), hint: nil)
  }

  private func audio(_ track: SourceTrack, end: Double) throws -> PlannedTrack {
    try AudioTimeline(
      track: track, audio: AudioDescription(track.coding), place: "test"
    ).plan(
      origin: MediaTime(0, track.timescale),
      end: MediaTime(Int64(end * 48000), Timescale(literal: 48000)))
  }

  @Test func `reordered pictures keep their times and get decode times without a gap`() throws {
    // I P B B in decode order, 25 a second, as an edit list leaves them: from 0.
    let order: [Int64] = [0, 3, 1, 2, 4, 7, 5, 6]
    let track = SyntheticSource.video(
      timescale: 12800, times: order.map { $0 * 512 }, keys: { $0 % 4 == 0 ? .closed : .none },
      lastDuration: 512)
    let plan = try video(track)
    #expect(plan.timescale == Timescale(literal: 25000))
    #expect(plan.times == order.map { $0 * 1000 })
    #expect(plan.frameRate == Rational(literal: 25, 1))
    #expect(plan.end == 8000)
    let timing = SegmentTiming(plan, 0..<4)
    #expect(timing.start == 0)
    #expect(timing.end == 4000)
    #expect(timing.durations == [1000, 1000, 1000, 1000])
    #expect(timing.compositionOffsets == [0, 2000, -1000, -1000])
  }

  @Test func `timestamps that run backwards are refused`() {
    let times: [Int64] = [0, 1, 2, 3, 1, 2].map { $0 * 512 }
    let track = SyntheticSource.video(
      timescale: 12800, times: times, keys: { $0 == 0 || $0 == 4 ? .closed : .none },
      lastDuration: 512)
    #expect(throws: PackagingError.self) { try video(track) }
  }

  @Test func `two pictures at one time are refused`() {
    let track = SyntheticSource.video(
      timescale: 12800, times: [0, 512, 512], keys: { $0 == 0 ? .closed : .none },
      lastDuration: 512)
    #expect(throws: PackagingError.self) { try video(track) }
  }

  @Test func `a video without a key frame is refused`() {
    let track = SyntheticSource.video(
      timescale: 12800, times: [0, 512, 1024], keys: { _ in .none }, lastDuration: 512)
    #expect(throws: PackagingError.self) { try video(track) }
  }

  @Test func `pictures before the first key frame are left out`() throws {
    let track = SyntheticSource.video(
      timescale: 12800, times: (0..<6).map { Int64($0) * 512 },
      keys: { $0 == 2 ? .closed : .none }, lastDuration: 512)
    let plan = try video(track, origin: 1024)
    #expect(plan.pieces == [.source(2..<6)])
    #expect(plan.times.first == 0)
    #expect(plan.notes.count == 1)
  }

  @Test func `leading pictures of an open first group are left out`() throws {
    let order: [Int64] = [2, 0, 1, 3, 4]
    let track = SyntheticSource.video(
      timescale: 12800, times: order.map { $0 * 512 }, keys: { $0 == 0 ? .open : .none },
      lastDuration: 512)
    let plan = try video(track, origin: 1024)
    #expect(plan.pieces == [.source(0..<1), .source(3..<5)])
    #expect(plan.times == [0, 1000, 2000])
  }

  @Test func `an edit inside a group shows its pre-roll for a tick each`() throws {
    var track = SyntheticSource.video(
      timescale: 12800, times: (-3..<5).map { Int64($0) * 512 },
      keys: { $0 == 0 ? .closed : .none }, lastDuration: 512)
    track.presentationStart = 0
    let plan = try video(track)
    #expect(plan.times == [0, 1, 2, 3, 1000, 2000, 3000, 4000])
  }

  @Test func `a late picture is held from the start`() throws {
    let track = SyntheticSource.video(
      timescale: 12800, times: (0..<4).map { 12800 + Int64($0) * 512 },
      keys: { $0 == 0 ? .closed : .none }, lastDuration: 512)
    let plan = try video(track)
    #expect(plan.times == [0, 26000, 27000, 28000])
    #expect(plan.end == 29000)
  }

  @Test func `priming becomes the edit list's media time`() throws {
    let plan = try audio(SyntheticSource.audio(count: 95, priming: 1024), end: 2)
    #expect(plan.mediaStart == 1024)
    #expect(plan.times.first == 0)
    #expect(plan.end - plan.mediaStart == 94 * 1024)
  }

  @Test func `the largest priming in use is kept whole`() throws {
    let plan = try audio(SyntheticSource.audio(count: 97, priming: 2112), end: 2)
    #expect(plan.mediaStart == 2112)
    #expect(plan.pieces.first == .source(0..<96))
  }

  @Test func `sound ends with the picture to less than a frame`() throws {
    for count in [80, 93, 94, 95, 200] {
      let plan = try audio(SyntheticSource.audio(count: count), end: 2)
      #expect(abs(plan.end - plan.mediaStart - 96000) < 1024)
    }
  }

  @Test func `late sound is filled with silence to the sample`() throws {
    let plan = try audio(SyntheticSource.audio(count: 47, start: 48000), end: 2)
    guard case .silence(let count)? = plan.pieces.first else {
      Issue.record("no silence at the front")
      return
    }
    #expect(plan.times[count] - plan.mediaStart == 48000)
    #expect(plan.times.first == 0)
  }

  @Test func `a pause in the sound is filled and what follows stays in place`() throws {
    let track = SyntheticSource.audio(count: 60) { index in
      Int64(index) * 1024 + (index >= 20 ? 5000 : 0)
    }
    let plan = try audio(track, end: 2)
    #expect(plan.pieces.prefix(3) == [.source(0..<20), .silence(4), .source(20..<60)])
    #expect(plan.times[24] - plan.mediaStart == 20 * 1024 + 5000)
  }

  @Test func `sound that runs backwards is refused`() {
    let track = SyntheticSource.audio(count: 60) { index in
      Int64(index) * 1024 - (index >= 20 ? 10000 : 0)
    }
    #expect(throws: PackagingError.self) { try audio(track, end: 2) }
  }

  @Test func `sound rounded to milliseconds is put back on its frames`() throws {
    var track = SyntheticSource.audio(count: 3000) { ($0 == 0 ? 0 : Int64($0) * 64 / 3) }
    track.timescale = Timescale(literal: 1000)
    track.presentationStart = 0
    let plan = try audio(track, end: 64)
    #expect(plan.pieces == [.source(0..<3000)])
    #expect(plan.times == (0..<3000).map { Int64($0) * 1024 })
  }
}
