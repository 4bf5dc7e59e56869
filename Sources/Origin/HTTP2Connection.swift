import Logging
import NIOCore
import NIOHPACK
import NIOPosix

/// HTTP/2 (RFC 9113) on one connection: its streams, which share it by their priorities, and its end. The last
/// handler of its pipeline, which it joins when it is known that HTTP/2 is spoken.
///
/// What a client sends is answered when all of it that has come is read. What is sent goes in batches, and the next is made
/// when the system has taken the last: so what is in it is chosen late, and no more waits here than one batch.
final class HTTP2Connection: ChannelInboundHandler, Connection {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  private enum Phase {
    case open
    /// The client has been told to send no more requests; those under way are finished.
    case finishing
    /// All is said; what still arrives is thrown away.
    case lingering
    case closed
  }

  let loop: LoopContext
  /// Whether what is sent is encrypted.
  let isSecure: Bool
  /// Who the connection is with.
  private let peer: ClientIdentity
  private(set) var context: ChannelHandlerContext?
  private var phase = Phase.open
  private var ending: ConnectionEnding?
  /// When it has been without a request for too long.
  private var deadline: NIODeadline
  private var isInputClosed = false

  // What comes
  private var reader = FrameReader()
  private var decoder: HPACKDecoder
  private(set) var isInRead = false
  private var receiveWindow = ReceiveWindow()
  private var rates: FrameRates

  var streams: HTTP2Streams

  // What goes
  var frames: FrameBatch
  var unsent: UnsentBatches
  var directWrites = DirectWrites()
  /// What the client takes of all streams together, and of a new one, in bytes.
  var window = Limits.initialWindow
  private var initialWindow = Limits.initialWindow
  var hasWrittenHead = false
  var isSending = false

  /// - Parameter isSecure: whether what is sent is encrypted.
  init(loop: LoopContext, peer: Peer, isSecure: Bool) {
    self.loop = loop
    self.isSecure = isSecure
    self.peer = ClientIdentity(peer.address, trusted: loop.clients.trusted)
    deadline = loop.now + loop.limits.headTimeout
    decoder = HPACKDecoder(
      allocator: ByteBufferAllocator(), maxDynamicTableSize: HPACKDecoder.maxDynamicTableSize,
      maxHeaderListSize: loop.limits.fieldSectionByteCount)
    rates = FrameRates(limits: loop.limits)
    streams = HTTP2Streams(limits: loop.limits)
    frames = FrameBatch(joinsAll: isSecure)
    unsent = UnsentBatches(limits: loop.limits)
  }

  // MARK: Events

  func handlerAdded(context: ChannelHandlerContext) {
    self.context = context
    context.setTCPOption(Limits.tcpNotSentLowWater, Limits.unsentByteCount)
    frames.write { [settings = loop.limits.settings] in $0.writeSettings(settings) }
    flush()
  }

  func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

  func channelInactive(context: ChannelHandlerContext) {
    phase = .closed
    loop.observer?.closed(ending ?? .client)
    endStreams()
    loop.closed(self)
    context.fireChannelInactive()
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard isSpeaking else { return }
    isInRead = true
    reader.add(unwrapInboundIn(data))
    do throws(HTTP2Fault) {
      while isSpeaking, let frame = try reader.next() { try received(frame) }
    } catch {
      complain(error.code)
    }
  }

  func channelReadComplete(context: ChannelHandlerContext) {
    isInRead = false
    send()
    closeIfDone()
    context.fireChannelReadComplete()
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if case ChannelEvent.inputClosed = event {
      isInputClosed = true
      if isSpeaking { closeIfDone() } else { end(.client) }
    }
    context.fireUserInboundEventTriggered(event)
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    loop.logger.debug("connection failed", metadata: ["error": "\(error)"])
    end(.failed)
  }

  func expire() {
    rates.secondPassed()
    switch phase {
    case .lingering: if loop.now >= deadline { end(.slow) }
    case .open, .finishing:
      // It is the client, and all streams.
      if unsent.areOverdue(at: loop.now) { return end(.slow) }
      for stream in streams.all {
        stream.allowForUpload(now: loop.now, limits: loop.limits)
        if stream.isCutShort { failed(stream, OpenFiles.NotTheIndexedFile()) }
        guard loop.now >= stream.deadline else { continue }
        // Others go before it, and they do go.
        let turn = unsent.lastMoved + loop.limits.writeTimeout
        if stream.isReady, loop.now < turn {
          stream.deadline = turn
        } else {
          reset(stream, .cancel)
        }
      }
      guard streams.isEmpty, unsent.count == 0, loop.now >= deadline else { return }
      ending = ending ?? .idle
      finish()
    case .closed: break
    }
  }

  // MARK: The end

  private var isSpeaking: Bool {
    switch phase {
    case .open, .finishing: true
    case .lingering, .closed: false
    }
  }

  /// Requests that are on their way then are told to be sent elsewhere: none is begun behind a GOAWAY (§6.8).
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
    frames.write { [lastID = streams.lastID] in $0.writeGoAway(lastStream: lastID, .noError) }
    flush()
    closeIfDone()
  }

  private func closeIfDone() {
    guard streams.isEmpty, unsent.count == 0, !isInRead else { return }
    if isInputClosed { return end(.client) }
    if case .finishing = phase { linger(.finished) }
  }

  private func complain(_ code: HTTP2Code) {
    frames.write { [lastID = streams.lastID] in $0.writeGoAway(lastStream: lastID, code) }
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
    flush()
    if isInputClosed { end(reason) } else { context?.close(mode: .output, promise: nil) }
  }

  func end(_ reason: ConnectionEnding) {
    ending = ending ?? reason
    context?.close(promise: nil)
  }

  private func endStreams() {
    for stream in streams.removeAll() { stream.end() }
  }

  // MARK: Requests

  private func received(_ frame: ClientFrame) throws(HTTP2Fault) {
    switch frame {
    case .data(let id, let data, let flowByteCount, let isLast):
      try received(data, flowByteCount, on: id, isLast: isLast)
    case .headers(let id, let block, let isLast): try received(block, on: id, isLast: isLast)
    case .priority: try rates.countControlFrame(now: loop.now)
    case .reset(let id):
      guard let stream = try stream(id) else { return }
      try rates.countReset(now: loop.now)
      remove(stream)
      stream.end()
    case .settings(let settings):
      try rates.countControlFrame(now: loop.now)
      for setting in settings { try received(setting) }
      frames.write { $0.writeSettingsAcknowledgement() }
    case .ping(let data):
      try rates.countControlFrame(now: loop.now)
      frames.write { $0.writePong(data) }
    case .windowUpdate(0, let byteCount):
      window += byteCount
      guard window <= Limits.largestWindow else { throw HTTP2Fault(.flowControlError) }
    case .windowUpdate(let id, let byteCount):
      guard let stream = try stream(id) else { return }
      stream.window += byteCount
      guard stream.window <= Limits.largestWindow else { return reset(stream, .flowControlError) }
      streams.queue(stream)
    case .priorityUpdate(let update):
      try rates.countPriorityUpdate()
      streams.reprioritize(update)
    case .fault(let id, let code):
      try rates.countControlFrame(now: loop.now)
      if code == .protocolError, let stream = try stream(id) { reset(stream, code) }
      if code != .protocolError, let stream = streams[id] { reset(stream, code) }
    }
  }

  /// - Returns: `nil` if it is closed.
  /// - Throws: if it has not been opened (§5.1).
  private func stream(_ id: Int) throws(HTTP2Fault) -> HTTP2Stream? {
    if let stream = streams[id] { return stream }
    if case .finishing = phase { return nil }
    guard id <= streams.lastID, !id.isMultiple(of: 2) else { throw HTTP2Fault(.protocolError) }
    return nil
  }

  private func received(
    _ block: ByteBuffer, on id: Int, isLast: Bool
  ) throws(HTTP2Fault) {
    // Whatever it is for: later ones may refer to it (§4.3).
    var block = block
    let section: HPACKHeaders
    do { section = try decoder.decodeHeaders(from: &block) } catch {
      throw HTTP2Fault(.compressionError)
    }
    if let stream = streams[id] {
      guard !stream.isRequestOver else { return reset(stream, .streamClosed) }
      // Trailers, of which no use is made.
      guard isLast, stream.hasAllOfRequest, !section.contains(where: { $0.name.hasPrefix(":") })
      else { return reset(stream, .protocolError) }
      return requestIsOver(stream)
    }
    guard !id.isMultiple(of: 2) else { throw HTTP2Fault(.protocolError) }
    guard id > streams.lastID else {
      guard streams.isCutOff(id) else { throw HTTP2Fault(.streamClosed) }
      return
    }
    guard case .open = phase else { return }
    streams.comesTo(id)
    guard streams.count < loop.limits.streamCount else { return try refuse(id, .refusedStream) }
    var request: Request
    do throws(MalformedFieldSection) {
      request = try Request(
        section, isWhole: isLast, limits: loop.limits, takesUploads: loop.publishing != nil)
    } catch {
      return try refuse(id, .protocolError)
    }
    request.client =
      request.forwardedFor.map { peer.asking(for: $0, trusted: loop.clients.trusted) } ?? peer
    let stream = HTTP2Stream(id, window: initialWindow, of: self)
    stream.isRequestOver = isLast
    stream.awaitedByteCount = request.contentLength
    stream.deadline = loop.now + loop.limits.headTimeout
    streams.insert(stream, priorityField: request.priority)
    if request.isUpload, !isLast { takeUpload(&request, of: stream) }
    guard request.awaitsBody, !isLast else { return start(request, on: stream) }
    if request.expectsContinue {
      writeHead(FieldBlockBuffer(status: 100).bytes, of: id, isLast: false)
    }
    stream.incoming = request
  }

  /// Lets the body of a request be read while it comes.
  private func takeUpload(_ request: inout Request, of stream: HTTP2Stream) {
    let body = IncomingBody()
    body.onWanted = { [weak self, weak stream, expectsContinue = request.expectsContinue] in
      guard let self, let stream else { return }
      if expectsContinue {
        writeHead(FieldBlockBuffer(status: 100).bytes, of: stream.id, isLast: false)
      }
      let count = stream.widen(by: Limits.uploadWindow - Limits.initialWindow)
      frames.write { $0.writeWindowUpdate(count, stream: stream.id) }
      // All uploads of a connection together may be as fast as one of a connection of its own.
      widen(receiveWindow.widen())
      send()
    }
    body.onTaken = { [weak self, weak stream] count in
      guard let self, let stream else { return }
      stream.deadline = loop.now + loop.limits.uploadTimeout
      guard let count = stream.takeReadBytes(count) else { return }
      frames.write { $0.writeWindowUpdate(count, stream: stream.id) }
      send()
    }
    stream.upload = body
    request.upload = NIOLoopBound(body, eventLoop: loop.eventLoop)
  }

  /// Tells the client that it may send more of all streams together.
  private func widen(_ byteCount: Int?) {
    if let byteCount { frames.write { $0.writeWindowUpdate(byteCount) } }
  }

  /// Ends a request that is not looked at.
  private func refuse(_ id: Int, _ code: HTTP2Code) throws(HTTP2Fault) {
    try rates.countReset(now: loop.now)
    frames.write { $0.writeReset(id, code) }
    streams.cutOff(id)
  }

  private func received(
    _ data: ByteBuffer, _ flowByteCount: Int, on id: Int, isLast: Bool
  ) throws(HTTP2Fault) {
    widen(try receiveWindow.take(flowByteCount))
    guard let stream = try stream(id) else {
      if case .finishing = phase { return }
      guard streams.isCutOff(id) else { throw HTTP2Fault(.streamClosed) }
      return
    }
    guard !stream.isRequestOver else { return reset(stream, .streamClosed) }
    guard stream.take(data, flowByteCount) else { return reset(stream, .flowControlError) }
    guard stream.hasNoMoreThanAwaited, !isLast || stream.hasAllOfRequest else {
      return reset(stream, .protocolError)
    }
    if isLast { requestIsOver(stream) }
  }

  private func requestIsOver(_ stream: HTTP2Stream) {
    stream.isRequestOver = true
    stream.upload?.finish()
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

  private func received(_ setting: Setting) throws(HTTP2Fault) {
    switch SettingName(rawValue: setting.name) {
    case .enablePush where setting.value > 1: throw HTTP2Fault(.protocolError)
    case .maxFrameSize where !(16_384...16_777_215).contains(setting.value):
      throw HTTP2Fault(.protocolError)
    case .initialWindowSize:
      guard setting.value <= Limits.largestWindow else { throw HTTP2Fault(.flowControlError) }
      try streams.widen(by: Int(setting.value) - initialWindow)
      initialWindow = Int(setting.value)
    default: break
    }
  }

  // MARK: Streams

  /// Called by a stream that has a response.
  func write(_ response: Response, of stream: HTTP2Stream) {
    guard streams.contains(stream) else { return stream.end() }
    let date = loop.dates.current()
    stream.head = stream.exchange?.ready?.fieldBlock(date: date) ?? response.fieldBlock(date: date)
    streams.awaitsHead(stream)
    send()
  }

  /// Called by a stream when bytes have come that it waited for, or will not come.
  func pieceCame(of stream: HTTP2Stream, _ result: Result<Void, any Error>) {
    guard streams.contains(stream) else { return }
    if case .failure(let error) = result { return failed(stream, error) }
    streams.queue(stream)
    send()
  }

  /// Ends a stream before its time.
  func reset(_ stream: HTTP2Stream, _ code: HTTP2Code) {
    guard streams.contains(stream) else { return }
    remove(stream)
    frames.write { $0.writeReset(stream.id, code) }
    if !stream.isRequestOver { streams.cutOff(stream.id) }
    stream.end()
    send()
  }

  func failed(_ stream: HTTP2Stream, _ error: any Error) {
    stream.exchange?.failed(error)
    reset(stream, .internalError)
  }

  private func remove(_ stream: HTTP2Stream) {
    streams.remove(stream)
    rest()
  }

  /// Counts the time without requests, if there are none.
  func rest() {
    guard streams.isEmpty, unsent.count == 0, isSpeaking else { return }
    deadline = loop.now + loop.limits.idleTimeout
    closeIfDone()
  }
}
