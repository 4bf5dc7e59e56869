import Codecs
import MediaCore
import NIOCore
import Testing

@testable import Packaging

struct EventTimelineTests {
  private struct Eventful: MediaSource {
    var name = "source"
    var tracks: [SourceTrack] = []
    var chapters: [Chapter] = []
    var splices: [Splice] = []

    func makeReader(of tracks: Set<Int>) throws -> any PayloadReader { throw CancellationError() }
  }

  private static let clock = Timescale(literal: 90_000)
  private static let second: Int64 = 90_000

  private func section(
    _ id: UInt32, at pts: Int64?, isCancelled: Bool = false, adjustment: UInt64 = 0
  ) -> ByteBuffer {
    SpliceInfoSection(
      ptsAdjustment: adjustment,
      command: .insert(
        SpliceInsert(
          eventID: id, isCancelled: isCancelled, isOut: !isCancelled,
          ptsTime: pts.map { UInt64($0) }))
    ).bytes
  }

  private func timeline(_ splices: [(arrival: Int64, ByteBuffer)], origin: Int64) -> EventTimeline {
    let source = Eventful(
      splices: splices.map {
        Splice(time: MediaTime($0.arrival, Self.clock), section: $0.1)
      })
    return EventTimeline(
      [Eventful(), source], chapters: nil,
      origins: [MediaTime(0, Self.clock), MediaTime(origin, Self.clock)],
      end: MediaTime(60, Timescale(literal: 1)))
  }

  @Test func `splice times are of the stream's clock, and the title starts at 0`() {
    let events = timeline([(12 * Self.second, section(1, at: 15 * Self.second))], origin: 900_000)
    #expect(events.splices.map(\.time.value) == [5 * Self.second])
    #expect(events.notes.isEmpty)
  }

  @Test func `a clock that has begun again counts on`() {
    let modulus = Int64(1) << 33
    // FFmpeg counts on past the end of 33 bits; sections do not.
    let events = timeline(
      [(modulus - Self.second, section(1, at: Self.second))], origin: modulus - 2 * Self.second)
    #expect(events.splices.map(\.time.value) == [3 * Self.second])
  }

  @Test func `repetitions are one event, also when they are adjusted anew`() {
    let events = timeline(
      [
        (0, section(1, at: 5 * Self.second)), (Self.second, section(1, at: 5 * Self.second)),
        (2 * Self.second, section(1, at: 4 * Self.second, adjustment: UInt64(Self.second))),
        (3 * Self.second, section(2, at: nil)), (4 * Self.second, section(2, at: nil)),
      ], origin: 0)
    #expect(events.splices.map(\.time.value) == [3 * Self.second, 5 * Self.second])
  }

  @Test func `what is cancelled before it happens is left out`() {
    let events = timeline(
      [
        (0, section(1, at: 5 * Self.second)), (0, section(2, at: 6 * Self.second)),
        (Self.second, section(1, at: nil, isCancelled: true)),
        (7 * Self.second, section(2, at: nil, isCancelled: true)),
      ], origin: 0)
    #expect(events.splices.map(\.time.value) == [6 * Self.second])
  }

  @Test func `heartbeats pass unseen; damage and what lies outside are told of`() {
    var damaged = section(3, at: 0)
    damaged.setInteger(UInt8(1), at: 10)
    let events = timeline(
      [
        (0, SpliceInfoSection(command: .null).bytes), (0, damaged),
        (0, section(4, at: 70 * Self.second)),
      ], origin: 0)
    #expect(events.splices.isEmpty)
    #expect(events.notes.count == 2)
  }

  @Test func `splice points near a cut move onto it`() {
    var events = timeline([(0, section(1, at: 180_700)), (0, section(2, at: 300_000))], origin: 0)
    events.snap(
      to: [MediaTime(0, Timescale(literal: 24)), MediaTime(48, Timescale(literal: 24))],
      frame: MediaTime(1, Timescale(literal: 24)))
    #expect(events.splices.map(\.time.value) == [180_000, 300_000])
  }

  @Test func `chapters are cut to the title, in order, and have names`() {
    let milli = Timescale(literal: 1000)
    let source = Eventful(chapters: [
      Chapter(start: MediaTime(31_000, milli), title: " \u{7}Two\n "),
      Chapter(start: MediaTime(0, milli), end: MediaTime(31_000, milli), title: ""),
      Chapter(start: MediaTime(90_000, milli), title: "late"),
      Chapter(start: MediaTime(0, milli), end: MediaTime(900, milli), title: "early"),
    ])
    let events = EventTimeline(
      [source], chapters: nil, origins: [MediaTime(1, Timescale(literal: 1))],
      end: MediaTime(60, Timescale(literal: 1)))
    #expect(events.chapters.map(\.title) == ["Chapter 2", "Two"])
    #expect(events.chapters.map(\.start.value) == [0, 30_000])
    #expect(events.notes.count == 1)
  }

  @Test func `given chapters stand in for those of the source`() {
    let source = Eventful(chapters: [Chapter(start: MediaTime(0, Self.clock), title: "source")])
    let given = [Chapter(start: MediaTime(0, Self.clock), title: "given")]
    let events = EventTimeline(
      [source], chapters: given, origins: [MediaTime(0, Self.clock)],
      end: MediaTime(1, Timescale(literal: 1)))
    #expect(events.chapters == given)
  }

  @Test func `a segment starts where a splice point meets a key frame`() throws {
    let rate = Timescale(literal: 25)
    let source = SyntheticSource.video(
      timescale: 25, times: (0..<300).map { Int64($0) },
      keys: { $0 % 50 == 0 || $0 == 132 ? .closed : .none }, lastDuration: 1)
    let plan = try VideoTimeline(track: source, place: "test").plan(
      origin: MediaTime(0, rate), hint: nil)
    let cuts = try CutList(
      [plan], target: MediaTime(2, Timescale(literal: 1)),
      forced: [MediaTime(132, rate), MediaTime(210, rate)], names: ["test"])
    // Nothing can be cut at 210.
    #expect(cuts.starts == [[0, 50, 100, 132, 200, 250]])
  }
}
