import NIOCore
import Testing

@testable import FileIO

/// How long what comes now would wait for a thread.
@Suite struct WorkQueueTests {
  private static let start = NIODeadline.uptimeNanoseconds(1_000_000_000_000)

  /// - Parameters:
  ///   - took: milliseconds that each of a hundred pieces of work took before.
  ///   - waiting: pieces that came at the start, one in each millisecond, and wait.
  private func wait(
    threads: Int, took: Int64, waiting: Int, begun: Int = 0, after milliseconds: Int64
  ) -> TimeAmount {
    var queue = WorkQueue(threadCount: threads)
    for _ in 0..<100 {
      queue.arrived(now: Self.start)
      queue.began()
      queue.ended(after: .milliseconds(took))
    }
    for index in 0..<waiting { queue.arrived(now: Self.start + .milliseconds(Int64(index))) }
    for _ in 0..<begun { queue.began() }
    return queue.expectedWait(now: Self.start + .milliseconds(milliseconds))
  }

  @Test(
    arguments: [
      // Nothing waits, however long work takes.
      (4, 1000, 0, 0, 10_000, 0), (4, 1000, 8, 8, 10_000, 0),
      // By what waits, how long it takes, and how many work.
      (1, 20, 10, 0, 10, 200), (4, 20, 40, 0, 40, 200), (4, 40, 40, 20, 40, 200),
      // A burst of short work.
      (4, 0, 1000, 0, 1000, 1000), (4, 1, 1000, 999, 1000, 1),
      // Work that has come to a halt: as long as the first has waited.
      (4, 1, 4, 0, 5000, 5000), (4, 1, 4, 3, 5000, 4997),
    ] as [(Int, Int64, Int, Int, Int64, Int64)])
  func `the wait is that of the queue`(
    threads: Int, took: Int64, waiting: Int, begun: Int, after: Int64, milliseconds: Int64
  ) {
    let wait = wait(threads: threads, took: took, waiting: waiting, begun: begun, after: after)
    #expect(abs((wait - .milliseconds(milliseconds)).nanoseconds) < 1_000_000)
  }

  @Test func `how long work takes is learnt anew`() {
    var queue = WorkQueue(threadCount: 1)
    for milliseconds in [1, 100] {
      for _ in 0..<100 { queue.ended(after: .milliseconds(Int64(milliseconds))) }
      queue.arrived(now: Self.start)
      let wait = queue.expectedWait(now: Self.start)
      #expect(abs((wait - .milliseconds(Int64(milliseconds))).nanoseconds) < 1_000_000)
      queue.began()
    }
  }
}
