import Ladder
import MediaCore
import Testing

@Suite struct `Key frames of a ladder` {
  private let second = Timescale(literal: 1)

  @Test(arguments: [
    (Rational(literal: 25, 1), [1], 50), (Rational(literal: 60000, 1001), [1, 2], 120),
    (Rational(literal: 24000, 1001), [1], 48), (Rational(literal: 1, 1), [1], 2),
    (Rational(literal: 25, 2), [1], 25), (Rational(literal: 75, 1), [2, 3], 150),
  ])
  func `groups last about a segment on every rung`(rate: Rational, divisors: [Int], length: Int) {
    let grid = GroupGrid(segment: MediaTime(2, second), frameRate: rate, divisors: divisors)
    #expect(grid.groupLength == length)
    for divisor in divisors { #expect(grid.groupLength % divisor == 0) }
  }

  @Test func `groups start anew at forced key frames`() {
    let grid = GroupGrid(
      segment: MediaTime(2, second), frameRate: Rational(literal: 50, 1), divisors: [1, 2])
    #expect(grid.starts(count: 350, forced: [131]) == [0, 100, 132, 232, 332])
    #expect(grid.starts(count: 100, forced: [0, 100, -5, 4000]) == [0])
  }

  @Test func `chunks cover every picture once`() {
    let grid = GroupGrid(
      segment: MediaTime(1, second), frameRate: Rational(literal: 25, 1), divisors: [1])
    let chunks = grid.chunks(count: 512, forced: [60], groupsPerChunk: 4)
    #expect(chunks.first?.pictures.lowerBound == 0 && chunks.last?.pictures.upperBound == 512)
    for (one, next) in zip(chunks, chunks.dropFirst()) {
      #expect(one.pictures.upperBound == next.pictures.lowerBound)
      #expect(next.keys.first == next.pictures.lowerBound)
    }
    #expect(chunks.flatMap(\.keys) == grid.starts(count: 512, forced: [60]))
    #expect(chunks.map(\.number) == Array(chunks.indices))
  }

  /// Segments of a title, and of its chunks.
  @Test(arguments: [(1, 6), (12, 6), (48, 6), (64, 8), (113, 15), (300, 15)])
  func `short titles have chunks for several cores`(count: Int, each: Int) {
    var ladder = Ladder.mobile
    #expect(ladder.groupsPerChunk(of: count) == each)
    ladder.groupsPerChunk = 600
    #expect(ladder.groupsPerChunk(of: count) == 600)
  }
}
