import Logging
import NIOCore
import NIOHTTP1
import NIOSSL
import NIOTLS

/// A connection until it is known who speaks and what: takes the header of the PROXY protocol where one
/// is required, has TLS spoken where that is, then leaves its place to the protocol. The only handler of a
/// new connection.
final class Opening: ChannelInboundHandler, RemovableChannelHandler, Connection {
  typealias InboundIn = ByteBuffer
  typealias InboundOut = ByteBuffer

  /// What connections to an address have to begin with.
  struct Rules: Sendable {
    var requiresProxyHeader = false
    /// With it, TLS is spoken.
    var identity: TLSIdentity?
  }

  private enum Phase {
    case proxyHeader
    /// What comes has to be TLS.
    case firstRecord
    case handshake
    case firstBytes
    case over
  }

  private let loop: LoopContext
  private let rules: Rules
  private var phase: Phase
  private var context: ChannelHandlerContext?
  private var peer = Peer(nil)
  private var received: ByteBuffer?
  private var ending: ConnectionEnding?
  private let deadline: NIODeadline

  init(loop: LoopContext, rules: Rules) {
    self.loop = loop
    self.rules = rules
    phase = .proxyHeader
    deadline = loop.now + loop.limits.headTimeout
    if !rules.requiresProxyHeader { afterProxyHeader() }
  }

  // MARK: Events

  func handlerAdded(context: ChannelHandlerContext) { self.context = context }

  func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

  func channelActive(context: ChannelHandlerContext) {
    peer = Peer(context.remoteAddress)
    loop.observer?.opened()
    loop.opened(self)
    if !rules.requiresProxyHeader { admitClient(context) }
    context.fireChannelActive()
  }

  func channelInactive(context: ChannelHandlerContext) {
    loop.observer?.closed(ending ?? .client)
    loop.closed(self)
    context.fireChannelInactive()
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    received.setOrWriteImmutableBuffer(unwrapInboundIn(data))
    if case .proxyHeader = phase { takeProxyHeader(context) }
    if case .firstRecord = phase { beginTLS(context) }
    if case .firstBytes = phase { chooseProtocol(context) }
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    switch event {
    case ChannelEvent.inputClosed: end(.client)
    case TLSUserEvent.handshakeCompleted(let name): handshakeCompleted(name, context)
    default: break
    }
    context.fireUserInboundEventTriggered(event)
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    loop.logger.debug("connection failed", metadata: ["error": "\(error)"])
    end(.failed)
  }

  func expire() { if loop.now >= deadline { end(isIdle ? .idle : .slow) } }

  /// Whether nothing has come.
  private var isIdle: Bool { if case .handshake = phase { false } else { received == nil } }

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
    guard var bytes = received else { return }
    do {
      guard let header = try ProxyHeader.take(from: &bytes) else { return }
      if let source = header.source { peer = Peer(source) }
      received = bytes.readableBytes > 0 ? bytes : nil
      afterProxyHeader()
      admitClient(context)
    } catch {
      // "… the receiver must abort the connection": who cannot be believed gets no answer.
      loop.logger.debug(
        "a connection does not begin with the PROXY protocol",
        metadata: ["reason": "\(error.reason)"])
      end(.failed)
    }
  }

  private func afterProxyHeader() { phase = rules.identity == nil ? .firstBytes : .firstRecord }

  private func beginTLS(_ context: ChannelHandlerContext) {
    guard let received, let identity = rules.identity,
      let first = received.getInteger(at: received.readerIndex, as: UInt8.self)
    else { return }
    guard first == Self.handshakeRecord else {
      // HTTP/1.1 is answered so that a person can read it.
      self.received = nil
      let connection = HTTP1Connection(loop: loop, peer: peer)
      leave(to: connection, context)
      return connection.refuse(.notSecure)
    }
    phase = .handshake
    self.received = nil
    do {
      try context.pipeline.syncOperations.addHandler(
        NIOSSLServerHandler(context: identity.context), position: .before(self))
    } catch {
      return errorCaught(context: context, error: error)
    }
    // Once more from the front, where TLS is now.
    context.pipeline.syncOperations.fireChannelRead(NIOAny(received))
  }

  /// `ContentType` of TLS (RFC 8446 §5.1).
  private static let handshakeRecord: UInt8 = 22

  private func handshakeCompleted(_ name: String?, _ context: ChannelHandlerContext) {
    guard case .handshake = phase else { return }
    guard name == HTTPProtocol.http2 else { return phase = .firstBytes }
    let connection = HTTP2Connection(loop: loop, peer: peer, isSecure: true)
    leave(to: connection, context)
  }

  private func chooseProtocol(_ context: ChannelHandlerContext) {
    guard let received else { return }
    let isSecure = rules.identity != nil
    if !isSecure {
      guard let isHTTP2 = ConnectionPreface.begins(received) else { return }
      if isHTTP2 {
        let connection = HTTP2Connection(loop: loop, peer: peer, isSecure: false)
        return leave(to: connection, context)
      }
    }
    let connection = HTTP1Connection(loop: loop, peer: peer, isSecure: isSecure)
    leave(to: connection, context)
  }

  /// Gives its place, and what has come, to those who understand it.
  private func leave(
    to connection: any Connection & ChannelHandler, _ context: ChannelHandlerContext
  ) {
    phase = .over
    do {
      try context.pipeline.syncOperations.addHandler(connection, position: .after(self))
    } catch {
      return errorCaught(context: context, error: error)
    }
    loop.opened(connection)
    loop.closed(self)
    if let received { context.fireChannelRead(wrapInboundOut(received)) }
    context.pipeline.syncOperations.removeHandler(context: context, promise: nil)
  }
}
