import NIOCore
import NIOHTTP1

/// What the general decoder makes of requests that are not plain, for the connection in front of it. The last handlers of
/// a pipeline, there from the first such request on.
final class DecodedParts: ChannelInboundHandler {
  typealias InboundIn = HTTPServerRequestPart

  private unowned let connection: HTTP1Connection

  private init(_ connection: HTTP1Connection) { self.connection = connection }

  /// The decoder, and the handler that takes what it makes.
  static func handlers(for connection: HTTP1Connection, limits: Limits) -> [any ChannelHandler] {
    var decoderLimits = NIOHTTPDecoderLimitConfiguration()
    decoderLimits.maxHeaderFieldSize = limits.headByteCount
    decoderLimits.maxHeaderListSize = limits.headByteCount
    decoderLimits.maxHeaderFieldCount = limits.headerFieldCount
    let decoder = HTTPRequestDecoder(
      leftOverBytesStrategy: .dropBytes, limitConfiguration: decoderLimits)
    return [ByteToMessageHandler(decoder), DecodedParts(connection)]
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    connection.received(unwrapInboundIn(data))
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    connection.decodingFailed(error)
  }
}
