import FileIO
import NIOCore

/// What one connection of HTTP/1.1 sends, in its order: to the socket itself where NIO has nothing left to write there, and through
/// NIO otherwise. The system sends head and file as separate packets unless it is told to wait for full ones.
///
///     switch output.send(head, body, under: context) {
///     case .taken(let byteCount)?: … the rest is for NIO …
///     case nil: … all is: …
///       context.write(…)
///       output.wrote()
///     …
///     }
struct ConnectionOutput {
  /// Whether TLS stands in between, which has to see all bytes.
  let isSecure: Bool
  /// Whether the client is on this machine.
  private let isLocal: Bool
  private var directWrites = DirectWrites()
  /// Whether the system waits for full packets.
  private var isCorked = false
  /// Whether NIO has been given something that it has not been told to send.
  private var hasUnflushed = false
  /// Whether the system has been told how much it may hold that it has not sent.
  private var isBounded = false

  init(isSecure: Bool, isLocal: Bool) { (self.isSecure, self.isLocal) = (isSecure, isLocal) }

  /// Hands the system as much as it takes now.
  ///
  /// - Returns: `nil` if all has to go through NIO.
  mutating func send(
    _ head: ByteBuffer, _ body: BodyAtHand, under context: ChannelHandlerContext
  ) -> OutgoingSocket.Outcome? {
    guard !isSecure, !hasUnflushed, let socket = directWrites.socket(under: context) else {
      return nil
    }
    uncork(under: context)
    if isLocal, !isBounded, body.byteCount > Limits.localUnsentByteCount { bound(socket) }
    return body.send(behind: head, to: socket)
  }

  /// What the system holds for a client on this machine, it sends while that one reads, and in its time: all of a large body at
  /// once takes both together longer than piece by piece.
  private mutating func bound(_ socket: OutgoingSocket) {
    isBounded = true
    socket.setTCPOption(Limits.tcpNotSentLowWater, CInt(Limits.localUnsentByteCount))
  }

  /// NIO was given bytes, which it sends when it is told to.
  mutating func wrote() {
    hasUnflushed = true
    directWrites.wentRound()
  }

  /// - Returns: whether NIO is to be told to send.
  mutating func takeUnflushed() -> Bool {
    defer { hasUnflushed = false }
    return hasUnflushed
  }

  /// All that NIO was given has left.
  mutating func cameThrough() { directWrites.cameThrough() }

  /// From here on packets are full.
  mutating func cork(under context: ChannelHandlerContext) {
    if !isCorked { setCork(true, context) }
  }

  /// Sends what waits for a full packet to be filled, and waits no more.
  mutating func uncork(under context: ChannelHandlerContext) {
    if isCorked { setCork(false, context) }
  }

  /// Sends what waits for a full packet to be filled. The cork stays in for the next file: asking again for no delay goes
  /// past it (tcp(7), TCP_NODELAY).
  mutating func push(under context: ChannelHandlerContext) {
    if isCorked { directWrites.setTCPOption(Limits.tcpNoDelay, 1, under: context) }
  }

  /// Taking the cork out pushes the rest at once.
  private mutating func setCork(_ isIn: Bool, _ context: ChannelHandlerContext) {
    isCorked = isIn
    directWrites.setTCPOption(Limits.tcpCork, isIn ? 1 : 0, under: context)
  }
}
