import FileIO
import Library
import Logging
import NIOCore
import Synchronization

/// The publishing points of an origin, and who may use them.
package struct PublishingPoints: Sendable {
  private let points: [String: PublishingPoint]
  let publishers: Publishers

  package init(_ points: [PublishingPoint], publishers: Publishers) {
    self.points = Dictionary(points.map { ($0.name, $0) }) { first, _ in first }
    self.publishers = publishers
  }

  /// Whether uploads to a point of this name, and its title, can be told from what else the origin has.
  package static func isName(_ name: String) -> Bool {
    TrackName.isValid(name) && !Router.reservedNames.contains(name)
  }

  func point(named name: String) -> PublishingPoint? { points[name] }

  var all: [PublishingPoint] { Array(points.values) }
}

/// Publishing points as the event loops share them: what blocks is done on threads of their own.
final class PublishingDesk: Sendable {
  let points: PublishingPoints
  private let threads: BlockingThreads
  /// For titles at rest that are made of those that have ended, one behind the other.
  private let keepers = BlockingThreads(count: 1)
  private let isStopping = Atomic(false)
  private let logger: Logger

  init(_ points: PublishingPoints, logger: Logger) {
    self.points = points
    self.logger = logger
    threads = BlockingThreads(count: Limits.publishingThreadCount)
  }

  func run<Value: Sendable>(
    on eventLoop: any EventLoop, _ work: @escaping @Sendable () throws -> Value
  ) -> EventLoopFuture<Value> {
    threads.run(on: eventLoop, work)
  }

  /// Lets the points notice that time has passed, until it is cancelled.
  func watch(on eventLoop: any EventLoop) -> RepeatedTask {
    eventLoop.scheduleRepeatedAsyncTask(
      initialDelay: Limits.publishingInterval, delay: Limits.publishingInterval
    ) { [self] _ in
      threads.run(on: eventLoop) { [self] in
        for point in points.all { look(at: point) }
      }
    }
  }

  private func look(at point: PublishingPoint) {
    do {
      if try point.advance() { keep(point) }
    } catch {
      logger.error(
        "a live title cannot go on", metadata: ["title": "\(point.name)", "error": "\(error)"])
    }
    if let failure = point.takeFailure() {
      logger.error(
        "live media cannot be kept; viewers cannot go back any more",
        metadata: ["title": "\(point.name)", "error": "\(failure)"])
    }
  }

  private func keep(_ point: PublishingPoint) {
    keepers.submit { [self] isActive in
      guard isActive else { return }
      do {
        try point.keep { [self] in isStopping.load(ordering: .relaxed) }
      } catch {
        logger.error(
          "no title could be made of a live title that has ended",
          metadata: ["title": "\(point.name)", "error": "\(error)"])
      }
    }
  }

  /// What is being written of a title at rest is given up; `dougong finish` makes it.
  func shutdownGracefully() async throws {
    isStopping.store(true, ordering: .relaxed)
    try await threads.shutdownGracefully()
    try await keepers.shutdownGracefully()
  }
}
