import Testing

@testable import LiveEncoding

/// A stream that is presented a second after it is sent; times in nanoseconds.
struct StreamLagTests {
  private static let second: Int64 = 1_000_000_000
  private var lag = StreamLag()

  private mutating func late(at now: Double, waited: Double, presented: Double) -> Double {
    let late = lag.seconds(
      at: Int64(now * 1e9), waited: waited, time: Int64(presented * 1e9))
    return (late * 1000).rounded() / 1000
  }

  @Test mutating func `who waits for the stream is not late, whatever its clock says`() {
    #expect(late(at: 100, waited: 0, presented: 101) == 0)
    #expect(late(at: 5_000, waited: 0.1, presented: 4_000) == 0)
  }

  @Test mutating func `who does not wait any more is late by what has been added since`() {
    #expect(late(at: 100, waited: 0, presented: 101) == 0)
    // Two seconds of work, in which a second of pictures was read.
    #expect(late(at: 102, waited: 2, presented: 102) == 1)
    #expect(late(at: 104, waited: 4, presented: 103) == 2)
    // A burst is read faster than it plays.
    #expect(late(at: 104.5, waited: 4.5, presented: 105) == 0.5)
    #expect(late(at: 105, waited: 0.2, presented: 106) == 0)
  }

  @Test mutating func `a stream that never lets anybody wait is as late as it becomes`() {
    #expect(late(at: 100, waited: 9, presented: 101) == 0)
    #expect(late(at: 103, waited: 12, presented: 102) == 2)
  }
}
