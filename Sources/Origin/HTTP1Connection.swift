import FileIO
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

  private let loop: LoopContext
  private var state: ConnectionState
  private var context: ChannelHandlerContext?
  /// Of the request that is being answered.
  private var exchange: Exchange?
  /// What is left of its body, once the head has been written.
  private var stream: (any BodyStream)?
  /// The file that a response without an exchange is sent from.
  private var lease: OpenFile?
  private var directWrites = DirectWrites()
  /// Whether the system waits for full packets.
  private var isCorked = false
  /// Whether it goes in chunks, because nobody knows how long it will be.
  private var isChunked = false
  /// Whether `perform` is starting an exchange, which may be over before that returns.
  private var isStarting = false
  private var isOverAlready = false
  /// Bytes since the last complete request head.
  private var unparsedByteCount = 0
  /// Whether `DecodedParts` stand behind it.
  private var hasDecoder = false
  /// Whether bytes are being read, at whose end everything written is flushed at once.
  private var isInRead = false
  private var hasUnflushed = false
  private var isReadWithheld = false
  /// Who the connection is with.
  private let peer: ClientIdentity
  /// Whether TLS stands in between, which has to see all bytes.
  private let isSecure: Bool
  /// A request whose body is arriving.
  private var incoming: Request?
  /// The body of an upload that is arriving.
  private var arriving: IncomingBody?

  init(loop: LoopContext, peer: Peer, isSecure: Bool = false) {
    self.loop = loop
    self.peer = ClientIdentity(peer.address, trusted: loop.clients.trusted)
    self.isSecure = isSecure
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
    arriving = nil
    endExchange()
    loop.closed(self)
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard state.acceptsRequests || arriving != nil else { return }
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
    guard unparsedByteCount == bytes.readableBytes, incoming == nil, arriving == nil
    else { return }
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

  /// The shortest way, of responses that are ready and whose body is at hand: nothing is asked, nothing is waited for. Where
  /// somebody wants to know of each exchange, is let in or not, or has it go wrong, there is one.
  ///
  /// - Returns: whether it was possible.
  private func answerAtOnce(_ head: PlainHead, in bytes: ByteBuffer) -> Bool {
    guard loop.answersAtOnce, state.isIdle, let context else { return false }
    guard let ready = loop.ready.find(head, in: bytes, now: loop.now) else {
      return loop.liveRequests.find(head, in: bytes).map(waitAtOnce) ?? false
    }
    let date = loop.dates.current()
    switch ready.response.body {
    case .bytes(let body) where body.readableBytes <= loop.limits.inlineBodyByteCount:
      // With others behind it, they go out together.
      let isLast = head.byteCount == bytes.readableBytes
      return sendAtOnce(ready.message(date: date, body: body), .none, alone: isLast, context)
    case .file(let file, let range) where range.count > 0 && range.count <= Limits.sentByteCount:
      let head = ready.message(date: date, body: nil)
      if let bytes = loop.bytes(of: file, range, sendsFiles: sendsFiles) {
        return sendAtOnce(head, .bytes(bytes), context)
      }
      guard sendsFiles, let open = loop.openFile(file, of: ready) else { return false }
      return sendAtOnce(head, .file(open, range), context)
    default: return false
    }
  }

  /// - Parameter alone: whether it is not to wait for what is written next.
  /// - Returns: whether it has begun, even if it has failed.
  private func sendAtOnce(
    _ head: ByteBuffer, _ body: BodyAtHand, alone: Bool = true, _ context: ChannelHandlerContext
  ) -> Bool {
    var takenByteCount = 0
    if !isSecure, alone, !hasUnflushed, let socket = directWrites.socket(under: context) {
      if isCorked { setCork(false, context) }
      switch body.send(behind: head, to: socket) {
      case .taken(let byteCount): takenByteCount = byteCount
      case .fileIsCutShort:
        streamFailed(OpenFiles.NotTheIndexedFile())
        return true
      case .broken:
        abort()
        return true
      }
      if takenByteCount == head.readableBytes + body.byteCount {
        state.answeredAtOnce(body.byteCount, now: loop.now)
        return true
      }
    } else if !context.channel.isWritable {
      return false
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
    if case .none = body {
      write(.byteBuffer(head), context)
      state.answeredAtOnce(now: loop.now)
      return true
    }
    let bodyOffset = takenByteCount - takenOfHead
    guard let (rest, lease) = body.rest(from: bodyOffset, of: loop.files, now: loop.now) else {
      if takenByteCount > 0 { abort() }
      return takenByteCount > 0
    }
    self.lease = lease
    let left = context.eventLoop.makePromise(of: Void.self)
    left.futureResult.assumeIsolated().whenSuccess { [self] in leftAtOnce() }
    state.answersAtOnce(body.byteCount, now: loop.now)
    if head.readableBytes > 0 {
      if body.needsCork, !isCorked { setCork(true, context) }
      write(.byteBuffer(head), context)
    }
    write(rest, context, promise: left)
    return true
  }

  /// - Returns: whether it means what it did.
  private func waitAtOnce(for asked: LiveRequest) -> Bool {
    guard let title = asked.title,
      case .live(let current)? = loop.live?.answer(to: asked.route, of: title.name),
      current === title
    else { return false }
    state.waits(now: loop.now)
    loop.holds.find(asked.key, of: title, now: loop.now) { [self] answer in
      came(answer, for: asked, of: title)
    }
    return true
  }

  private func came(_ answer: LiveAnswer, for asked: LiveRequest, of title: LiveTitle) {
    guard let context else { return }
    guard state.persists(after: asked.request), let ready = answer.made(for: asked.request),
      case .bytes(let body) = ready.response.body,
      body.readableBytes <= loop.limits.inlineBodyByteCount
    else {
      var request = asked.request
      request.client = peer
      let exchange = Exchange(request, loop: loop, writer: self)
      self.exchange = exchange
      return exchange.deliver(answer, asked.key, asked.route, of: title)
    }
    write(.byteBuffer(ready.message(date: loop.dates.current(), body: body)), context)
    perform(state.answered(now: loop.now))
  }

  private func leftAtOnce() {
    giveBackLease()
    directWrites.cameThrough()
    if let context { push(context) }
    perform(state.answered(now: loop.now))
  }

  private func giveBackLease() {
    guard let lease else { return }
    self.lease = nil
    loop.files.giveBack(lease, now: loop.now)
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
      incoming = request.awaitsBody ? request : nil
      if !request.awaitsBody { perform(state.received(request, now: loop.now)) }
    case .body(var bytes):
      if let arriving { return arriving.append(bytes) }
      // The decoder holds it to its Content-Length.
      incoming?.body.writeBuffer(&bytes)
    case .end:
      if let arriving {
        self.arriving = nil
        return arriving.finish()
      }
      guard let request = incoming else { return }
      incoming = nil
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
    if state.acceptsRequests { arriving = body }
  }

  private func readOnUpload() {
    state.uploadProgressed(now: loop.now)
    readOn()
  }

  /// The rest of an upload will not come, or nobody wants it.
  private func cutOffUpload() {
    guard let arriving else { return }
    self.arriving = nil
    state.leavesBodyUnread()
    arriving.cutOff()
  }

  private func writeContinue(_ context: ChannelHandlerContext) {
    write(.byteBuffer(ByteBuffer(string: "HTTP/1.1 100 Continue\r\n\r\n")), context)
    flush()
  }

  private var mayRead: Bool { state.mayRead || arriving?.isWanted ?? false }

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
    guard let request = incoming, request.expectsContinue, request.body.readableBytes == 0,
      state.isReading
    else { return }
    incoming?.expectsContinue = false
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
    if error is HTTPParserError, arriving != nil { return cutOffUpload() }
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
    if stream?.isCutShort ?? lease?.isCutShort ?? false {
      return streamFailed(OpenFiles.NotTheIndexedFile())
    }
    // While it is not the client who is waited for, time does not count.
    if let arriving, !arriving.isStarving { state.uploadProgressed(now: loop.now) }
    if state.deadline <= loop.now, let unsent = unsentByteCount {
      state.sent(allBut: unsent, now: loop.now)
    }
    perform(state.expired(now: loop.now))
  }

  func drain() { perform(state.drain()) }

  /// Ends the connection whatever is under way.
  func abort() { context?.close(promise: nil) }

  // MARK: Actions

  private func perform(_ first: ConnectionState.Action) {
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
    stream = nil
    giveBackLease()
    exchange?.end()
    exchange = nil
  }

  private func write(
    _ data: IOData, _ context: ChannelHandlerContext, promise: EventLoopPromise<Void>? = nil
  ) {
    hasUnflushed = true
    directWrites.wentRound()
    context.write(wrapOutboundOut(data), promise: promise)
  }

  private func flush() {
    guard hasUnflushed, !isInRead, let context else { return }
    hasUnflushed = false
    context.flush()
    // What is no file has nothing behind it that would push it.
    if isCorked, stream == nil, lease == nil { setCork(false, context) }
  }

  /// Bytes of a response that the system has not taken yet.
  private var unsentByteCount: Int? {
    guard stream != nil || lease != nil else { return nil }
    return try? context?.channel.syncOptions?.getOption(.bufferedWritableBytes)
  }

  // MARK: Responses

  var sendsFiles: Bool { !isSecure }

  func write(_ response: Response, _ body: Body, of exchange: Exchange) {
    guard let context else { return }
    defer { flush() }
    if let arriving, exchange.request.upload?.value === arriving {
      self.arriving = nil
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
      directWrites.cameThrough()
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

  private func writePiece(of stream: any BodyStream, _ context: ChannelHandlerContext) {
    let data: IOData
    let count = isSecure ? Limits.securePieceByteCount : Limits.sentByteCount
    switch stream.next(upTo: count) {
    case .bytes(let bytes): data = .byteBuffer(isChunked ? ChunkedCoding.chunk(bytes) : bytes)
    case .region(let region):
      if !isCorked { setCork(true, context) }
      data = .fileRegion(region)
    case .wait(let ready), .later(let ready):
      return ready.assumeIsolated().whenComplete { [self] result in
        guard let context = self.context, self.stream === stream else { return }
        if case .failure(let error) = result { return streamFailed(error) }
        writePiece(of: stream, context)
        flush()
      }
    case .end:
      push(context)
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
    directWrites.cameThrough()
    state.progressed(now: loop.now)
    writePiece(of: stream, context)
    flush()
  }

  private func streamFailed(_ error: any Error) {
    state.failed()
    exchange?.failed(error)
    abort()
  }

  /// Sends what waits for a full packet to be filled. The cork stays in for the next file: asking again for no delay goes
  /// past it (tcp(7), TCP_NODELAY).
  private func push(_ context: ChannelHandlerContext) {
    if isCorked { directWrites.setTCPOption(Limits.tcpNoDelay, 1, under: context) }
  }

  /// The system sends head and file as separate packets unless told to wait for full ones;
  /// taking the cork out pushes the rest at once.
  private func setCork(_ isIn: Bool, _ context: ChannelHandlerContext) {
    isCorked = isIn
    directWrites.setTCPOption(Limits.tcpCork, isIn ? 1 : 0, under: context)
  }
}
