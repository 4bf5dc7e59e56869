/// Who a request is from.
struct ClientIdentity: Hashable, Sendable {
  /// `nil` if it has none that is known.
  let address: IPAddress?
  /// The same as systems write it.
  let text: String?
  /// Whether its word is taken, and limits on single clients are not for it.
  let isTrusted: Bool

  static let unknown = ClientIdentity(nil, isTrusted: true)

  /// - Parameter address: of who the connection is with; `nil` of a socket without one.
  init(_ address: IPAddress?, trusted: TrustedEdges) {
    self.init(address, isTrusted: address == nil || trusted.contain(address))
  }

  private init(_ address: IPAddress?, isTrusted: Bool) {
    (self.address, text, self.isTrusted) = (address, address?.description, isTrusted)
  }

  /// Whom it asks for, if its word is taken.
  ///
  /// Each hop has added whom it heard from: from the last on, the first that nobody here trusts is the client. What
  /// stands before that one is only what it has said.
  func asking(for forwarded: ForwardedFor, trusted: TrustedEdges) -> ClientIdentity {
    guard trusted.contain(address) else { return self }
    var client = self
    for hop in forwarded.hops.reversed() {
      guard let hop else { break }
      client = ClientIdentity(hop, trusted: trusted)
      if !client.isTrusted { break }
    }
    return client
  }
}
