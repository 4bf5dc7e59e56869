import FileIO
import Logging
import MediaCore
import NIOCore
import ObjectStore

/// A connection as its event loop knows it, whatever it speaks.
protocol Connection: AnyObject {
  /// Looks at timeouts; called at every sweep.
  func expire()
  /// Finishes what is under way and begins nothing else.
  func drain()
  /// Ends at once.
  func abort()
}

/// What the connections of one event loop share; touched on that loop only.
final class LoopContext {
  let eventLoop: any EventLoop
  let limits: Limits
  let responder: Responder
  let logger: Logger
  let threads: BlockingThreads
  let files: OpenFiles
  let titles: RememberedTitles
  let choices: ChoiceDesk
  /// `nil` where nobody wants to know.
  let observer: Observer?
  let clients: ClientRules
  /// `nil`: nothing is refused because there is much to do.
  let admission: AdmissionWatch?
  /// `nil`: nothing goes wrong on request.
  let faults: FaultPlan?
  /// What is asked for again and again, shared by all loops.
  let hotBodies: HotBodies?
  var ready: ReadyResponses
  var liveRequests = LiveRequests()
  /// `nil`: nobody publishes here.
  let publishing: PublishingDesk?
  /// `nil`: nothing is live here.
  let live: LiveTitles?
  let screenings: ScreeningDesk
  /// Requests that wait for what is to come.
  let holds: LiveHolds
  /// Media in an object store, shared by all loops.
  let objects: ObjectBlocks?
  var dates = DateCache()
  /// Where response heads are written. Its storage is used again unless the last one is still
  /// waiting to be sent.
  var scratch = ByteBuffer()
  /// The time of the last sweep: good enough for timeouts, and no clock is read per request.
  private(set) var now = NIODeadline.now()

  private var connections: [ObjectIdentifier: any Connection] = [:]
  private(set) var isDraining = false
  private var drained: EventLoopPromise<Void>?

  init(
    eventLoop: any EventLoop, limits: Limits, responder: Responder, logger: Logger,
    source: any TitleSource, choices: ChoiceDesk, screenings: ScreeningDesk, objects: ObjectBlocks?,
    hotBodies: HotBodies?,
    threads: BlockingThreads, clients: ClientRules, observer: Observer?, faults: FaultPlan?,
    live: LiveTitles? = nil, publishing: PublishingDesk? = nil
  ) {
    self.eventLoop = eventLoop
    self.limits = limits
    self.responder = responder
    self.logger = logger
    self.threads = threads
    files = OpenFiles(eventLoop: eventLoop, threads: threads, capacity: limits.openFileCount)
    titles = RememberedTitles(
      source: source, eventLoop: eventLoop, threads: threads, limits: limits)
    self.choices = choices
    self.screenings = screenings
    self.clients = clients
    admission = limits.longestWait.map {
      AdmissionWatch(longestWait: $0, eventLoop: eventLoop)
    }
    self.observer = observer
    self.faults = faults
    self.objects = objects
    self.publishing = publishing
    self.hotBodies = hotBodies
    self.live = live
    holds = LiveHolds(eventLoop: eventLoop, limits: limits)
    ready = ReadyResponses(capacity: limits.readyResponseCount)
    scheduleSweep()
  }

  var figures: LoopFigures {
    LoopFigures(
      traffic: observer?.traffic ?? Traffic(),
      connections: observer?.connections ?? ConnectionFigures(), titles: titles.figures,
      files: files.figures, refusedCount: admission?.refusedCount ?? 0,
      heldCount: holds.count)
  }

  /// Whether nobody has to see a plain request before it is answered.
  var answersAtOnce: Bool {
    observer == nil && faults == nil && admission == nil && clients.rates == nil
      && responder.access.areOpen
  }

  /// Bytes of a file that are in memory.
  ///
  /// - Parameter sendsFiles: whether the connection can have the system send them as they lie in the file. Then only small
  ///   ones are worth a copy for each client.
  func bytes(of file: ServedFile, _ range: ByteRange, sendsFiles: Bool) -> ByteBuffer? {
    sendsFiles && range.count > Limits.copiedByteCount ? nil : hotBodies?.bytes(of: file, range)
  }

  /// A file that is open, for who is done with it before anything else is done: looked up once between two sweeps, in which it
  /// counts as used.
  ///
  /// - Parameter ready: a response whose body lies in it.
  func openFile(_ file: ServedFile, of ready: ReadyResponse) -> OpenFile? {
    if let open = ready.openFile(since: now) { return open }
    guard let open = files.lease(file) else { return nil }
    files.giveBack(open, now: now)
    ready.keep(open, at: now)
    return open
  }

  func opened(_ connection: any Connection) {
    connections[ObjectIdentifier(connection)] = connection
    if isDraining { connection.drain() }
  }

  func closed(_ connection: any Connection) {
    connections[ObjectIdentifier(connection)] = nil
    finishDrainingIfEmpty()
  }

  /// Closes what is idle, lets the rest finish until `timeout`.
  ///
  /// - Returns: a future of the moment when no connection is left.
  func drain(timeout: TimeAmount) -> EventLoopFuture<Void> {
    isDraining = true
    holds.releaseAll()
    let promise = eventLoop.makePromise(of: Void.self)
    drained = promise
    for connection in Array(connections.values) { connection.drain() }
    finishDrainingIfEmpty()
    let deadline = eventLoop.assumeIsolated().scheduleTask(in: timeout) {
      for connection in Array(self.connections.values) { connection.abort() }
    }
    promise.futureResult.assumeIsolated().whenComplete { _ in deadline.cancel() }
    return promise.futureResult
  }

  private func finishDrainingIfEmpty() {
    guard isDraining, connections.isEmpty, let drained else { return }
    self.drained = nil
    observer?.flush()
    files.closeAll()
    drained.succeed()
  }

  private func scheduleSweep() {
    eventLoop.assumeIsolated().scheduleTask(in: limits.sweepInterval) { self.sweep() }
  }

  private func sweep() {
    now = .now()
    titles.renewUsed(now: now)
    holds.expire(now: now)
    for connection in Array(connections.values) { connection.expire() }
    observer?.flush()
    ready.dropForgotten()
    files.closeUnused(since: now - limits.openFileAge)
    scheduleSweep()
  }
}
