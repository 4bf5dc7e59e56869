import NIOCore
import NIOHTTP1

/// What is asked of single clients, whichever event loop they are on.
final class ClientRules: Sendable {
  let trusted: TrustedEdges
  let connections: ConnectionCounts
  /// `nil`: as many as they like.
  let rates: RequestRates?

  init(_ limits: Limits, trusted: TrustedEdges) {
    self.trusted = trusted
    connections = ConnectionCounts(
      limit: limits.connectionCount, limitPerClient: limits.clientConnectionCount, trusted: trusted)
    rates = limits.clientRequestsPerSecond.map { RequestRates(perSecond: $0) }
  }

  /// - Throws: 429 for a client that has asked too often.
  func admit(_ client: ClientIdentity) throws(Rejection) {
    guard let rates, let address = client.address, !client.isTrusted,
      let wait = rates.refusal(of: address, now: .now())
    else { return }
    var rejection = Rejection(
      .tooManyRequests, "This client asks more often than it may; ask again later.")
    rejection.retryAfter = Int((wait.nanoseconds + 999_999_999) / 1_000_000_000)
    throw rejection
  }
}
