import Logging
import NIOCore
import NIOHTTP1

/// A connection until it is known who speaks and what: takes the header of the PROXY protocol where one
/// is required, then leaves its place to the protocol. The only handler of a new connection.
final class Opening: ChannelInboundHandler, RemovableChannelHandler, Connection {
  typealias InboundIn = ByteBuffer
  typealias InboundOut = ByteBuffer

  private enum Phase {
    case proxyHeader
    case firstBytes
    case over
  }

  private let loop: LoopContext
  private var phase: Phase
  private var context: ChannelHandlerContext?
  private var peer = Peer(nil)
  private var received = ByteBuffer()
  private var ending: ConnectionEnding?
  private let deadline: NIODeadline

  /// - Parameter requiresProxyHeader: whether connections begin with the PROXY protocol.
  init(loop: LoopContext, requiresProxyHeader: Bool) {
    self.loop = loop
    phase = requiresProxyHeader ? .proxyHeader : .firstBytes
    deadline = loop.now + loop.limits.headTimeout
  }

  // MARK: Events

  func handlerAdded(context: ChannelHandlerContext) { self.context = context }

  func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

  func channelActive(context: ChannelHandlerContext) {
    peer = Peer(context.remoteAddress)
    loop.observer?.opened()
    loop.opened(self)
    if case .firstBytes = phase { admitClient(context) }
    context.fireChannelActive()
  }

  func channelInactive(context: ChannelHandlerContext) {
    loop.observer?.closed(ending ?? .client)
    loop.closed(self)
    context.fireChannelInactive()
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    received.writeImmutableBuffer(unwrapInboundIn(data))
    if case .proxyHeader = phase { takeProxyHeader(context) }
    if case .firstBytes = phase, received.readableBytes > 0 { speakHTTP1(context) }
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if case .inputClosed? = event as? ChannelEvent { end(.client) }
    context.fireUserInboundEventTriggered(event)
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    loop.logger.debug("connection failed", metadata: ["error": "\(error)"])
    end(.failed)
  }

  func expire() { if loop.now >= deadline { end(received.readableBytes > 0 ? .slow : .idle) } }

  func drain() { end(.draining) }

  func abort() { end(.draining) }

  private func end(_ ending: ConnectionEnding) {
    if case .over = phase { return }
    phase = .over
    self.ending = ending
    context?.close(promise: nil)
  }

  // MARK: What comes first

  /// Without a word to a client that has connections enough: an answer would cost what is to be saved.
  private func admitClient(_ context: ChannelHandlerContext) {
    if !loop.clients.admitConnection(peer, until: context.channel.closeFuture) { end(.refused) }
  }

  private func takeProxyHeader(_ context: ChannelHandlerContext) {
    do {
      guard let header = try ProxyHeader.take(from: &received) else { return }
      if let source = header.source { peer = Peer(source) }
      phase = .firstBytes
      admitClient(context)
    } catch {
      // "… the receiver must abort the connection": who cannot be believed gets no answer.
      loop.logger.debug(
        "a connection does not begin with the PROXY protocol",
        metadata: ["reason": "\(error.reason)"])
      end(.failed)
    }
  }

  private func speakHTTP1(_ context: ChannelHandlerContext) {
    phase = .over
    let connection = HTTP1Connection(loop: loop, peer: peer)
    do {
      try context.pipeline.syncOperations.addHandlers(
        connection.handlers, position: .after(self))
    } catch {
      return errorCaught(context: context, error: error)
    }
    loop.opened(connection)
    loop.closed(self)
    context.fireChannelRead(wrapInboundOut(received))
    received = ByteBuffer()
    context.pipeline.syncOperations.removeHandler(context: context, promise: nil)
  }
}
