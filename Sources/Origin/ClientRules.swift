import NIOCore
import NIOHTTP1

/// What is asked of single clients, whichever event loop they are on.
final class ClientRules: Sendable {
  let trusted: TrustedEdges
  /// `nil`: as many as they like.
  let connections: ClientConnections?
  let rates: RequestRates?

  init(_ limits: Limits, trusted: TrustedEdges) {
    self.trusted = trusted
    connections = limits.clientConnectionCount.map { ClientConnections(limit: $0) }
    rates = limits.clientRequestsPerSecond.map { RequestRates(perSecond: $0) }
  }

  /// - Parameter end: of the connection.
  /// - Returns: whether the client may have this connection too.
  func admitConnection(_ peer: Peer, until end: EventLoopFuture<Void>) -> Bool {
    guard let connections, let address = peer.address, !trusted.contain(address) else {
      return true
    }
    guard connections.open(address) else { return false }
    end.whenComplete { _ in connections.close(address) }
    return true
  }

  /// - Throws: 429 for a client that has asked too often.
  func admitRequest(_ client: ClientIdentity) throws(Rejection) {
    guard let rates, let address = client.address, !client.isTrusted,
      let wait = rates.refusal(of: address, now: .now())
    else { return }
    var rejection = Rejection(
      .tooManyRequests, "This client asks more often than it may; ask again later.")
    rejection.retryAfter = Int((wait.nanoseconds + 999_999_999) / 1_000_000_000)
    throw rejection
  }
}
