import NIOCore

/// Tells the connection of bytes before and after the decoder has them: the decoder keeps a
/// request that is not complete to itself.
final class HeadWatcher: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias InboundOut = ByteBuffer

  private let connection: HTTP1Connection

  init(connection: HTTP1Connection) { self.connection = connection }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    var bytes = unwrapInboundIn(data)
    guard connection.bytesArrived(bytes.readableBytes) else { return }
    connection.takePlainRequests(from: &bytes)
    guard bytes.readableBytes > 0 else { return }
    context.fireChannelRead(wrapInboundOut(bytes))
    connection.bytesParsed()
  }
}
