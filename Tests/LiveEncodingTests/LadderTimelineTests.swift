import LiveEncoding
import MediaCore
import NIOCore
import Testing

/// Where pictures of a source stand on the grid since 1970.
struct LadderTimelineTests {
  static let system = Timescale(literal: 90_000)
  /// 2026-01-01.
  static let epoch: Int64 = 1_767_225_600_000_000_000

  private func timeline(
    _ rate: Rational = Rational(literal: 25, 1), aligns: Bool = true, epoch: Int64? = epoch
  ) throws -> LadderTimeline {
    LadderTimeline(
      grid: try #require(FrameGrid(rate: rate)), keyDistance: 50, epoch: epoch,
      alignsEpoch: aligns)
  }

  /// Places pictures at so many ticks.
  private func place(
    _ times: [Int64], _ timeline: inout LadderTimeline, arrival: (Int) -> Int64? = { _ in nil }
  ) -> [LadderTimeline.Placing] {
    times.enumerated().map { index, time in
      timeline.place(
        MediaTime(time, Self.system), duration: 3600, arrival: arrival(index))
    }
  }

  private func numbers(_ placings: [LadderTimeline.Placing]) -> [Int64] {
    placings.flatMap { placing -> [Int64] in
      if case .pictures(let numbers) = placing { Array(numbers) } else { [] }
    }
  }

  static let first = epoch / 40_000_000

  @Test func `a picture's number is its time since 1970`() throws {
    var timeline = try timeline()
    let placed = numbers(place((0..<100).map { 5000 + $0 * 3600 }, &timeline))
    #expect(placed == Array(Self.first..<Self.first + 100))
    #expect(Self.first % 50 == 0 && timeline.time(of: Self.first) == Self.epoch)
  }

  @Test func `encoding begins with a key frame, whenever the source does`() throws {
    var timeline = try timeline(aligns: false, epoch: Self.epoch + 300_000_000)
    let placed = place((0..<60).map { $0 * 3600 }, &timeline)
    // The seventh picture since the epoch is the first; the fiftieth is a key frame.
    #expect(placed.prefix(43).allSatisfy { $0 == .left })
    #expect(numbers(placed) == Array(Self.first + 50..<Self.first + 67))
  }

  @Test func `an uneven rate fills the grid, and none stands twice`() throws {
    var timeline = try timeline()
    // Pictures at 0, 1, 1.2, 4, 4.9, 6 lengths.
    let placed = place([0, 3600, 4320, 14_400, 17_640, 21_600], &timeline)
    let base = Self.first
    #expect(
      placed == [
        .pictures(base...base), .pictures(base + 1...base + 1), .left,
        .pictures(base + 2...base + 4), .pictures(base + 5...base + 5),
        .pictures(base + 6...base + 6),
      ])
  }

  @Test func `a counter that turns over, and times that jump, go on without a hole`() throws {
    for times in [
      (0..<50).map { ((1 << 33) - 36_000 + $0 * 3600) % (1 << 33) },
      (0..<50).map { ($0 < 20 ? 900_000 : 90_000_000) + $0 * 3600 },
      (0..<50).map { ($0 < 20 ? 90_000_000 : 900_000) + $0 * 3600 },
    ] as [[Int64]] {
      var timeline = try timeline()
      #expect(numbers(place(times, &timeline)) == Array(Self.first..<Self.first + 50))
    }
  }

  @Test func `a loop goes on where the file ended`() throws {
    var timeline = try timeline()
    _ = place((0..<60).map { 5000 + $0 * 3600 }, &timeline)
    timeline.restart(isSeamless: true)
    #expect(!timeline.isPlacing)
    let placed = numbers(place((0..<10).map { 5000 + $0 * 3600 }, &timeline))
    #expect(placed == Array(Self.first + 60..<Self.first + 70))
  }

  @Test func `a connection that comes back goes on at a key frame, as late as it is`() throws {
    var timeline = try timeline(aligns: false, epoch: nil)
    let start = Self.epoch
    _ = place((0..<60).map { $0 * 3600 }, &timeline) { start + Int64($0) * 40_000_000 }
    timeline.restart(isSeamless: false)
    // 7.6 s later.
    let again = start + 59 * 40_000_000 + 7_600_000_000
    let placed = numbers(
      place((0..<60).map { 777_777 + $0 * 3600 }, &timeline) { again + Int64($0) * 40_000_000 })
    // 60 + 190 is the 250th, a key frame.
    #expect(placed == Array(Self.first + 250..<Self.first + 310))
  }

  @Test func `behind a long hole all begin with a key frame`() throws {
    var timeline = try timeline()
    let start = Self.epoch
    // Ten pictures, then 4 s of nothing.
    let times = (0..<10).map { $0 * 3600 } + (0..<60).map { 396_000 + $0 * 3600 }
    let placed = numbers(
      place(times.map(Int64.init), &timeline) { start + Int64(times[$0]) * 100_000 / 9 })
    #expect(
      placed == Array(Self.first..<Self.first + 10) + Array(Self.first + 150..<Self.first + 170))
  }

  @Test func `the last picture stays while sound goes on alone`() throws {
    var timeline = try timeline()
    _ = place((0..<10).map { $0 * 3600 }, &timeline)
    func sound(_ seconds: Double) -> ClosedRange<Int64>? {
      let sample = LiveSample(
        track: 1, decodeTime: Int64(seconds * 90_000), presentationTime: Int64(seconds * 90_000),
        duration: 1920, randomAccess: .closed, payload: ByteBuffer())
      guard let placed = timeline.place(sample, Self.system) else { return nil }
      return timeline.hold(until: MediaTime(placed.presentationTime, Self.system))
    }
    #expect(sound(1) == nil)
    // 50 lengths, of which 38 are patience.
    #expect(sound(2) == Self.first + 10...Self.first + 12)
    #expect(sound(2) == nil)
    #expect(sound(2.04) == Self.first + 13...Self.first + 13)
    // What comes late has its place taken.
    #expect(numbers(place([36_000, 50_400], &timeline)) == [Self.first + 14])
  }

  @Test func `rates with fractions have whole numbers, to the tick`() throws {
    var timeline = try timeline(Rational(literal: 30000, 1001))
    let placed = numbers(place((0..<100).map { 12_345 + $0 * 3003 }, &timeline))
    let first = try #require(placed.first)
    #expect(placed == Array(first..<first + 100) && first % 50 == 0)
    let length = 1_001_000_000.0 / 30
    #expect(abs(Double(timeline.time(of: first)) - Double(first) * length) < 1000)
  }
}
