import NIOCore
import NIOPosix
import NIOSSL

/// Viewers that play a presentation and measure it.
///
///     let plan = try ProbePlan(address: WebAddress(url), length: .seconds(60), viewerCount: 100)
///     let report = try await ProbeRun.measure(plan, wallClock: now) { false }
package enum ProbeRun {
  /// - Parameters:
  ///   - wallClock: now, since 1970.
  ///   - isCancelled: asked several times a second, on any thread; the report is made of what there is.
  /// - Throws: `ProbeError` where nothing could be measured.
  package static func measure(
    _ plan: ProbePlan, wallClock: Duration, loopCount: Int = NIOCore.System.coreCount,
    isCancelled: @escaping @Sendable () -> Bool
  ) async throws -> ProbeReport {
    let group = MultiThreadedEventLoopGroup(numberOfThreads: max(1, loopCount))
    do {
      let report = try await measure(plan, wallClock, group, isCancelled)
      try await group.shutdownGracefully()
      return report
    } catch {
      try? await group.shutdownGracefully()
      throw error
    }
  }

  private static func measure(
    _ plan: ProbePlan, _ wallClock: Duration, _ group: MultiThreadedEventLoopGroup,
    _ isCancelled: @escaping @Sendable () -> Bool
  ) async throws -> ProbeReport {
    var tls = TLSConfiguration.makeClientConfiguration()
    if plan.isInsecure { tls.certificateVerification = .none }
    tls.applicationProtocols = plan.http.offered
    // Playlists over http may name media over https.
    let context = try NIOSSLContext(configuration: tls)
    let connecting = Connecting(
      clock: ProbeClock(wallClock: wallClock), http: plan.http, tls: context)
    let documents = Viewer.Documents()
    let clock = connecting.clock
    let futures = (0..<plan.viewerCount).map { index in
      let loop = group.next()
      let promise = loop.makePromise(of: Viewer.Result.self)
      let start = plan.joining * index / max(plan.viewerCount - 1, 1)
      loop.scheduleTask(deadline: clock.deadline(of: start)) {
        Viewer(
          eventLoop: loop, plan: plan, connecting: connecting, documents: documents,
          end: plan.length,
          isFirst: index == 0, isCancelled: isCancelled, promise: promise
        ).begin()
      }
      return promise.futureResult
    }
    var results: [Viewer.Result] = []
    for future in futures { results.append(try await future.get()) }
    return try ProbeReport(plan, results, length: clock.now)
  }
}
