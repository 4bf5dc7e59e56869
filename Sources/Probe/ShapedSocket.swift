import NIOCore

/// A viewer's way to the network, all of whose connections share its rate: how fast it is and how long
/// the way takes are a trace's, or fixed.
final class ShapedLink {
  /// `nil`: as fast as the socket.
  let trace: NetworkTrace?
  private let roundTrip: Duration?
  private let clock: ProbeClock
  /// Until then it carries what was read before.
  private var busy = Duration.zero

  /// - Parameter roundTrip: `nil`: as the trace has it.
  init(_ trace: NetworkTrace?, roundTrip: Duration?, clock: ProbeClock) {
    self.trace = trace
    self.roundTrip = roundTrip
    self.clock = clock
  }

  var now: Duration { clock.now }

  /// From here to the server and back, now.
  var currentRoundTrip: Duration { roundTrip ?? trace?.roundTrip(at: clock.now) ?? .zero }

  /// When a link that is busy with what came before has carried bytes that are here now.
  func carried(_ byteCount: Int) -> Duration {
    busy = max(busy, clock.now)
    if let trace { busy = trace.end(of: byteCount, from: busy) }
    return busy
  }

  func deadline(of moment: Duration) -> NIODeadline { clock.deadline(of: moment) }
}

/// Holds back what a socket gave until the link would have brought it, and what is sent for half a round trip. The socket is
/// asked for no more than the link carries: the sender meets a full window, as on the real link.
final class ShapedSocket: ChannelDuplexHandler {
  typealias InboundIn = ByteBuffer
  typealias InboundOut = ByteBuffer
  typealias OutboundIn = NIOAny
  typealias OutboundOut = NIOAny

  private typealias Write = (data: NIOAny, promise: EventLoopPromise<Void>?)

  private let link: ShapedLink
  private var held: [(bytes: ByteBuffer, due: Duration)] = []
  private var heldByteCount = 0
  /// When the link has carried all that was read.
  private var carried = Duration.zero
  private var isReadWanted = false
  private var unflushed: [Write] = []
  private var sent: [(writes: [Write], due: Duration)] = []
  private var timer: Scheduled<Void>?

  init(_ link: ShapedLink) { self.link = link }

  // MARK: What comes

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let bytes = unwrapInboundIn(data)
    carried = link.carried(bytes.readableBytes)
    // A way that becomes shorter lets nothing overtake.
    let due = max(held.last?.due ?? .zero, carried + link.currentRoundTrip / 2)
    held.append((bytes, due))
    heldByteCount += bytes.readableBytes
    schedule(context)
  }

  func channelReadComplete(context: ChannelHandlerContext) {
    if held.isEmpty { context.fireChannelReadComplete() }
  }

  func read(context: ChannelHandlerContext) {
    guard mayRead else {
      isReadWanted = true
      return schedule(context)
    }
    context.read()
  }

  private var mayRead: Bool { carried <= link.now && heldByteCount < Limits.shapedHeldByteCount }

  /// What was under way when the server closed comes with that.
  func channelInactive(context: ChannelHandlerContext) {
    release(context, until: .seconds(2 * Limits.runSeconds))
    context.fireChannelInactive()
  }

  // MARK: What is sent

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    unflushed.append((data, promise))
  }

  func flush(context: ChannelHandlerContext) {
    guard !unflushed.isEmpty else { return context.flush() }
    let due = max(sent.last?.due ?? .zero, link.now + link.currentRoundTrip / 2)
    sent.append((unflushed, due))
    unflushed = []
    send(context)
    schedule(context)
  }

  func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
    if mode != .input { drop() }
    context.close(mode: mode, promise: promise)
  }

  func handlerRemoved(context: ChannelHandlerContext) {
    timer?.cancel()
    drop()
  }

  private func drop() {
    for write in sent.flatMap(\.writes) + unflushed {
      write.promise?.fail(ChannelError.ioOnClosedChannel)
    }
    (sent, unflushed) = ([], [])
  }

  private func send(_ context: ChannelHandlerContext) {
    let now = link.now
    while let first = sent.first, first.due <= now {
      sent.removeFirst()
      for write in first.writes { context.write(write.data, promise: write.promise) }
      context.flush()
    }
  }

  // MARK: Its clock

  private func schedule(_ context: ChannelHandlerContext) {
    timer?.cancel()
    let wanted = isReadWanted && heldByteCount < Limits.shapedHeldByteCount ? carried : nil
    let next = [held.first?.due, sent.first?.due, wanted].compactMap { $0 }.min()
    timer = next.map { moment in
      context.eventLoop.assumeIsolated().scheduleTask(deadline: link.deadline(of: moment)) {
        self.release(context, until: self.link.now)
        self.send(context)
        if self.isReadWanted, self.mayRead {
          self.isReadWanted = false
          context.read()
        }
        self.schedule(context)
      }
    }
  }

  private func release(_ context: ChannelHandlerContext, until moment: Duration) {
    guard let first = held.first, first.due <= moment else { return }
    while let first = held.first, first.due <= moment {
      held.removeFirst()
      heldByteCount -= first.bytes.readableBytes
      context.fireChannelRead(wrapInboundOut(first.bytes))
    }
    context.fireChannelReadComplete()
  }
}
