import MediaCore

/// What a player fetches of one track, one thing at a time: how to decode it, then media; and again after a while
/// where that fails.
struct TrackFetch: Sendable {
  var isUnderWay = false
  /// Not before.
  private(set) var due = Duration.zero
  private(set) var header: MediaHeader?
  /// In a row.
  var failureCount = 0
  private var initialization: (address: WebAddress, range: ByteRange?)?

  /// Requests for one piece, until it is left out.
  private static let attemptCount = 3

  /// Whether what was asked for last has failed so often that it is left out.
  var givesUp: Bool { failureCount > 0 && failureCount.isMultiple(of: Self.attemptCount) }

  /// - Returns: the request for what decodes the next media; `nil` if that is known.
  mutating func request(
    initialization address: WebAddress, range: ByteRange? = nil, track: Int
  ) -> ProbeRequest? {
    if let initialization, initialization == (address, range) { return nil }
    isUnderWay = true
    initialization = (address, range)
    return ProbeRequest(address, range: range, for: .initialization(track: track))
  }

  /// - Returns: why the session ends; `nil` if it does not.
  mutating func take(initialization exchange: Exchange) -> String? {
    isUnderWay = false
    guard exchange.isGood else {
      initialization = nil
      return failed(exchange)
    }
    header = MediaHeader(exchange.body)
    return nil
  }

  /// - Returns: why the session ends; `nil` if it is tried again.
  mutating func failed(_ exchange: Exchange) -> String? {
    failureCount += 1
    due = exchange.lastByte + Limits.retryDelay
    guard failureCount >= Limits.failureCount else { return nil }
    return "\(exchange.request.address): \(exchange.complaint)"
  }
}
