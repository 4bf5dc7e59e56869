import NIOCore

/// Stops accepting while too many connections are open; what comes meanwhile waits in the listen queue of the system.
/// Closes at once what comes from a client that has enough of them: an answer would cost what is to be saved.
final class ConnectionLimiter: ChannelDuplexHandler {
  typealias InboundIn = any Channel
  typealias InboundOut = any Channel
  typealias OutboundIn = Never
  typealias OutboundOut = Never

  private let counts: ConnectionCounts
  private var isReadWithheld = false

  init(_ counts: ConnectionCounts) { self.counts = counts }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let connection = unwrapInboundIn(data)
    let client = connection.remoteAddress?.ipAddress.flatMap { IPAddress($0) }
    guard counts.open(client) else { return connection.close(promise: nil) }
    connection.closeFuture.whenComplete { [counts] _ in counts.close(client) }
    context.fireChannelRead(data)
  }

  func handlerRemoved(context: ChannelHandlerContext) { isReadWithheld = false }

  func read(context: ChannelHandlerContext) {
    guard !isReadWithheld else { return }
    let loopBound = NIOLoopBound((handler: self, context: context), eventLoop: context.eventLoop)
    let eventLoop = context.eventLoop
    let hasRoom = counts.hasRoom {
      eventLoop.execute {
        let (handler, context) = loopBound.value
        handler.goOn(context)
      }
    }
    if hasRoom { context.read() } else { isReadWithheld = true }
  }

  private func goOn(_ context: ChannelHandlerContext) {
    guard isReadWithheld else { return }
    isReadWithheld = false
    read(context: context)
  }
}
