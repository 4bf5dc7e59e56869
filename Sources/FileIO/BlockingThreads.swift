package import NIOCore
import NIOPosix
import Synchronization

/// Threads for work that blocks, in the order in which it comes; they know how long what comes now would wait.
///
///     let threads = BlockingThreads(count: 4)
///     let bytes = threads.run(on: eventLoop) { try file.read(at: 0, count: 100) }
///     try await threads.shutdownGracefully()
package final class BlockingThreads: Sendable {
  private let pool: NIOThreadPool
  private let queue: Mutex<WorkQueue>

  package init(count: Int) {
    pool = NIOThreadPool(numberOfThreads: count)
    queue = Mutex(WorkQueue(threadCount: count))
    pool.start()
  }

  /// See `WorkQueue`.
  package var expectedWait: TimeAmount { queue.withLock { $0.expectedWait(now: .now()) } }

  /// - Returns: what `work` returned or threw; `CancellationError` if the threads are ending.
  package func run<Value: Sendable>(
    on eventLoop: any EventLoop, _ work: @escaping @Sendable () throws -> Value
  ) -> EventLoopFuture<Value> {
    let promise = eventLoop.makePromise(of: Value.self)
    submit { isActive in
      guard isActive else { return promise.fail(CancellationError()) }
      promise.completeWith(Result { try work() })
    }
    return promise.futureResult
  }

  /// - Parameter work: is told whether it may be done; if not, the threads are ending.
  package func submit(_ work: @escaping @Sendable (_ isActive: Bool) -> Void) {
    queue.withLock { $0.arrived(now: .now()) }
    pool.submit { [self] state in
      let begin = NIODeadline.now()
      queue.withLock { $0.began() }
      work(state == .active)
      queue.withLock { $0.ended(after: .now() - begin) }
    }
  }

  /// Ends the threads once what they do is done; what waits is told so.
  package func shutdownGracefully() async throws { try await pool.shutdownGracefully() }

  /// The same, without waiting for it.
  package func shutdown() { pool.shutdownGracefully { _ in } }
}
