import NIOCore

/// Stops accepting while too many connections are open; what comes meanwhile waits in the
/// listen queue of the system.
final class ConnectionLimiter: ChannelDuplexHandler {
  typealias InboundIn = any Channel
  typealias InboundOut = any Channel
  typealias OutboundIn = Never
  typealias OutboundOut = Never

  private let count: ConnectionCount
  private var isReadWithheld = false

  init(_ count: ConnectionCount) { self.count = count }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    count.opened()
    unwrapInboundIn(data).closeFuture.whenComplete { [count] _ in count.closed() }
    context.fireChannelRead(data)
  }

  func read(context: ChannelHandlerContext) {
    guard !isReadWithheld else { return }
    let bound = NIOLoopBound((handler: self, context: context), eventLoop: context.eventLoop)
    isReadWithheld = !count.hasRoom { [eventLoop = context.eventLoop] in
      eventLoop.execute {
        let (handler, context) = bound.value
        handler.isReadWithheld = false
        context.read()
      }
    }
    if !isReadWithheld { context.read() }
  }
}
