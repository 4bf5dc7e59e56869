import FileIO
import NIOCore

/// Responses that are ready, or that many wait for: sent without an exchange, as far as the system takes them at once.
extension HTTP1Connection {
  /// The shortest way, of responses that are ready and whose body is at hand: nothing is asked, nothing is waited for. Where
  /// somebody wants to know of each exchange, is let in or not, or has it go wrong, there is one.
  ///
  /// - Returns: whether it was possible.
  func answerAtOnce(_ head: PlainHead, in bytes: ByteBuffer) -> Bool {
    guard loop.answersAtOnce, state.isIdle, let context else { return false }
    guard let ready = loop.ready.find(head, in: bytes, now: loop.now) else {
      return loop.liveRequests.find(head, in: bytes).map(waitAtOnce) ?? false
    }
    guard let message = loop.message(of: ready, sendsFiles: sendsFiles) else { return false }
    // With others behind it, what is small goes out together.
    let isAlone = message.body.byteCount > 0 || head.byteCount == bytes.readableBytes
    return sendAtOnce(message.head, message.body, alone: isAlone, context)
  }

  /// - Parameter alone: whether it is not to wait for what is written next.
  /// - Returns: whether it has begun, even if it has failed.
  private func sendAtOnce(
    _ head: ByteBuffer, _ body: BodyAtHand, alone: Bool = true, _ context: ChannelHandlerContext
  ) -> Bool {
    var takenByteCount = 0
    switch alone ? output.send(head, body, under: context) : nil {
    case .taken(let byteCount): takenByteCount = byteCount
    case .fileIsCutShort:
      streamFailed(OpenFiles.NotTheIndexedFile())
      return true
    case .broken:
      abort()
      return true
    case nil: guard context.channel.isWritable else { return false }
    }
    guard takenByteCount < head.readableBytes + body.byteCount else {
      state.answeredAtOnce(body.byteCount, now: loop.now)
      return true
    }
    return sendOn(head, body, from: takenByteCount, context)
  }

  /// What the system does not take at once, NIO sends when it does.
  ///
  /// - Returns: whether anything of it has been sent, or will be.
  private func sendOn(
    _ head: ByteBuffer, _ body: BodyAtHand, from takenByteCount: Int,
    _ context: ChannelHandlerContext
  ) -> Bool {
    var head = head
    let takenOfHead = min(takenByteCount, head.readableBytes)
    head.moveReaderIndex(forwardBy: takenOfHead)
    guard body.byteCount > 0 else {
      write(.byteBuffer(head), context)
      state.answeredAtOnce(now: loop.now)
      return true
    }
    let rest = body.source(from: takenByteCount - takenOfHead)
    let stream = SourceStream(rest, loop: loop, sendsFiles: sendsFiles)
    guard stream.open() == nil else {
      stream.close()
      if takenByteCount > 0 { abort() }
      return takenByteCount > 0
    }
    self.stream = stream
    isChunked = false
    state.waits(now: loop.now)
    if head.readableBytes > 0 {
      if case .file = body { output.cork(under: context) }
      write(.byteBuffer(head), context)
    }
    writePiece(of: stream, context)
    return true
  }

  /// - Returns: whether it means what it did.
  private func waitAtOnce(for asked: LiveRequest) -> Bool {
    guard let title = asked.title,
      case .live(let current)? = loop.live?.answer(to: asked.route, of: title.name),
      current === title
    else { return false }
    state.waits(now: loop.now)
    loop.holds.find(asked, of: title, now: loop.now, for: self)
    return true
  }

  /// Called by `LiveHolds`, with what `asked` was waiting for.
  func came(_ answer: LiveAnswer, for asked: LiveRequest) {
    guard let context else { return }
    if state.persists(after: asked.request),
      let (head, body) = answer.message(
        for: asked, date: loop.dates.current(), inlineUpTo: loop.limits.inlineBodyByteCount)
    {
      // Mostly there is nothing to decide: the next request is yet to come.
      if state.awaitsOnlyAnswer, !isReadWithheld, arriving.isNone,
        sendAtOnce(head, body, context)
      {
        return flush()
      }
      if case .none = body {
        write(.byteBuffer(head), context)
        return perform(state.answered(now: loop.now))
      }
    }
    var request = asked.request
    request.client = peer
    let exchange = Exchange(request, loop: loop, writer: self)
    self.exchange = exchange
    exchange.deliver(answer, to: asked)
  }
}
