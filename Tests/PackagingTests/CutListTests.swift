import MediaCore
import Testing

@testable import Packaging

struct CutListTests {
  /// Frames at a rate, key frames at given numbers.
  private func track(
    _ rate: Rational, frames: Int, keys: Set<Int>, open: Set<Int> = []
  ) throws -> PlannedTrack {
    let source = SyntheticSource.video(
      timescale: UInt32(rate.numerator), times: (0..<frames).map { Int64($0) * rate.denominator },
      keys: { keys.contains($0) ? .closed : open.contains($0) ? .open : .none },
      lastDuration: rate.denominator)
    return try VideoTimeline(track: source, place: "test").plan(
      origin: MediaTime(0, source.timescale), hint: nil)
  }

  private let two = MediaTime(2, Timescale(literal: 1))

  @Test func `segments start at the key frame nearest to the wanted length`() throws {
    let film = try track(
      Rational(literal: 30000, 1001), frames: 180, keys: [0, 39, 63, 147, 150])
    let cuts = try CutList([film], target: two, names: ["film"])
    #expect(cuts.starts == [[0, 63, 147]])
  }

  @Test func `two seconds of 23.976 are forty-eight frames`() throws {
    let film = try track(
      Rational(literal: 24000, 1001), frames: 480, keys: Set(stride(from: 0, to: 480, by: 48)))
    let cuts = try CutList([film], target: two, names: ["film"])
    #expect(cuts.starts == [Array(stride(from: 0, to: 480, by: 48))])
  }

  @Test func `renditions are cut at the moments that all can be`() throws {
    let large = try track(
      Rational(literal: 25, 1), frames: 500, keys: Set(stride(from: 0, to: 500, by: 25)))
    let small = try track(
      Rational(literal: 50, 1), frames: 1000, keys: Set(stride(from: 0, to: 1000, by: 100)))
    let cuts = try CutList([large, small], target: two, names: ["large", "small"])
    #expect(cuts.starts[0] == Array(stride(from: 0, to: 500, by: 50)))
    #expect(cuts.starts[1] == Array(stride(from: 0, to: 1000, by: 100)))
  }

  @Test func `renditions with key frames at other moments are refused`() throws {
    let one = try track(
      Rational(literal: 25, 1), frames: 500, keys: Set(stride(from: 0, to: 500, by: 50)))
    let other = try track(
      Rational(literal: 25, 1), frames: 500, keys: Set([0] + stride(from: 20, to: 500, by: 50)))
    #expect(throws: PackagingError.self) {
      try CutList([one, other], target: two, names: ["one", "other"])
    }
  }

  @Test func `renditions of other content are refused`() throws {
    let keys = Set(stride(from: 0, to: 500, by: 50))
    let one = try track(Rational(literal: 25, 1), frames: 500, keys: keys)
    let short = try track(Rational(literal: 25, 1), frames: 300, keys: keys)
    #expect(throws: PackagingError.self) {
      try CutList([one, short], target: two, names: ["one", "short"])
    }
  }

  @Test func `open groups serve only where closed ones are too far apart`() throws {
    let sparse = try track(
      Rational(literal: 25, 1), frames: 500, keys: [0],
      open: Set(stride(from: 50, to: 500, by: 50)))
    let open = try CutList([sparse], target: two, names: ["sparse"])
    #expect(open.starts[0].count == 10)
    #expect(open.notes.count == 1)
    let dense = try track(
      Rational(literal: 25, 1), frames: 500, keys: Set(stride(from: 0, to: 500, by: 100)),
      open: Set(stride(from: 50, to: 500, by: 100)))
    let closed = try CutList([dense], target: two, names: ["dense"])
    #expect(closed.starts[0] == [0, 100, 200, 300, 400])
  }
}
