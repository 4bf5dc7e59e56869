import NIOCore

/// Who is at the other end of a connection.
struct Peer: Hashable, Sendable {
  /// As the system writes it, without the port; an IPv4 address that came in an IPv6 one stands for itself
  /// (RFC 4291 §2.5.5.2). `nil` if there is none, as on a Unix socket.
  let address: String?

  init(_ address: SocketAddress?) {
    let text = address?.ipAddress
    self.address = text.flatMap { Self.mapped($0) } ?? text
  }

  private static func mapped(_ text: String) -> String? {
    guard text.hasPrefix("::ffff:"), text.contains(".") else { return nil }
    return String(text.dropFirst(7))
  }
}
