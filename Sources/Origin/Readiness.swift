import Logging
import NIOCore
import NIOHTTP1

/// Whether requests should be sent here, as `/readyz` says it to whoever balances load.
struct Readiness: Hashable, Sendable {
  enum Obstacle: String, Sendable {
    case draining = "the origin is stopping"
    case library = "the library cannot be read"
    case overload = "the library could not be asked in time"
  }

  var obstacle: Obstacle?

  var text: String { obstacle.map { "not ready: \($0.rawValue)\n" } ?? "ready\n" }

  var response: Response {
    var response = Response(
      obstacle == nil ? .ok : .serviceUnavailable, text: text, cacheControl: .none)
    if obstacle != nil { response.extraFields.append(Field(.retryAfter, "1")) }
    return response
  }
}

extension LoopContext {
  /// Asks the library for its names, as a request would.
  func readiness() -> EventLoopFuture<Readiness> {
    if isDraining { return eventLoop.makeSucceededFuture(Readiness(obstacle: .draining)) }
    let answer = eventLoop.makePromise(of: Readiness.self)
    var isAnswered = false
    func finish(_ obstacle: Readiness.Obstacle?) {
      guard !isAnswered else { return }
      isAnswered = true
      answer.succeed(Readiness(obstacle: obstacle))
    }
    let deadline = eventLoop.assumeIsolated().scheduleTask(in: limits.readinessTimeout) {
      finish(.overload)
    }
    titles.names().assumeIsolated().whenComplete { [logger] result in
      deadline.cancel()
      if case .failure(let error) = result {
        logger.error("titles cannot be listed", metadata: ["error": "\(error)"])
        finish(.library)
      } else {
        finish(nil)
      }
    }
    return answer.futureResult
  }
}
