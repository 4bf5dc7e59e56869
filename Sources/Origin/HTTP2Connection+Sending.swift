import FileIO
import NIOCore

/// What a connection of HTTP/2 sends: batches of frames, one after the other.
extension HTTP2Connection {
  /// Sends what the client takes and the system holds, by and by, so that other connections have their turn.
  func send() {
    guard !isSending, !isInRead, context != nil else { return }
    isSending = true
    defer { isSending = false }
    for _ in 0..<Limits.sendingRoundCount {
      if unsent.count == 0 { writeRound() }
      guard !frames.isEmpty else { return offer() }
      flush()
      guard unsent.count == 0 else { return }
    }
    context?.eventLoop.assumeIsolated().execute { self.send() }
  }

  private func writeRound() {
    while let stream = streams.takeHead() { writeHead(of: stream) }
    streams.takeUpPostponed()
    while frames.bodyByteCount < Limits.sendingRoundByteCount, window > 0,
      let stream = streams.next()
    {
      let left = Limits.sendingRoundByteCount - frames.bodyByteCount
      let isShared = stream.priority.isIncremental && streams.queuedCount > 1
      switch stream.next(upTo: min(isShared ? Limits.turnByteCount : left, window)) {
      case .bytes(let bytes): write(bytes, of: stream)
      case .wait: streams.queue(stream)  // It may be over already.
      case .failed(let error): failed(stream, error)
      }
    }
  }

  private func writeHead(of stream: HTTP2Stream) {
    guard streams.contains(stream), let head = stream.head else { return }
    stream.head = nil
    writeHead(head, of: stream.id, isLast: stream.isResponseOver)
    if stream.isResponseOver { return isWritten(stream) }
    // Where nobody waits, there is no order to be held.
    guard streams.queuedCount == 0, let byteCount = stream.smallByteCount, byteCount <= window,
      case .bytes(let bytes) = stream.next(upTo: byteCount)
    else { return streams.queue(stream) }
    write(bytes, of: stream)
  }

  func writeHead(_ block: ByteBuffer, of id: Int, isLast: Bool) {
    frames.write { [isFirst = !hasWrittenHead] in
      $0.writeHeaders(block, stream: id, isLast: isLast, isFirst: isFirst)
    }
    hasWrittenHead = true
  }

  private func write(_ bytes: ByteBuffer, of stream: HTTP2Stream) {
    window -= bytes.readableBytes
    frames.write(bytes, of: stream)
    if stream.isResponseOver { isWritten(stream) } else { streams.queue(stream) }
  }

  /// All of its response is in the batch.
  private func isWritten(_ stream: HTTP2Stream) {
    frames.ended.append(stream)
    // "… a server MAY request that the client abort transmission of a request without error by sending a RST_STREAM
    // with an error code of NO_ERROR after sending a complete response" (§8.1).
    if !stream.isRequestOver {
      frames.write { $0.writeReset(stream.id, .noError) }
      streams.cutOff(stream.id)
    }
    streams.remove(stream)
  }

  /// Hands what is written to the system: to the socket itself where NIO has nothing left to write there.
  func flush() {
    guard let context, let batch = frames.take() else { return }
    let isAlone = unsent.count == 0
    unsent.began(batch.bodyByteCount, now: loop.now)
    var parts = batch.parts[...]
    if !isSecure, isAlone, let socket = directWrites.socket(under: context) {
      guard case .taken(let byteCount) = socket.send(batch.parts) else {
        for stream in batch.ended { stream.end() }
        return end(.client)
      }
      parts.drop(first: byteCount)
    }
    guard let last = parts.popLast() else { return isSent(batch) }
    let left = context.eventLoop.makePromise(of: Void.self)
    left.futureResult.assumeIsolated().whenComplete { [self] result in
      if case .success = result { return isSent(batch) }
      for stream in batch.ended { stream.end() }
    }
    directWrites.wentRound()
    for part in parts { context.write(wrapOutboundOut(part), promise: nil) }
    context.writeAndFlush(wrapOutboundOut(last), promise: left)
  }

  private func isSent(_ batch: FrameBatch.Batch) {
    unsent.ended(batch.bodyByteCount, now: loop.now)
    for stream in batch.ended {
      stream.exchange?.sent()
      stream.end()
    }
    for stream in batch.moved { stream.deadline = loop.now + loop.limits.writeTimeout }
    guard unsent.count == 0 else { return }
    directWrites.cameThrough()
    offer()
    rest()
    send()
  }

  /// Keeps the time that the client takes for what would go if its windows let it.
  private func offer() {
    unsent.offer(
      isHeldUp: streams.all.contains { $0.isHeldUp || ($0.isReady && window <= 0) }, now: loop.now)
  }
}

extension ArraySlice<ByteBuffer> {
  /// Takes bytes from the front, and all buffers that have none left.
  fileprivate mutating func drop(first byteCount: Int) {
    var rest = byteCount
    while let first, first.readableBytes <= rest {
      rest -= first.readableBytes
      removeFirst()
    }
    if rest > 0 { self[startIndex].moveReaderIndex(forwardBy: rest) }
  }
}
