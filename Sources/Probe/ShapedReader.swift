import NIOCore

/// A viewer's way to the network, whose rate is a trace's: all of its connections share it.
final class ShapedLink {
  private let trace: NetworkTrace
  private let clock: ProbeClock
  /// Until then it carries what was read before.
  private var busy = Duration.zero

  init(_ trace: NetworkTrace, clock: ProbeClock) {
    self.trace = trace
    self.clock = clock
  }

  /// When bytes that are here now would have come over the link.
  func arrival(of byteCount: Int) -> NIODeadline {
    busy = trace.end(of: byteCount, from: max(busy, clock.now))
    return clock.deadline(of: busy)
  }
}

/// Holds back what a socket gave until the link would have carried it, and asks the socket for no more
/// before: the sender meets a full window, as on the real link.
final class ShapedReader: ChannelDuplexHandler {
  typealias InboundIn = ByteBuffer
  typealias InboundOut = ByteBuffer
  typealias OutboundIn = Never

  private let link: ShapedLink
  private var held: [(bytes: ByteBuffer, due: NIODeadline)] = []
  private var isReadWanted = false
  private var isInputClosed = false
  private var timer: Scheduled<Void>?

  init(_ link: ShapedLink) { self.link = link }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let bytes = unwrapInboundIn(data)
    held.append((bytes, link.arrival(of: bytes.readableBytes)))
    if held.count == 1 { schedule(context) }
  }

  func channelReadComplete(context: ChannelHandlerContext) {
    if held.isEmpty { context.fireChannelReadComplete() }
  }

  func read(context: ChannelHandlerContext) {
    if held.isEmpty { context.read() } else { isReadWanted = true }
  }

  func channelInactive(context: ChannelHandlerContext) {
    if held.isEmpty { context.fireChannelInactive() } else { isInputClosed = true }
  }

  func handlerRemoved(context: ChannelHandlerContext) { timer?.cancel() }

  private func schedule(_ context: ChannelHandlerContext) {
    timer = context.eventLoop.assumeIsolated().scheduleTask(deadline: held[0].due) {
      self.release(context)
    }
  }

  private func release(_ context: ChannelHandlerContext) {
    let now = NIODeadline.now()
    while let first = held.first, first.due <= now {
      held.removeFirst()
      context.fireChannelRead(wrapInboundOut(first.bytes))
    }
    guard held.isEmpty else { return schedule(context) }
    context.fireChannelReadComplete()
    if isInputClosed { return context.fireChannelInactive() }
    if isReadWanted {
      isReadWanted = false
      context.read()
    }
  }
}
