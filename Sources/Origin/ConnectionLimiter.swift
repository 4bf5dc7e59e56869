import NIOCore

/// Stops accepting while too many connections are open; what comes meanwhile waits in the
/// listen queue of the system.
final class ConnectionLimiter: ChannelDuplexHandler {
  typealias InboundIn = any Channel
  typealias InboundOut = any Channel
  typealias OutboundIn = Never
  typealias OutboundOut = Never

  private let limit: Int
  private var openCount = 0
  private var isReadWithheld = false

  init(limit: Int) { self.limit = limit }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    openCount += 1
    let loopBound = NIOLoopBound((handler: self, context: context), eventLoop: context.eventLoop)
    unwrapInboundIn(data).closeFuture.hop(to: context.eventLoop).whenComplete { _ in
      let (handler, context) = loopBound.value
      handler.connectionClosed(context)
    }
    context.fireChannelRead(data)
  }

  func read(context: ChannelHandlerContext) {
    if openCount < limit { context.read() } else { isReadWithheld = true }
  }

  private func connectionClosed(_ context: ChannelHandlerContext) {
    openCount -= 1
    guard isReadWithheld, openCount < limit else { return }
    isReadWithheld = false
    context.read()
  }
}
