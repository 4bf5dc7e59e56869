import FileIO
import NIOCore
import NIOPosix

extension OriginServer {
  /// Listens where whoever runs the origin asks for figures, if anywhere.
  func openOperatorDoor(
    _ loops: [Loop], _ threads: BlockingThreads, _ responder: Responder, _ clients: ClientRules,
    on group: MultiThreadedEventLoopGroup
  ) async throws -> Listener? {
    guard let address = configuration.metrics, let first = loops.first else { return nil }
    let answers = OperatorServer.Answers(
      figures: { await figures(of: loops, threads, responder, clients) },
      readiness: {
        let answer = try? await first.eventLoop.flatSubmit { first.context.value.readiness() }.get()
        return answer ?? Readiness(obstacle: .draining)
      })
    let server = OperatorServer(answers: answers)
    let door = try await server.open(address, inherited: configuration.inherited, on: group)
    configuration.onMetrics?(door)
    return door
  }

  private func figures(
    of loops: [Loop], _ threads: BlockingThreads, _ responder: Responder, _ clients: ClientRules
  ) async -> OriginFigures {
    var figures = OriginFigures()
    figures.logLines = configuration.accessLog?.lineCounts
    figures.documents = responder.rendered.figures
    figures.refusedConnectionCount = clients.connections?.refusedCount ?? 0
    figures.refusedRequestCount = clients.rates?.refusedCount ?? 0
    for loop in loops {
      let asked = NIODeadline.now()
      let answer = try? await loop.eventLoop.submit {
        (NIODeadline.now(), loop.context.value.figures, loop.context.value.hotBodies)
      }.get()
      guard let (begun, found, hotBodies) = answer else { continue }
      figures.add(found)
      figures.hotBodies = hotBodies?.figures
      figures.loopWait = max(figures.loopWait, UInt64(max(0, (begun - asked).nanoseconds)))
    }
    figures.poolWait = UInt64(max(0, threads.expectedWait.nanoseconds))
    figures.process = ProcessFigures.current()
    return figures
  }
}
