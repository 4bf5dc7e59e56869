import NIOCore

/// Tells the connection of bytes before and after the decoder has them: the decoder keeps a
/// request that is not complete to itself.
final class HeadWatcher: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias InboundOut = ByteBuffer

  private let connection: HTTP1Connection

  init(connection: HTTP1Connection) { self.connection = connection }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard connection.bytesArrived(unwrapInboundIn(data).readableBytes) else { return }
    context.fireChannelRead(data)
    connection.bytesParsed()
  }
}
