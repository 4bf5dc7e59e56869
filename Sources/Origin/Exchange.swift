import FileIO
import Logging
import MediaCore
import NIOCore
import NIOHTTP1
import ObjectStore

/// A framing of HTTP: puts responses on the wire of one connection, or of one stream of it.
protocol ResponseWriter: AnyObject {
  /// Whether it has the system send parts of files, which then are in nobody's memory.
  var sendsFiles: Bool { get }
  /// Writes a response. The writer calls `exchange.end()` when all of it has left, or will not.
  func write(_ response: Response, _ body: Body, of exchange: Exchange)
  /// Ends the connection, or the stream, as if something had broken.
  func reset(_ exchange: Exchange)
}

/// One request on its way to its response. Knows titles, reports and files; does not know how
/// messages are framed. Belongs to one event loop.
///
///     let exchange = Exchange(request, loop: loop, writer: connection)
///     exchange.begin()
///     // writer.write(response, body, of: exchange), at once or later; then
///     exchange.end()
final class Exchange {
  let request: Request
  let loop: LoopContext
  private let writer: any ResponseWriter
  private var stream: (any BodyStream)?
  private var publication: Publication?
  /// Where the response was given before.
  private(set) var ready: ReadyResponse?
  /// What kind of thing is asked for, once that has been found out.
  private(set) var objectClass = ObjectClass.other
  private var isEnded = false
  /// Whether it has its place in the queue for a thread, or had.
  private var isWaiting = false
  /// `nil` where nobody wants to know.
  var record: ExchangeRecord?
  /// What goes wrong with this one because somebody asked for that.
  private(set) var effects: [FaultRule.Effect] = []

  init(_ request: Request, loop: LoopContext, writer: any ResponseWriter) {
    self.request = request
    self.loop = loop
    self.writer = writer
    if loop.observer != nil { record = ExchangeRecord(begin: .now()) }
  }

  /// All of the response has left; the writer says so before `end()`.
  func sent() { record?.isComplete = true }

  /// The last byte has left, or there is nobody any more to have it.
  func end() {
    guard !isEnded else { return }
    isEnded = true
    if let stream { record?.byteCount = stream.takenByteCount }
    stream?.close()
    stream = nil
    publication?.end()
    publication = nil
    guard var record else { return }
    record.end = .now()
    loop.observer?.ended(record, of: request)
  }

  /// What is sent of a body that was promised has come to its end too early; the writer ends the
  /// connection or the stream, which is all that it can still tell the client.
  func failed(_ error: any Error) {
    if error is FaultyStream.CutShort { return }
    loop.logger.error(
      "response cannot be completed",
      metadata: ["target": "\(AccessEntry.redacted(request.target))", "error": "\(error)"])
  }

  // MARK: Finding the response

  func begin() {
    do throws(Rejection) {
      try loop.clients.admitRequest(request.client)
      if try beginReady() { return }
      let route = try loop.responder.route(of: request, limits: loop.limits)
      leads(to: route)
      try admit(to: route)
      if let faults = loop.faults {
        effects = try faults.effects(on: route, target: request.target, field: request.fault)
        record?.faults = effects
      }
      let need = try loop.responder.need(of: request, route)
      if effects.isEmpty { begin(need) } else { try beginFaulty(need) }
    } catch {
      deliver(Response(error))
    }
  }

  private func leads(to route: Route) {
    objectClass = ObjectClass(route)
    record?.leads(to: route)
  }

  /// - Throws: 503 if the event loop has too much to do to do this too.
  private func admit(to route: Route) throws(Rejection) {
    if let admission = loop.admission, !admission.admits(objectClass) { throw .overloaded }
  }

  /// Whether this may begin to wait for a thread. Asked once: who has waited goes on.
  func mayWait() -> Bool {
    guard !isWaiting, let admission = loop.admission else { return true }
    isWaiting = admission.admits(objectClass, after: loop.threads.expectedWait)
    return isWaiting
  }

  /// The same of what a body has to be fetched from.
  private func mayWait(for source: BodySource) -> Bool {
    guard source.isStored, let objects = loop.objects, let admission = loop.admission else {
      return mayWait()
    }
    return admission.admits(objectClass, after: objects.expectedWait)
  }

  /// - Returns: whether the response to this was at hand.
  private func beginReady() throws(Rejection) -> Bool {
    guard request.isPlain, loop.faults == nil,
      let ready = loop.ready.find(request, now: loop.now)
    else { return false }
    leads(to: ready.route)
    try admit(to: ready.route)
    try loop.responder.access.admit(request, to: ready.route)
    deliver(ready: ready)
    return true
  }

  func deliver(ready: ReadyResponse) {
    self.ready = ready
    deliver(ready.response)
  }

  /// Begins late, or not at all; what is done to the body is done in `send`.
  private func beginFaulty(_ need: Responder.Need) throws(Rejection) {
    var delay = TimeAmount.zero
    for effect in effects {
      switch effect {
      case .delay(let time): delay = max(delay, time)
      case .hang: return
      case .reset: return writer.reset(self)
      case .status, .truncate, .slow, .corrupt: break
      }
    }
    let status = effects.compactMap { if case .status(let code) = $0 { code } else { nil } }.first
    func go() {
      guard !isEnded else { return }
      guard let status else { return begin(need) }
      deliver(
        Response(
          Rejection(
            HTTPResponseStatus(statusCode: status), "This answer was asked for by --fault.")))
    }
    guard delay > .zero else { return go() }
    loop.eventLoop.assumeIsolated().scheduleTask(in: delay) { go() }
  }

  private func begin(_ need: Responder.Need) {
    switch need {
    case .nothing(let response): deliver(response)
    case .readiness:
      loop.readiness().assumeIsolated().whenSuccess { [self] in deliver($0.response) }
    case .publication(let point, let path): publish(path, to: point)
    case .title(let name, let route) where beginLive(name, route): break
    case .title(let name, let route) where beginKnown(name, route): break
    case .screening(let document, let title): begin(document, of: title)
    case .title, .report, .statistics, .titleNames, .opening, .vote, .tally:
      guard mayWait() else { return deliver(Response(.overloaded)) }
      beginWaiting(need)
    }
  }

  private func publish(_ path: String, to name: String) {
    do throws(Rejection) {
      guard let desk = loop.publishing, let point = desk.points.point(named: name) else {
        throw .notFound("There is no publishing point of this name.")
      }
      try desk.points.publishers.admit(request)
      // What is published lies in the window as long as it says there, whatever its publisher takes back.
      if request.method == .DELETE {
        return deliver(Response(.ok, text: "Its time ends with its window.\n", cacheControl: .none))
      }
      let range = try request.contentRange.map { field throws(Rejection) in
        try ContentRange(field)
      }
      record?.isAtHand = false
      let publication = Publication(
        path, range, to: point, desk: desk, body: request.upload?.value, loop: loop
      ) { [self] in deliver($0) }
      self.publication = publication
      publication.begin()
    } catch {
      deliver(Response(error))
    }
  }

  /// - Returns: whether a live title answers, or did.
  private func beginLive(_ name: String, _ route: Route) -> Bool {
    guard let live = loop.live else { return false }
    switch live.answer(to: route, of: name) {
    case .live(let title): begin(route, of: title)
    case .gone: deliver(Response(.goneLive))
    case .library: return false
    }
    return true
  }

  /// - Returns: whether a title that is remembered has the response.
  private func beginKnown(_ name: String, _ route: Route) -> Bool {
    // What a remembered title does not have, the title of now may have: only its source can
    // say "not found".
    guard let known = loop.titles.recall(name, now: loop.now), case let title = known.title,
      loop.responder.isReady(route, of: title),
      let response = try? loop.responder.response(to: request, for: route, of: title)
    else { return false }
    if request.isPlain, effects.isEmpty, response.status == .ok {
      loop.ready.keep(sealed(response), to: request, route, of: known)
    }
    deliver(response, retry: (name, route))
    return true
  }

  /// Begins what needs a thread.
  private func beginWaiting(_ need: Responder.Need) {
    switch need {
    case .nothing, .readiness, .publication, .screening: break
    case .opening(let title):
      deliver(loop.screenings.open(request.body, title: title, on: loop.eventLoop))
    case .vote(let screening, let title):
      deliver(
        loop.screenings.vote(
          request.body, for: screening, of: title, by: request.client, on: loop.eventLoop))
    case .tally(let screening, let title):
      deliver(loop.screenings.tally(of: screening, title, for: request, on: loop.eventLoop))
    case .title(let name, let route): askTitle(name, route, isRetry: false)
    case .report(let title):
      deliver(loop.choices.record(request.body, title: title, on: loop.eventLoop))
    case .statistics(let query, let title):
      deliver(
        loop.choices.statistics(query, title: title, for: request, on: loop.eventLoop))
    case .titleNames:
      loop.titles.names().assumeIsolated().whenComplete { [self] result in
        switch result {
        case .success(let names):
          let live = loop.live?.names ?? []
          deliver(Response(Pages.titleList(Array(Set(names + live))), to: request))
        case .failure(let error):
          loop.logger.error("titles cannot be listed", metadata: ["error": "\(error)"])
          deliver(.unreadable(error, else: .sourceFailed))
        }
      }
    }
  }

  private func askTitle(_ name: String, _ route: Route, isRetry: Bool) {
    record?.isAtHand = false
    loop.titles.ask(name, now: loop.now).assumeIsolated().whenComplete { [self] result in
      switch result {
      case .success(.some(let title)):
        let retry = isRetry ? nil : (name, route)
        guard loop.responder.isReady(route, of: title) else {
          return render(route, of: title, retry: retry)
        }
        deliver(loop.responder.answer(to: request, for: route, of: title), retry: retry)
      case .success(.none):
        let isGone =
          route.version.map(loop.titles.vanishedVersions(of: name).contains) ?? false
        deliver(Response(isGone ? .vanished : .notFound("There is no title of this name.")))
      case .failure(let error as UnservedTitle):
        if error.isNews {
          loop.logger.warning(
            "title is not served", metadata: ["title": "\(name)", "reason": "\(error.reason)"])
        }
        deliver(Response(.notFound("This title is not served: \(error.reason).")))
      case .failure(let error):
        loop.logger.error(
          "title cannot be read", metadata: ["title": "\(name)", "error": "\(error)"])
        deliver(.unreadable(error, else: .sourceFailed))
      }
    }
  }

  /// Answers on the thread pool what takes its time.
  private func render(
    _ route: Route, of title: ServedTitle, retry: (title: String, route: Route)?
  ) {
    record?.isAtHand = false
    let responder = loop.responder
    loop.titles.run { [request] in responder.answer(to: request, for: route, of: title) }
      .assumeIsolated().whenComplete { [self] result in
        switch result {
        case .success(let response): deliver(response, retry: retry)
        case .failure: deliver(Response(.stopping))
        }
      }
  }

  private func deliver(_ response: EventLoopFuture<Response>) {
    response.assumeIsolated().whenSuccess { [self] in deliver($0) }
  }

  // MARK: Having its body

  /// Makes the body ready to be sent, so that what cannot be read is told by a status.
  func deliver(_ response: Response, retry: (title: String, route: Route)? = nil) {
    guard !isEnded else { return }
    let source = request.method == .HEAD ? .none : response.body
    if case .none = source { return send(response, .none) }
    if let bytes = atHand(source) { return send(response, .bytes(bytes)) }
    if case .growing(let title, let track, let version, let number, let first) = source {
      let stream = GrowingStream(
        of: title, track: track, version: version, number: number, from: first, loop: loop)
      self.stream = stream
      return send(response, body(stream, response))
    }
    guard mayWait(for: source) else {
      ready = nil
      return deliver(Response(.overloaded))
    }
    let stream = SourceStream(
      source, loop: loop,
      sendsFiles: writer.sendsFiles && !effects.contains(.corrupt))
    self.stream = stream
    guard let opening = stream.open() else { return send(response, body(stream, response)) }
    record?.isAtHand = false
    opening.assumeIsolated().whenComplete { [self] result in
      guard !isEnded else { return }
      switch result {
      case .success: send(response, body(stream, response))
      case .failure(let error):
        stream.close()
        self.stream = nil
        bodyFailed(error, retry: retry)
      }
    }
  }

  /// All of a body that is in memory, unless a slow client should have it in pieces.
  private func atHand(_ source: BodySource) -> ByteBuffer? {
    guard effects.isEmpty else { return nil }
    switch source {
    case .bytes(let bytes): return bytes
    case .file(let file, let range) where range.count <= loop.limits.writeByteCount:
      return loop.bytes(of: file, range, sendsFiles: writer.sendsFiles)
    default: return nil
    }
  }

  private func body(_ stream: any BodyStream, _ response: Response) -> Body {
    guard FaultyStream.concerns(effects) else { return .stream(stream) }
    return .stream(
      FaultyStream(stream, effects, byteCount: response.byteCount ?? 0, loop: loop))
  }

  /// A file that cannot be opened, or is not the one that was indexed, may just have been
  /// replaced by another version of its title: look once more.
  private func bodyFailed(_ error: any Error, retry: (title: String, route: Route)?) {
    let retry = retry ?? ready.flatMap { ready in ready.route.title.map { ($0, ready.route) } }
    ready = nil
    if let retry, (error as? FileIOError)?.code != .unavailable {
      loop.titles.forget(retry.title)
      return askTitle(retry.title, retry.route, isRetry: true)
    }
    loop.logger.error(
      "track file cannot be opened",
      metadata: ["target": "\(AccessEntry.redacted(request.target))", "error": "\(error)"])
    deliver(.unreadable(error, else: .beingReplaced))
  }

  /// The one way from what is answered to how it is framed: whatever wants to see, count, delay or
  /// refuse responses stands here.
  private func send(_ response: Response, _ body: Body) {
    record?.firstByte = .now()
    record?.status = response.status.code
    if case .bytes(let bytes) = body { record?.byteCount = Int64(bytes.readableBytes) }
    writer.write(ready == nil ? sealed(response) : response, body, of: self)
  }

  /// With what this origin says in every response.
  func sealed(_ response: Response) -> Response {
    var response = response
    response.edge = loop.responder.edge
    response.originID = loop.responder.originID
    return response
  }
}
