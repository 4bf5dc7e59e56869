import Logging
import NIOCore
import NIOHPACK
import NIOHTTP2
import NIOPosix

/// HTTP/2 (RFC 9113) on one connection: its streams, which share it by their priorities, and its end. The last
/// handler of its pipeline, which it joins when the first bytes have come. Frames, and the rules of their order, are
/// NIOHTTP2's.
final class HTTP2Connection: ChannelInboundHandler, Connection {
  typealias InboundIn = HTTP2Frame
  typealias OutboundOut = HTTP2Frame

  private enum Phase {
    case open
    /// The client has been told to send no more requests; those under way are finished.
    case finishing
    /// All is said; what still arrives is thrown away.
    case lingering
    case closed
  }

  private let loop: LoopContext
  /// Who the connection is with.
  private let peer: ClientIdentity
  private var context: ChannelHandlerContext?
  private var phase = Phase.open
  private var ending: ConnectionEnding?
  /// When it has been without a request, or without anything leaving, for too long.
  private var deadline: NIODeadline
  private var streams: [HTTP2StreamID: HTTP2Stream] = [:]
  private var lastID = HTTP2StreamID.rootStream
  /// Last frames of responses that have not left.
  private var unsentCount = 0
  /// Pieces of bodies that have not left. The next are chosen when there are none, so that no other order than theirs
  /// decides.
  private var pieceCount = 0
  private var roundCount: UInt64 = 0
  private var pace: ReaderPace?
  /// When a client that is not too slow has the pieces that are on their way.
  private var paceDeadline = NIODeadline.distantFuture
  private var order = SendOrder()
  /// Streams that wait until fewer pieces of files are held.
  private var postponed: [HTTP2StreamID] = []
  /// Priorities of requests that have not come, by the number of the stream.
  private var expected: [Int: String] = [:]
  private var updateCount = 0
  private var walk = FrameWalk()
  /// What the client takes of all streams together, and of a new one, in bytes.
  private var window = Limits.initialWindow
  private var initialWindow = Limits.initialWindow
  private var isSending = false
  private var isInRead = false
  private var hasUnflushed = false
  private var isInputClosed = false
  /// Whether the client has been told that it broke the protocol.
  private var hasComplained = false

  init(loop: LoopContext, peer: Peer) {
    self.loop = loop
    self.peer = ClientIdentity(peer.address, trusted: loop.clients.trusted)
    deadline = loop.now + loop.limits.headTimeout
    pace = loop.limits.readerBytesPerSecond.map {
      ReaderPace(bytesPerSecond: $0, window: loop.limits.readerWindow)
    }
  }

  /// It with what stands before it in a pipeline.
  var handlers: [any ChannelHandler] {
    let limits = loop.limits
    var connection = NIOHTTP2Handler.ConnectionConfiguration()
    connection.initialSettings = [
      HTTP2Setting(parameter: .maxConcurrentStreams, value: limits.streamCount),
      // "… the length of the name and value … plus an overhead of 32 bytes for each field" (§6.5.2).
      HTTP2Setting(
        parameter: .maxHeaderListSize, value: limits.headByteCount + 32 * limits.headerFieldCount),
      // SETTINGS_NO_RFC7540_PRIORITIES (RFC 9218 §2.1).
      HTTP2Setting(parameter: HTTP2SettingsParameter(extensionSetting: 9), value: 1),
    ]
    connection.maximumSequentialContinuationFrames = Limits.continuationFrameCount
    connection.maximumSequentialEmptyDataFrames = Limits.emptyFrameCount
    connection.maximumBufferedControlFrames = Limits.waitingControlFrameCount
    connection.controlFrameRateLimit.maximumCount = limits.controlFrameCount
    connection.controlFrameRateLimit.windowLength = Limits.frameCountingTime
    var stream = NIOHTTP2Handler.StreamConfiguration()
    stream.streamResetFrameRateLimit.maximumCount = limits.resetStreamCount
    stream.streamResetFrameRateLimit.windowLength = Limits.frameCountingTime
    stream.streamErrorRateLimit.maximumCount = limits.resetStreamCount
    stream.streamErrorRateLimit.windowLength = Limits.frameCountingTime
    let frames = NIOHTTP2Handler(
      mode: .server, frameDelegate: self, connectionConfiguration: connection,
      streamConfiguration: stream)
    return [FrameWatcher(connection: self), frames, self]
  }

  // MARK: Events

  func handlerAdded(context: ChannelHandlerContext) {
    self.context = context
    #if os(Linux)
      let option = ChannelOptions.Types.SocketOption(
        level: .tcp, name: NIOBSDSocket.Option(rawValue: Limits.tcpNotSentLowWater))
      try? context.channel.syncOptions?.setOption(option, value: Limits.unsentByteCount)
    #endif
  }

  func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

  func channelInactive(context: ChannelHandlerContext) {
    phase = .closed
    loop.observer?.closed(ending ?? .client)
    endStreams()
    loop.closed(self)
    context.fireChannelInactive()
  }

  /// Called by `FrameWatcher` before NIOHTTP2 has the bytes.
  ///
  /// - Returns: whether it should.
  func bytesArrived(_ bytes: ByteBuffer) -> Bool {
    guard isSpeaking else { return false }
    isInRead = true
    walk.read(bytes) { found in
      switch found {
      case .update(let update): reprioritize(update)
      case .malformed: complain(.protocolError)
      }
    }
    return isSpeaking
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let frame = unwrapInboundIn(data)
    switch frame.payload {
    case .headers(let headers): received(headers, on: frame.streamID)
    case .data(let data): received(data, on: frame.streamID)
    case .settings(.settings(let settings)): received(settings)
    default: break  // RST_STREAM and WINDOW_UPDATE come as events; the rest asks for nothing.
    }
  }

  func channelReadComplete(context: ChannelHandlerContext) {
    isInRead = false
    send()
    context.fireChannelReadComplete()
  }

  func channelWritabilityChanged(context: ChannelHandlerContext) {
    if context.channel.isWritable { send() }
    context.fireChannelWritabilityChanged()
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    switch event {
    case let event as NIOHTTP2WindowUpdatedEvent: windowChanged(event)
    case let event as StreamClosedEvent: closed(event.streamID)
    case ChannelEvent.inputClosed:
      isInputClosed = true
      if isSpeaking { closeIfDone() } else { end(.client) }
    default: break
    }
    context.fireUserInboundEventTriggered(event)
  }

  /// What is about one stream NIOHTTP2 has answered with RST_STREAM; for the rest there was GOAWAY, or there is
  /// nobody to hear it.
  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    loop.logger.debug("connection failed", metadata: ["error": "\(error)"])
    if hasComplained {
      linger(.failed)
    } else if !(error is any NIOHTTP2Error) {
      end(.failed)
    }
  }

  func expire() {
    updateCount = 0
    switch phase {
    case .lingering: if loop.now >= deadline { end(.slow) }
    case .open, .finishing:
      if loop.now >= paceDeadline { return end(.slow) }
      for stream in Array(streams.values) {
        if stream.isCutShort { failed(stream, OpenFiles.NotTheIndexedFile()) }
        if loop.now >= stream.deadline { expired(stream) }
      }
      guard streams.isEmpty, loop.now >= deadline else { return }
      if unsentCount > 0 { return end(.slow) }
      ending = ending ?? .idle
      finish()
    case .closed: break
    }
  }

  private func expired(_ stream: HTTP2Stream) {
    // Nothing leaves any more: it is the client, and all streams.
    guard context?.channel.isWritable ?? false else { return end(.slow) }
    reset(stream, .cancel)
  }

  // MARK: The end

  private var isSpeaking: Bool {
    switch phase {
    case .open, .finishing: true
    case .lingering, .closed: false
    }
  }

  /// Requests that are on their way then are told to be sent elsewhere: NIOHTTP2 begins none behind a GOAWAY, whatever its
  /// last stream is, so that there is no use in a first one with 2^31-1 (§6.8).
  func drain() {
    guard case .open = phase else { return }
    ending = ending ?? .draining
    finish()
  }

  func abort() { end(.draining) }

  /// Begins nothing else.
  private func finish() {
    phase = .finishing
    deadline = loop.now + loop.limits.writeTimeout
    write(.goAway(lastStreamID: lastID, errorCode: .noError, opaqueData: nil))
    flush()
    closeIfDone()
  }

  private func closeIfDone() {
    guard streams.isEmpty, unsentCount == 0 else { return }
    if isInputClosed { return end(.client) }
    if case .finishing = phase { linger(.finished) }
  }

  private func complain(_ code: HTTP2ErrorCode) {
    write(.goAway(lastStreamID: lastID, errorCode: code, opaqueData: nil))
    linger(.failed)
  }

  /// Says no more, and waits a moment for the client to close: closing with unread bytes would reset the connection
  /// and could destroy the last frames on their way.
  private func linger(_ reason: ConnectionEnding) {
    guard isSpeaking else { return }
    phase = .lingering
    ending = ending ?? reason
    deadline = loop.now + loop.limits.lingerTimeout
    endStreams()
    hasUnflushed = true
    isInRead = false
    flush()
    if isInputClosed { end(reason) } else { context?.close(mode: .output, promise: nil) }
  }

  private func end(_ reason: ConnectionEnding) {
    ending = ending ?? reason
    context?.close(promise: nil)
  }

  private func endStreams() {
    let ended = streams.values
    streams = [:]
    order = SendOrder()
    for stream in ended { stream.end() }
  }

  // MARK: Requests

  private func received(_ headers: HTTP2Frame.FramePayload.Headers, on id: HTTP2StreamID) {
    if let stream = streams[id] {
      // Trailers.
      if headers.endStream { requestIsOver(stream) }
      return
    }
    lastID = max(lastID, id)
    var request = Request(headers.headers, limits: loop.limits)
    request.client =
      request.forwardedFor.map { peer.asking(for: $0, trusted: loop.clients.trusted) } ?? peer
    let stream = HTTP2Stream(id, window: initialWindow, of: self)
    stream.priorityField = expected.removeValue(forKey: Int(id)) ?? request.priority
    stream.isRequestOver = headers.endStream
    stream.deadline = loop.now + loop.limits.headTimeout
    streams[id] = stream
    guard request.awaitsBody, !headers.endStream else { return start(request, on: stream) }
    if request.expectsContinue { write(.headers(.init(headers: [":status": "100"])), on: id) }
    stream.incoming = request
  }

  private func received(_ data: HTTP2Frame.FramePayload.Data, on id: HTTP2StreamID) {
    guard let stream = streams[id] else { return }
    // NIOHTTP2 holds it to its Content-Length.
    if case .byteBuffer(let bytes) = data.data {
      stream.incoming?.body.writeImmutableBuffer(bytes)
    }
    if data.endStream { requestIsOver(stream) }
  }

  private func requestIsOver(_ stream: HTTP2Stream) {
    stream.isRequestOver = true
    guard let request = stream.incoming else { return }
    stream.incoming = nil
    start(request, on: stream)
  }

  private func start(_ request: Request, on stream: HTTP2Stream) {
    stream.deadline = loop.now + loop.limits.writeTimeout
    let exchange = Exchange(request, loop: loop, writer: stream)
    stream.exchange = exchange
    exchange.begin()
  }

  private func received(_ settings: HTTP2Settings) {
    guard let size = settings.last(where: { $0.parameter == .initialWindowSize })?.value else {
      return
    }
    for stream in streams.values.sorted(by: { $0.number < $1.number }) {
      stream.window += size - initialWindow
      queue(stream)
    }
    initialWindow = size
  }

  private func windowChanged(_ event: NIOHTTP2WindowUpdatedEvent) {
    guard event.streamID == .rootStream else {
      guard let stream = streams[event.streamID], let size = event.outboundWindowSize else {
        return
      }
      stream.window = size
      return queue(stream)
    }
    window = event.outboundWindowSize ?? window
    // Bodies are a few bytes: each stream has enough, and the connection is given back what came.
    guard let size = event.inboundWindowSize, size < Limits.initialWindow / 2, isSpeaking else {
      return
    }
    write(.windowUpdate(windowSizeIncrement: Limits.initialWindow - size))
  }

  private func reprioritize(_ update: PriorityUpdate) {
    updateCount += 1
    guard updateCount <= loop.limits.controlFrameCount else { return complain(.enhanceYourCalm) }
    if let stream = streams[HTTP2StreamID(update.stream)] {
      stream.priorityField = update.field
      guard order.contains(update.stream) else { return }
      order.insert(update.stream, stream.priority)
    } else if update.stream > Int(lastID), expected.count < loop.limits.streamCount {
      expected[update.stream] = update.field
    }
  }

  private func closed(_ id: HTTP2StreamID) {
    guard let stream = streams.removeValue(forKey: id) else { return }
    order.remove(stream.number)
    // Otherwise it ends when its last frame has left.
    if !stream.isResponseOver { stream.end() }
    if pieceCount == 0, !isSending { countTime(of: 0) }
    rest()
    if !postponed.isEmpty, !isInRead { send() }
  }

  /// Counts the time without requests, if there are none.
  private func rest() {
    guard streams.isEmpty, unsentCount == 0, isSpeaking else { return }
    deadline = loop.now + loop.limits.idleTimeout
    closeIfDone()
  }

  // MARK: Responses

  /// Called by a stream that has a response.
  func write(_ response: Response, of stream: HTTP2Stream) {
    guard let context, streams[stream.id] === stream else { return stream.end() }
    let date = loop.dates.current()
    let section =
      stream.exchange?.ready?.fieldSection(date: date) ?? response.fieldSection(date: date)
    let head = HTTP2Frame.FramePayload.headers(
      .init(headers: section, endStream: stream.isResponseOver))
    if stream.isResponseOver {
      writeLast(head, of: stream, context.eventLoop.makePromise())
    } else {
      write(head, on: stream.id)
      queue(stream)
    }
    if !isInRead { send() }
  }

  /// Called by a stream when bytes have come that it waited for, or will not come.
  func pieceCame(of stream: HTTP2Stream, _ result: Result<Void, any Error>) {
    guard streams[stream.id] === stream else { return }
    if case .failure(let error) = result { return failed(stream, error) }
    queue(stream)
    if !isInRead { send() }
  }

  func reset(_ stream: HTTP2Stream, _ code: HTTP2ErrorCode) {
    guard streams[stream.id] === stream else { return }
    write(.rstStream(code), on: stream.id)
    flush()
  }

  private func failed(_ stream: HTTP2Stream, _ error: any Error) {
    stream.exchange?.failed(error)
    reset(stream, .internalError)
  }

  /// Lets it send when it is its turn, if it has anything.
  private func queue(_ stream: HTTP2Stream) {
    if stream.isReady {
      order.insert(stream.number, stream.priority)
    } else {
      order.remove(stream.number)
    }
  }

  /// Sends what the client takes and the system holds, by and by, so that other connections have their turn.
  private func send() {
    guard !isSending, let context else { return }
    isSending = true
    defer {
      isSending = false
      flush()
    }
    for _ in 0..<Limits.sendingRoundCount {
      guard pieceCount == 0 else { return }
      let byteCount = window > 0 ? sendRound() : 0
      countTime(of: byteCount)
      guard byteCount > 0 else { return }
      hasUnflushed = false
      context.flush()
    }
    context.eventLoop.assumeIsolated().execute { self.send() }
  }

  /// Counts the time that the client takes for so many bytes; without any, that in which it takes none of what there is.
  private func countTime(of byteCount: Int) {
    guard pace != nil else { return }
    pace?.ended(now: loop.now)
    let isHeldBack = streams.values.contains { $0.isHeldBack(connectionWindow: window) }
    guard byteCount > 0 || isHeldBack else { return paceDeadline = .distantFuture }
    paceDeadline = pace?.began(byteCount, now: loop.now) ?? .distantFuture
  }

  /// - Returns: bytes of bodies that were written.
  private func sendRound() -> Int {
    takeUpPostponed()
    var left = Limits.sendingRoundByteCount
    var roundUrgency: Int?
    roundCount &+= 1
    while left > 0, window > 0, let number = order.next() {
      guard let stream = streams[HTTP2StreamID(number)], stream.isReady else {
        order.remove(number)
        continue
      }
      // Within a round NIOHTTP2 decides, in turns of a frame.
      let urgency = stream.priority.urgency
      guard stream.lastRound != roundCount, roundUrgency ?? urgency == urgency else { break }
      roundUrgency = urgency
      guard !stream.needsPiece || heldPieceCount < Limits.heldPieceCount else {
        order.remove(number)
        postponed.append(stream.id)
        continue
      }
      let isShared = stream.priority.isIncremental && order.count > 1
      switch stream.next(upTo: min(isShared ? Limits.turnByteCount : left, window)) {
      case .bytes(let bytes):
        left -= bytes.readableBytes
        window -= bytes.readableBytes
        stream.lastRound = roundCount
        write(bytes, of: stream)
        if bytes.readableBytes > Limits.turnByteCount {
          return Limits.sendingRoundByteCount - left
        }
      case .wait: queue(stream)  // It may be over already.
      case .failed(let error): failed(stream, error)
      }
    }
    return Limits.sendingRoundByteCount - left
  }

  private func write(_ bytes: ByteBuffer, of stream: HTTP2Stream) {
    guard let context else { return }
    let isLast = stream.isResponseOver
    let frame = HTTP2Frame.FramePayload.data(.init(data: .byteBuffer(bytes), endStream: isLast))
    let written = context.eventLoop.makePromise(of: Void.self)
    pieceCount += 1
    written.futureResult.assumeIsolated().whenComplete { [self] _ in
      pieceCount -= 1
      stream.deadline = loop.now + loop.limits.writeTimeout
      guard pieceCount == 0 else { return }
      pace?.ended(now: loop.now)
      paceDeadline = .distantFuture
      send()
    }
    if isLast {
      writeLast(frame, of: stream, written)
    } else {
      write(frame, on: stream.id, promise: written)
    }
    queue(stream)
  }

  /// A piece each is enough for the streams whose turn it is: more would be memory for nothing.
  private var heldPieceCount: Int { streams.values.count { $0.holdsPiece } }

  private func takeUpPostponed() {
    guard !postponed.isEmpty, heldPieceCount < Limits.heldPieceCount else { return }
    let taken = postponed
    postponed = []
    for id in taken { if let stream = streams[id] { queue(stream) } }
  }

  /// Writes the frame that ends a response.
  private func writeLast(
    _ payload: HTTP2Frame.FramePayload, of stream: HTTP2Stream, _ written: EventLoopPromise<Void>
  ) {
    unsentCount += 1
    deadline = loop.now + loop.limits.writeTimeout
    let exchange = stream.exchange
    written.futureResult.assumeIsolated().whenComplete { [self] result in
      unsentCount -= 1
      if case .success = result { exchange?.sent() }
      stream.end()
      // "… a server MAY request that the client abort transmission of a request without error by sending a RST_STREAM
      // with an error code of NO_ERROR after sending a complete response" (§8.1).
      if !stream.isRequestOver { reset(stream, .noError) }
      rest()
    }
    write(payload, on: stream.id, promise: written)
  }

  private func write(
    _ payload: HTTP2Frame.FramePayload, on id: HTTP2StreamID = .rootStream,
    promise: EventLoopPromise<Void>? = nil
  ) {
    guard let context else {
      promise?.fail(ChannelError.ioOnClosedChannel)
      return
    }
    hasUnflushed = true
    context.write(wrapOutboundOut(HTTP2Frame(streamID: id, payload: payload)), promise: promise)
  }

  private func flush() {
    guard hasUnflushed, !isInRead, let context else { return }
    hasUnflushed = false
    context.flush()
  }
}

extension HTTP2Connection: NIOHTTP2FrameDelegate {
  func wroteFrame(_ frame: HTTP2Frame) {
    if case .goAway(_, let code, _) = frame.payload, code != .noError { hasComplained = true }
  }
}

/// Shows the connection bytes before NIOHTTP2 has them.
private final class FrameWatcher: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias InboundOut = ByteBuffer

  private let connection: HTTP2Connection

  init(connection: HTTP2Connection) { self.connection = connection }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    if connection.bytesArrived(unwrapInboundIn(data)) { context.fireChannelRead(data) }
  }
}
