/// Edges in front of the origin whose word is taken: limits on single clients are not for them, and whom they say that
/// they ask for is the client.
///
///     let edges = try TrustedEdges("10.0.0.0/8,2001:db8::/32")
package struct TrustedEdges: Hashable, Sendable {
  private struct Network: Hashable {
    var address: IPAddress
    var bitCount: Int

    func contains(_ other: IPAddress) -> Bool {
      address.isVersion4 == other.isVersion4 && other.network(bitCount) == address
    }
  }

  private var networks: [Network] = []
  /// Whether who comes over a socket of this machine, which has no address, is one.
  private var includesLocalSockets = false

  /// None.
  package init() {}

  /// - Parameter list: networks such as `10.0.0.0/8`, addresses, and `unix` for sockets of this machine, between commas.
  /// - Throws: which of them is none.
  package init(_ list: String) throws(OriginError) {
    for member in list.split(separator: ",", omittingEmptySubsequences: false).map(\.trimmed) {
      guard networks.count < Limits.trustedNetworkCount else {
        throw OriginError(
          .malformedNetwork, "More than \(Limits.trustedNetworkCount) networks are trusted.")
      }
      if member == "unix" {
        includesLocalSockets = true
      } else {
        networks.append(try Self.network(member))
      }
    }
  }

  private static func network(_ text: Substring) throws(OriginError) -> Network {
    let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    let malformed = OriginError(
      .malformedNetwork,
      "This is no network: \(text.prefix(64)): one such as 10.0.0.0/8 or 2001:db8::/32 is expected."
    )
    guard let address = IPAddress(parts.first ?? "") else { throw malformed }
    let all = address.isVersion4 ? 32 : 128
    guard parts.count == 2 else { return Network(address: address, bitCount: all) }
    guard let count = Int(parts[1]), (0...all).contains(count), "\(count)" == parts[1] else {
      throw malformed
    }
    guard address.network(count) == address else {
      throw OriginError(
        .malformedNetwork,
        "The network \(text.prefix(64)) has bits behind its prefix: \(address.network(count))/\(count) is meant?"
      )
    }
    return Network(address: address, bitCount: count)
  }

  /// - Parameter address: `nil` of a socket without one.
  func contain(_ address: IPAddress?) -> Bool {
    guard let address else { return includesLocalSockets }
    return networks.contains { $0.contains(address) }
  }
}
