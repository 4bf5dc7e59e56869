import NIOCore
import Synchronization

/// The open connections of all listening sockets: how many there are, and how many of each client. There are never more
/// clients in it than connections.
final class ConnectionCounts: Sendable {
  private struct State {
    var openCount = 0
    var ofClients: [IPAddress: Int] = [:]
    var refusedCount: UInt64 = 0
    /// Whoever is to be told when there is room again.
    var waiting: [@Sendable () -> Void] = []
  }

  private let limit: Int
  /// `nil`: as many as there may be.
  private let limitPerClient: Int?
  private let trusted: TrustedEdges
  private let state = Mutex(State())

  init(limit: Int, limitPerClient: Int? = nil, trusted: TrustedEdges = TrustedEdges()) {
    self.limit = limit
    self.limitPerClient = limitPerClient
    self.trusted = trusted
  }

  /// Connections that were closed at once because their client had enough.
  var refusedCount: UInt64 { state.withLock { $0.refusedCount } }

  /// - Parameter wake: called once as soon as there is room, if there is none now.
  func hasRoom(orElse wake: @escaping @Sendable () -> Void) -> Bool {
    state.withLock { state in
      if state.openCount < limit { return true }
      state.waiting.append(wake)
      return false
    }
  }

  /// A connection has been accepted.
  ///
  /// - Parameter client: `nil` where it has no address.
  /// - Returns: whether it may stay; then `close` is called at its end, with the same client.
  func open(_ client: IPAddress?) -> Bool {
    let counted = counted(client)
    return state.withLock { state in
      if let counted, let limitPerClient {
        let count = state.ofClients[counted, default: 0]
        guard count < limitPerClient else {
          state.refusedCount += 1
          return false
        }
        state.ofClients[counted] = count + 1
      }
      state.openCount += 1
      return true
    }
  }

  func close(_ client: IPAddress?) {
    let counted = counted(client)
    let woken = state.withLock { state in
      state.openCount -= 1
      if let counted, limitPerClient != nil {
        let count = state.ofClients[counted, default: 1] - 1
        state.ofClients[counted] = count > 0 ? count : nil
      }
      guard state.openCount < limit else { return [] as [@Sendable () -> Void] }
      defer { state.waiting = [] }
      return state.waiting
    }
    for wake in woken { wake() }
  }

  private func counted(_ client: IPAddress?) -> IPAddress? {
    trusted.contain(client) ? nil : client?.household
  }
}
