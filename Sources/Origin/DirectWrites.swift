import FileIO
import NIOCore

/// The way of responses past NIO: to the socket itself, in the calls of the system that they need and nothing else.
/// Open while NIO has no bytes of the connection left to write, so that none overtake others.
///
///     if let socket = directWrites.socket(under: context) { … socket.send(message) … }
///     context.write(data)
///     directWrites.wentRound()
struct DirectWrites {
  private var found: OutgoingSocket?
  private var isLookedFor = false
  /// Whether NIO was given bytes since it was last known to have none.
  private var mayBePending = false

  /// - Returns: `nil` if bytes have to go through NIO now.
  mutating func socket(under context: ChannelHandlerContext) -> OutgoingSocket? {
    if mayBePending {
      let unsent = try? context.channel.syncOptions?.getOption(.bufferedWritableBytes)
      guard unsent == 0 else { return nil }
      mayBePending = false
    }
    return openSocket(under: context)
  }

  /// NIO was given bytes.
  mutating func wentRound() { mayBePending = true }

  /// All that NIO was given has left.
  mutating func cameThrough() { mayBePending = false }

  /// Sets an option of TCP that only Linux has; nothing is lost where it is not understood.
  mutating func setTCPOption(_ name: CInt, _ value: CInt, under context: ChannelHandlerContext) {
    openSocket(under: context)?.setTCPOption(name, value)
  }

  private mutating func openSocket(under context: ChannelHandlerContext) -> OutgoingSocket? {
    // A channel is no longer active before anyone hears that it has closed its descriptor.
    guard context.channel.isActive else { return nil }
    if !isLookedFor {
      isLookedFor = true
      found = OutgoingSocket(under: context)
    }
    return found
  }
}
