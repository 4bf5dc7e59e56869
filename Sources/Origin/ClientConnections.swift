import Synchronization

/// How many connections each client has, on all event loops. There are never more clients in it than connections.
final class ClientConnections: Sendable {
  private struct State {
    var counts: [IPAddress: Int] = [:]
    var refusedCount: UInt64 = 0
  }

  private let limit: Int
  private let state = Mutex(State())

  /// - Parameter limit: connections of one client, from 1.
  init(limit: Int) { self.limit = limit }

  /// Connections that were one too many.
  var refusedCount: UInt64 { state.withLock { $0.refusedCount } }

  /// Clients that have any.
  var clientCount: Int { state.withLock { $0.counts.count } }

  /// - Returns: whether the client may have this one too; then `close` is called at its end.
  func open(_ client: IPAddress) -> Bool {
    state.withLock { state in
      let count = state.counts[client.household, default: 0]
      guard count < limit else {
        state.refusedCount += 1
        return false
      }
      state.counts[client.household] = count + 1
      return true
    }
  }

  func close(_ client: IPAddress) {
    state.withLock { state in
      let count = state.counts[client.household, default: 1] - 1
      state.counts[client.household] = count > 0 ? count : nil
    }
  }
}
