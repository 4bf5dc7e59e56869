import Logging
import MediaCore
import NIOCore
import NIOHTTP1
import NIOPosix

/// Carries out what `ConnectionState` decides: the last handler of a connection.
final class ConnectionHandler: ChannelDuplexHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundIn = IOData
  typealias OutboundOut = IOData

  /// What of a body comes first: bytes, then a range of a file, then the rest.
  private struct Portion {
    var bytes = ByteBuffer()
    var file: ServedFile
    var range: ByteRange
    /// `nil` if nothing follows.
    var further: BodySource?
  }

  /// A file on its way.
  private struct Transfer {
    /// In front of it.
    var bytes: ByteBuffer
    var file: ServedFile
    var handle: NIOFileHandle
    var rest: ByteRange
    var further: BodySource?

    init(_ portion: Portion, _ handle: NIOFileHandle) {
      bytes = portion.bytes
      file = portion.file
      self.handle = handle
      rest = portion.range
      further = portion.further
    }

    /// Whether bytes that were promised are gone. Publishing never cuts a file; if something
    /// else does, the system has nothing to send and says so without end.
    var isCutShort: Bool {
      guard let end = try? FileRegion(fileHandle: handle).endIndex else { return true }
      return end < file.byteCount
    }
  }

  private let loop: LoopContext
  private var state: ConnectionState
  private var context: ChannelHandlerContext?
  private var transfer: Transfer?
  /// Bytes since the last complete request head.
  private var unparsedByteCount = 0
  /// Whether bytes are being read, at whose end everything written is flushed at once.
  private var isInRead = false
  private var hasUnflushed = false
  private var isReadWithheld = false
  /// A request whose body is arriving.
  private var incoming: Request?

  init(loop: LoopContext) {
    self.loop = loop
    state = ConnectionState(limits: loop.limits, now: loop.now)
  }

  // MARK: Events

  func handlerAdded(context: ChannelHandlerContext) { self.context = context }

  func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

  func channelActive(context: ChannelHandlerContext) {
    loop.opened(self)
    context.fireChannelActive()
  }

  func channelInactive(context: ChannelHandlerContext) {
    state.closed()
    endTransfer()
    loop.closed(self)
    context.fireChannelInactive()
  }

  /// Called by `HeadWatcher` before bytes reach the decoder.
  ///
  /// - Returns: whether they should.
  func bytesArrived(_ count: Int) -> Bool {
    guard state.acceptsRequests else { return false }
    isInRead = true
    unparsedByteCount += count
    state.bytesArrived(now: loop.now)
    return true
  }

  /// Called by `HeadWatcher` after the decoder has had the bytes.
  func bytesParsed() {
    guard unparsedByteCount > loop.limits.headByteCount else { return }
    unparsedByteCount = 0
    perform(state.received(Request(rejected: .headTooLarge), now: loop.now))
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    unparsedByteCount = 0
    switch unwrapInboundIn(data) {
    case .head(let head):
      let request = Request(head, limits: loop.limits)
      incoming = request.awaitsBody ? request : nil
      if !request.awaitsBody { perform(state.received(request, now: loop.now)) }
    case .body(var bytes):
      // The decoder holds it to its Content-Length.
      incoming?.body.writeBuffer(&bytes)
    case .end:
      guard let request = incoming else { return }
      incoming = nil
      perform(state.received(request, now: loop.now))
    }
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
    write(.byteBuffer(ByteBuffer(string: "HTTP/1.1 100 Continue\r\n\r\n")), context)
  }

  func read(context: ChannelHandlerContext) {
    if state.mayRead { context.read() } else { isReadWithheld = true }
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if case .inputClosed? = event as? ChannelEvent { perform(state.inputClosed()) }
    context.fireUserInboundEventTriggered(event)
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    switch error as? HTTPParserError {
    case .none:
      loop.logger.debug("connection failed", metadata: ["error": "\(error)"])
      context.close(promise: nil)
    case .invalidVersion: refuse(.unsupportedVersion)
    case .headerOverflow: refuse(.headTooLarge)
    case .some: refuse(.malformed)
    }
  }

  private func refuse(_ rejection: Rejection) {
    perform(state.received(Request(rejected: rejection), now: loop.now))
  }

  /// Called at every sweep.
  func expire() {
    if let transfer, transfer.isCutShort {
      loop.logger.error("track file was cut short", metadata: ["path": "\(transfer.file.path)"])
      return abort()
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
        if isReadWithheld, state.mayRead {
          isReadWithheld = false
          context.read()
        }
        return
      case .answer(let request):
        guard answer(request, context) else { return }
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

  /// The response under way has been written.
  private func answered() { perform(state.answered(now: loop.now)) }

  private func write(
    _ data: IOData, _ context: ChannelHandlerContext, promise: EventLoopPromise<Void>? = nil
  ) {
    hasUnflushed = true
    context.write(wrapOutboundOut(data), promise: promise)
  }

  private func flush() {
    guard hasUnflushed, !isInRead, let context else { return }
    hasUnflushed = false
    context.flush()
  }

  /// - Returns: whether the response has been written and the next one may follow at once.
  private func answer(_ request: Request, _ context: ChannelHandlerContext) -> Bool {
    switch loop.responder.need(of: request, limits: loop.limits) {
    case .nothing(let response):
      return send(response, to: request, context)
    case .title(let name, let route):
      // What a remembered title does not have, the title of now may have: only its source can
      // say "not found".
      if let title = loop.titles.recall(name, now: loop.now),
        loop.responder.isReady(route, of: title),
        let response = try? loop.responder.response(to: request, for: route, of: title)
      {
        return send(response, to: request, retry: (name, route), context)
      }
      askTitle(name, for: request, route, isRetry: false)
    case .report(let title):
      finish(loop.choices.record(request.body, title: title, on: loop.eventLoop), to: request)
    case .statistics(let query, let title):
      finish(
        loop.choices.statistics(query, title: title, for: request, on: loop.eventLoop),
        to: request)
    case .titleNames(let route):
      loop.titles.names().assumeIsolated().whenComplete { [self] result in
        switch result {
        case .success(let names):
          finish(loop.responder.response(to: request, for: route, titleNames: names), to: request)
        case .failure(let error):
          loop.logger.error("titles cannot be listed", metadata: ["error": "\(error)"])
          finish(Response(.sourceFailed), to: request)
        }
      }
    }
    return false
  }

  private func askTitle(_ name: String, for request: Request, _ route: Route, isRetry: Bool) {
    loop.titles.ask(name, now: loop.now).assumeIsolated().whenComplete { [self] result in
      switch result {
      case .success(.some(let title)):
        let retry = isRetry ? nil : (name, route)
        guard loop.responder.isReady(route, of: title) else {
          return render(route, of: title, for: request, retry: retry)
        }
        finish(loop.responder.answer(to: request, for: route, of: title), to: request, retry: retry)
      case .success(.none):
        finish(Response(.notFound("There is no title of this name.")), to: request)
      case .failure(let error):
        loop.logger.error(
          "title cannot be read", metadata: ["title": "\(name)", "error": "\(error)"])
        finish(Response(.sourceFailed), to: request)
      }
    }
  }

  private func finish(_ response: EventLoopFuture<Response>, to request: Request) {
    response.assumeIsolated().whenSuccess { [self] in finish($0, to: request) }
  }

  /// Answers on the thread pool what takes its time.
  private func render(
    _ route: Route, of title: ServedTitle, for request: Request,
    retry: (title: String, route: Route)?
  ) {
    let responder = loop.responder
    loop.titles.run { responder.answer(to: request, for: route, of: title) }
      .assumeIsolated().whenComplete { [self] result in
        switch result {
        case .success(let response): finish(response, to: request, retry: retry)
        case .failure: finish(Response(.stopping), to: request)
        }
      }
  }

  /// Sends a response that had to be waited for.
  private func finish(
    _ response: Response, to request: Request, retry: (title: String, route: Route)? = nil
  ) {
    guard let context else { return }
    if send(response, to: request, retry: retry, context) { answered() } else { flush() }
  }

  // MARK: Responses

  private func send(
    _ response: Response, to request: Request, retry: (title: String, route: Route)? = nil,
    _ context: ChannelHandlerContext
  ) -> Bool {
    let body = request.method == .HEAD ? .none : response.body
    guard let portion = Self.firstPortion(of: body) else {
      return write(response, body: Self.bytes(of: body), to: request, context)
    }
    let file = portion.file
    if let handle = loop.files.lease(file) {
      begin(Transfer(portion, handle), response, to: request, context)
      return false
    }
    loop.files.open(file) { [self] result in
      guard let context = self.context else {
        if case .success = result { loop.files.giveBack(file, now: loop.now) }
        return
      }
      switch result {
      case .success(let handle):
        begin(Transfer(portion, handle), response, to: request, context)
        flush()
      case .failure(let error): fileFailed(error, file, request, retry: retry)
      }
    }
    return false
  }

  /// Up to the first range of a file; `nil` if there is none.
  private static func firstPortion(of body: BodySource) -> Portion? {
    switch body {
    case .none, .bytes: return nil
    case .file(let file, let range):
      return range.count > 0 ? Portion(file: file, range: range) : nil
    case .track(let track, let range):
      guard let first = track.firstPlace(range) else { return nil }
      return Portion(
        file: first.file, range: first.range,
        further: first.rest.count > 0 ? .track(track, first.rest) : nil)
    case .pieces(let pieces):
      guard
        let (index, portion) = pieces.lazy.enumerated().compactMap({ index, piece in
          firstPortion(of: piece).map { (index, $0) }
        }).first
      else { return nil }
      var first = portion
      first.bytes = bytes(of: pieces[..<index])
      let rest = [portion.further].compactMap(\.self) + pieces[(index + 1)...]
      first.further = rest.isEmpty ? nil : .pieces(rest)
      return first
    }
  }

  /// A body that lies in no file.
  private static func bytes(of body: BodySource) -> BodySource {
    if case .pieces(let pieces) = body { .bytes(bytes(of: pieces[...])) } else { body }
  }

  private static func bytes(of pieces: ArraySlice<BodySource>) -> ByteBuffer {
    var made = ByteBuffer()
    for case .bytes(let bytes) in pieces { made.writeImmutableBuffer(bytes) }
    return made
  }

  /// A file that cannot be opened, or is not the one that was indexed, may just have been
  /// replaced by another version of its title: look once more.
  private func fileFailed(
    _ error: any Error, _ file: ServedFile, _ request: Request,
    retry: (title: String, route: Route)?
  ) {
    if let retry {
      loop.titles.forget(retry.title)
      return askTitle(retry.title, for: request, retry.route, isRetry: true)
    }
    loop.logger.error(
      "track file cannot be opened", metadata: ["path": "\(file.path)", "error": "\(error)"])
    finish(Response(.beingReplaced), to: request)
  }

  /// - Returns: as `answer`.
  private func write(
    _ response: Response, body: BodySource, to request: Request, _ context: ChannelHandlerContext
  ) -> Bool {
    let persists = writeHead(of: response, to: request)
    var last = loop.scratch
    if case .bytes(let bytes) = body {
      if bytes.readableBytes <= loop.limits.inlineBodyByteCount {
        loop.scratch.writeImmutableBuffer(bytes)
        last = loop.scratch
      } else {
        write(.byteBuffer(last), context)
        last = bytes
      }
    }
    let isSmall = last.readableBytes <= loop.limits.inlineBodyByteCount + Limits.headReserve
    if persists, isSmall, context.channel.isWritable {
      write(.byteBuffer(last), context)
      return true
    }
    let written = context.eventLoop.makePromise(of: Void.self)
    written.futureResult.assumeIsolated().whenSuccess { [self] in answered() }
    write(.byteBuffer(last), context, promise: written)
    return false
  }

  /// Leaves the head in the loop's scratch buffer.
  ///
  /// - Returns: whether the connection goes on after this response.
  private func writeHead(of response: Response, to request: Request) -> Bool {
    let persists = state.persists(after: request)
    loop.scratch.clear(minimumCapacity: Limits.headReserve)
    response.writeHead(
      into: &loop.scratch, date: loop.dates.current(),
      persistence: persists ? (request.isHTTP10 ? .keptExplicitly : .kept) : .closed)
    return persists
  }

  // MARK: Files

  private func begin(
    _ transfer: Transfer, _ response: Response, to request: Request,
    _ context: ChannelHandlerContext
  ) {
    self.transfer = transfer
    _ = writeHead(of: response, to: request)
    setCork(true, context)
    write(.byteBuffer(loop.scratch), context)
    writePiece(context)
  }

  private func writePiece(_ context: ChannelHandlerContext) {
    guard var transfer else { return }
    if transfer.bytes.readableBytes > 0 {
      write(.byteBuffer(transfer.bytes), context)
      transfer.bytes = ByteBuffer()
    }
    let count = min(transfer.rest.count, Int64(loop.limits.writeByteCount))
    let region = FileRegion(
      fileHandle: transfer.handle, readerIndex: Int(transfer.rest.offset),
      endIndex: Int(transfer.rest.offset + count))
    transfer.rest = ByteRange(
      offset: transfer.rest.offset + count, count: transfer.rest.count - count)
    self.transfer = transfer
    let written = context.eventLoop.makePromise(of: Void.self)
    written.futureResult.assumeIsolated().whenComplete { [self] in pieceWritten($0) }
    write(.fileRegion(region), context, promise: written)
  }

  private func pieceWritten(_ result: Result<Void, any Error>) {
    guard let context, let transfer else { return }
    if case .failure(let error) = result {
      loop.logger.debug("transfer ended early", metadata: ["error": "\(error)"])
      endTransfer()
      context.close(promise: nil)
    } else if transfer.rest.count > 0 {
      state.progressed(now: loop.now)
      writePiece(context)
      flush()
    } else if let further = transfer.further {
      state.progressed(now: loop.now)
      endTransfer()
      goOn(with: further)
    } else {
      setCork(false, context)
      endTransfer()
      answered()
    }
  }

  /// Sends what follows of a body. The head has long been sent: if the next file is not the one that
  /// was indexed, the connection's end says that bytes are missing.
  private func goOn(with further: BodySource) {
    guard let portion = Self.firstPortion(of: further) else { return finishBytes(of: further) }
    if let context, let handle = loop.files.lease(portion.file) {
      transfer = Transfer(portion, handle)
      writePiece(context)
      return flush()
    }
    loop.files.open(portion.file) { [self] result in
      switch result {
      case .success(let handle):
        guard let context else { return loop.files.giveBack(portion.file, now: loop.now) }
        transfer = Transfer(portion, handle)
        writePiece(context)
        flush()
      case .failure(let error):
        loop.logger.error(
          "track file cannot be opened",
          metadata: ["path": "\(portion.file.path)", "error": "\(error)"])
        abort()
      }
    }
  }

  /// Sends the last bytes of a body, which lie in no file.
  private func finishBytes(of further: BodySource) {
    guard let context, case .bytes(let bytes) = Self.bytes(of: further) else { return abort() }
    let written = context.eventLoop.makePromise(of: Void.self)
    written.futureResult.assumeIsolated().whenSuccess { [self] in
      if let context = self.context { setCork(false, context) }
      answered()
    }
    write(.byteBuffer(bytes), context, promise: written)
    flush()
  }

  private func endTransfer() {
    guard let file = transfer?.file else { return }
    transfer = nil
    loop.files.giveBack(file, now: loop.now)
  }

  /// The system sends head and file as separate packets unless told to wait for full ones;
  /// taking the cork out pushes the rest at once.
  private func setCork(_ isIn: Bool, _ context: ChannelHandlerContext) {
    #if os(Linux)
      let option = ChannelOptions.Types.SocketOption(
        level: .tcp, name: NIOBSDSocket.Option(rawValue: Limits.tcpCork))
      try? context.channel.syncOptions?.setOption(option, value: isIn ? 1 : 0)
    #endif
  }
}

/// Tells the connection of bytes before and after the decoder has them: the decoder keeps a
/// request that is not complete to itself.
final class HeadWatcher: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias InboundOut = ByteBuffer

  private let connection: ConnectionHandler

  init(connection: ConnectionHandler) { self.connection = connection }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard connection.bytesArrived(unwrapInboundIn(data).readableBytes) else { return }
    context.fireChannelRead(data)
    connection.bytesParsed()
  }
}
