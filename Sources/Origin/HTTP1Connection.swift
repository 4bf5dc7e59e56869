import Logging
import MediaCore
import NIOCore
import NIOHTTP1
import NIOPosix

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// HTTP/1.1 (RFC 9112) on one connection: carries out what `ConnectionState` decides. Reads plain requests itself and
/// writes from where it stands, at the front of its pipeline, which it joins when the first bytes have come; what else
/// is sent goes to the general decoder behind it (`DecodedParts`).
final class HTTP1Connection: ChannelDuplexHandler, Connection, ResponseWriter {
  typealias InboundIn = ByteBuffer
  typealias InboundOut = ByteBuffer
  typealias OutboundIn = IOData
  typealias OutboundOut = IOData

  let loop: LoopContext
  var state: ConnectionState
  private(set) var context: ChannelHandlerContext?
  var output: ConnectionOutput
  /// Of the request that is being answered; one that is answered at once has none.
  var exchange: Exchange?
  /// What is left of its body, once the head has been written.
  var stream: (any BodyStream)?
  /// Whether it goes in chunks, because nobody knows how long it will be.
  var isChunked = false
  /// Whether `perform` is starting an exchange, which may be over before that returns.
  private var isStarting = false
  private var isOverAlready = false
  /// Bytes since the last complete request head.
  private var unparsedByteCount = 0
  /// Whether `DecodedParts` stand behind it.
  private var hasDecoder = false
  /// Whether bytes are being read, at whose end everything written is flushed at once.
  private var isInRead = false
  private(set) var isReadWithheld = false
  /// Who the connection is with.
  let peer: ClientIdentity
  var arriving = ArrivingRequest()

  /// - Parameter isSecure: whether TLS stands in between.
  init(loop: LoopContext, peer: Peer, isSecure: Bool = false) {
    self.loop = loop
    self.peer = ClientIdentity(peer.address, trusted: loop.clients.trusted)
    output = ConnectionOutput(
      isSecure: isSecure, isLocal: peer.address?.isLoopback ?? false)
    state = ConnectionState(limits: loop.limits, now: loop.now)
  }

  // MARK: Events

  func handlerAdded(context: ChannelHandlerContext) { self.context = context }

  func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

  func channelInactive(context: ChannelHandlerContext) {
    // The decoder first, which may hold the end of something.
    context.fireChannelInactive()
    state.closed()
    loop.observer?.closed(state.ending ?? .client)
    arriving = ArrivingRequest()
    endExchange()
    loop.closed(self)
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard state.acceptsRequests || arriving.upload != nil else { return }
    var bytes = unwrapInboundIn(data)
    isInRead = true
    unparsedByteCount += bytes.readableBytes
    state.bytesArrived(now: loop.now)
    takePlainRequests(from: &bytes)
    guard bytes.readableBytes > 0 else { return }
    decode(bytes, context)
  }

  /// What is left in `bytes` is for the decoder.
  private func takePlainRequests(from bytes: inout ByteBuffer) {
    // Behind what the decoder has kept of a request, they are the rest of that.
    guard unparsedByteCount == bytes.readableBytes, arriving.isNone else { return }
    while bytes.readableBytes > 0, let head = PlainHead(bytes, limits: loop.limits) {
      unparsedByteCount = bytes.readableBytes - head.byteCount
      if !answerAtOnce(head, in: bytes) {
        var request = Request(head, in: bytes)
        request.client = peer
        perform(state.received(request, now: loop.now))
      }
      bytes.moveReaderIndex(forwardBy: head.byteCount)
    }
  }

  private func decode(_ bytes: ByteBuffer, _ context: ChannelHandlerContext) {
    if !hasDecoder {
      hasDecoder = true
      do {
        try context.pipeline.syncOperations.addHandlers(
          DecodedParts.handlers(for: self, limits: loop.limits), position: .after(self))
      } catch {
        return errorCaught(context: context, error: error)
      }
    }
    context.fireChannelRead(wrapInboundOut(bytes))
    guard unparsedByteCount > loop.limits.headByteCount else { return }
    // The decoder keeps a request that is not complete to itself.
    unparsedByteCount = 0
    refuse(.headTooLarge)
  }

  /// Called by `DecodedParts`.
  func received(_ part: HTTPServerRequestPart) {
    unparsedByteCount = 0
    switch part {
    case .head(let head):
      var request = Request(head, limits: loop.limits, takesUploads: loop.publishing != nil)
      request.client =
        request.forwardedFor.map { peer.asking(for: $0, trusted: loop.clients.trusted) } ?? peer
      if request.isUpload { takeUpload(&request) }
      guard request.awaitsBody else { return perform(state.received(request, now: loop.now)) }
      arriving.keep(request)
    case .body(let bytes):
      if let upload = arriving.upload { upload.append(bytes) } else { arriving.append(bytes) }
    case .end:
      if let upload = arriving.takeUpload() { return upload.finish() }
      guard let request = arriving.takeRequest() else { return }
      perform(state.received(request, now: loop.now))
    }
  }

  /// Lets the body of a request be read while it comes.
  private func takeUpload(_ request: inout Request) {
    let body = IncomingBody()
    body.onWanted = { [weak self, weak body, expectsContinue = request.expectsContinue] in
      if expectsContinue, body?.isOver == false, let context = self?.context {
        self?.writeContinue(context)
      }
    }
    body.onTaken = { [weak self] _ in self?.readOnUpload() }
    request.upload = NIOLoopBound(body, eventLoop: loop.eventLoop)
    if state.acceptsRequests { arriving.pass(to: body) }
  }

  private func readOnUpload() {
    state.uploadProgressed(now: loop.now)
    readOn()
  }

  /// The rest of an upload will not come, or nobody wants it.
  private func cutOffUpload() {
    guard let body = arriving.takeUpload() else { return }
    state.leavesBodyUnread()
    body.cutOff()
  }

  private func writeContinue(_ context: ChannelHandlerContext) {
    write(.byteBuffer(ByteBuffer(string: "HTTP/1.1 100 Continue\r\n\r\n")), context)
    flush()
  }

  private var mayRead: Bool { state.mayRead || arriving.upload?.isWanted ?? false }

  private func readOn() {
    guard isReadWithheld, mayRead else { return }
    isReadWithheld = false
    context?.read()
  }

  func channelReadComplete(context: ChannelHandlerContext) {
    askForBody(context)
    isInRead = false
    flush()
    context.fireChannelReadComplete()
  }

  /// Answers `Expect: 100-continue` when it is its turn, unless the body has begun to come anyway.
  private func askForBody(_ context: ChannelHandlerContext) {
    guard state.isReading, arriving.takeWishToContinue() else { return }
    writeContinue(context)
  }

  func read(context: ChannelHandlerContext) {
    if mayRead { context.read() } else { isReadWithheld = true }
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    // The decoder first, which may hold the end of something.
    context.fireUserInboundEventTriggered(event)
    guard case .inputClosed? = event as? ChannelEvent else { return }
    cutOffUpload()
    perform(state.inputClosed())
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    loop.logger.debug("connection failed", metadata: ["error": "\(error)"])
    state.failed()
    context.close(promise: nil)
  }

  /// Called by `DecodedParts`.
  func decodingFailed(_ error: any Error) {
    if error is HTTPParserError, arriving.upload != nil { return cutOffUpload() }
    switch error as? HTTPParserError {
    case .none: if let context { errorCaught(context: context, error: error) }
    case .invalidVersion: refuse(.unsupportedVersion)
    case .headerOverflow: refuse(.headTooLarge)
    case .some: refuse(.malformed)
    }
  }

  func refuse(_ rejection: Rejection) {
    var request = Request(rejected: rejection)
    request.client = peer
    perform(state.received(request, now: loop.now))
  }

  /// Called at every sweep.
  func expire() {
    guard stream != nil || arriving.upload != nil || state.deadline <= loop.now else { return }
    if stream?.isCutShort ?? false { return streamFailed(OpenFiles.NotTheIndexedFile()) }
    // While it is not the client who is waited for, time does not count.
    if let upload = arriving.upload, !upload.isStarving { state.uploadProgressed(now: loop.now) }
    if state.deadline <= loop.now, let unsent = unsentByteCount {
      state.sent(allBut: unsent, now: loop.now)
    }
    perform(state.expired(now: loop.now))
  }

  func drain() { perform(state.drain()) }

  /// Ends the connection whatever is under way.
  func abort() { context?.close(promise: nil) }

  // MARK: Actions

  func perform(_ first: ConnectionState.Action) {
    defer { flush() }
    var action = first
    while let context {
      switch action {
      case .none:
        if !isInRead { askForBody(context) }
        readOn()
        return
      case .answer(let request):
        guard start(request) else { return }
        action = state.answered(now: loop.now)
      case .closeOutput:
        context.close(mode: .output, promise: nil)
        action = .none
      case .close:
        context.close(promise: nil)
        return
      }
    }
  }

  /// - Returns: whether the response has been written and the next one may follow at once.
  private func start(_ request: Request) -> Bool {
    let exchange = Exchange(request, loop: loop, writer: self)
    self.exchange = exchange
    isStarting = true
    isOverAlready = false
    exchange.begin()
    isStarting = false
    return isOverAlready
  }

  /// The response under way has been written.
  private func answered() {
    exchange?.sent()
    endExchange()
    if isStarting { isOverAlready = true } else { perform(state.answered(now: loop.now)) }
  }

  private func endExchange() {
    // That of an exchange is closed by it.
    if exchange == nil { stream?.close() }
    stream = nil
    exchange?.end()
    exchange = nil
  }

  func write(
    _ data: IOData, _ context: ChannelHandlerContext, promise: EventLoopPromise<Void>? = nil
  ) {
    output.wrote()
    context.write(wrapOutboundOut(data), promise: promise)
  }

  func flush() {
    guard !isInRead, let context, output.takeUnflushed() else { return }
    context.flush()
    // What is no file has nothing behind it that would push it.
    if stream == nil { output.uncork(under: context) }
  }

  /// Bytes of a response that the system has not taken yet.
  private var unsentByteCount: Int? {
    guard stream != nil else { return nil }
    return try? context?.channel.syncOptions?.getOption(.bufferedWritableBytes)
  }

  // MARK: Responses

  var sendsFiles: Bool { !output.isSecure }

  func write(_ response: Response, _ body: Body, of exchange: Exchange) {
    guard let context else { return }
    defer { flush() }
    if let upload = arriving.upload, upload === exchange.request.upload?.value {
      _ = arriving.takeUpload()
      state.leavesBodyUnread()
    }
    let persists = state.persists(after: exchange.request)
    switch body {
    case .none:
      finish(with: head(of: response, exchange, persists), persists: persists, context)
    case .bytes(let bytes) where bytes.readableBytes <= loop.limits.inlineBodyByteCount:
      finish(with: head(of: response, exchange, persists, bytes), persists: persists, context)
    case .bytes(let bytes):
      write(.byteBuffer(head(of: response, exchange, persists)), context)
      finish(with: bytes, persists: persists, context)
    case .stream(let stream):
      self.stream = stream
      isChunked = response.byteCount == nil
      write(.byteBuffer(head(of: response, exchange, persists)), context)
      writePiece(of: stream, context)
    }
  }

  /// With what clients get of a machine that has lost its power: a packet with RST.
  func reset(_ exchange: Exchange) {
    state.failed()
    // On its own loop this is done when it returns.
    let socket = context?.channel as? any SocketOptionProvider
    _ = socket?.setSoLinger(linger(l_onoff: 1, l_linger: 0))
    abort()
  }

  /// Writes the last bytes of a response.
  private func finish(with last: ByteBuffer, persists: Bool, _ context: ChannelHandlerContext) {
    let isSmall = last.readableBytes <= loop.limits.inlineBodyByteCount + Limits.headReserve
    if persists, isSmall, context.channel.isWritable {
      write(.byteBuffer(last), context)
      return answered()
    }
    let written = context.eventLoop.makePromise(of: Void.self)
    written.futureResult.assumeIsolated().whenSuccess { [self] in
      output.cameThrough()
      answered()
    }
    state.began(last.readableBytes, now: loop.now)
    write(.byteBuffer(last), context, promise: written)
  }

  /// - Parameters:
  ///   - persists: whether the connection goes on after this response.
  ///   - body: small; goes behind the head in the same buffer.
  private func head(
    of response: Response, _ exchange: Exchange, _ persists: Bool, _ body: ByteBuffer? = nil
  ) -> ByteBuffer {
    let isHTTP10 = exchange.request.version == .http10
    if persists, !isHTTP10, let ready = exchange.ready {
      return ready.message(date: loop.dates.current(), body: body)
    }
    let isChunked = stream != nil && self.isChunked
    loop.scratch.clear(minimumCapacity: Limits.headReserve)
    response.writeHead(
      into: &loop.scratch, date: loop.dates.current(),
      persistence: isChunked
        ? (persists ? .keptInChunks : .closedInChunks)
        : persists ? (isHTTP10 ? .keptExplicitly : .kept) : .closed)
    if let body { loop.scratch.writeImmutableBuffer(body) }
    return loop.scratch
  }

  func writePiece(of stream: any BodyStream, _ context: ChannelHandlerContext) {
    let data: IOData
    let count = output.isSecure ? Limits.securePieceByteCount : Limits.sentByteCount
    switch stream.next(upTo: count) {
    case .bytes(let bytes): data = .byteBuffer(isChunked ? ChunkedCoding.chunk(bytes) : bytes)
    case .region(let region):
      // Of one that is answered at once, nothing small stands before it but perhaps the head.
      if exchange != nil { output.cork(under: context) }
      data = .fileRegion(region)
    case .wait(let ready), .later(let ready):
      return ready.assumeIsolated().whenComplete { [self] result in
        guard let context = self.context, self.stream === stream else { return }
        if case .failure(let error) = result { return streamFailed(error) }
        writePiece(of: stream, context)
        flush()
      }
    case .end:
      output.push(under: context)
      if isChunked { write(.byteBuffer(ChunkedCoding.lastChunk), context) }
      return answered()
    }
    let written = context.eventLoop.makePromise(of: Void.self)
    written.futureResult.assumeIsolated().whenComplete { [self] in pieceWritten($0, of: stream) }
    state.began(data.readableBytes, now: loop.now)
    write(data, context, promise: written)
  }

  private func pieceWritten(_ result: Result<Void, any Error>, of stream: any BodyStream) {
    guard let context, self.stream === stream else { return }
    if case .failure(let error) = result {
      loop.logger.debug("transfer ended early", metadata: ["error": "\(error)"])
      return abort()
    }
    output.cameThrough()
    state.progressed(now: loop.now)
    writePiece(of: stream, context)
    flush()
  }

  func streamFailed(_ error: any Error) {
    state.failed()
    exchange?.failed(error)
    abort()
  }
}
