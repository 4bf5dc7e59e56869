import NIOCore

/// Who is at the other end of a connection.
struct Peer: Hashable, Sendable {
  /// `nil` if there is none, as on a Unix socket.
  let address: IPAddress?

  init(_ address: SocketAddress?) { self.address = address?.ipAddress.flatMap { IPAddress($0) } }
}
