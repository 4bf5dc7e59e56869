import DASH
import NIOCore

/// One player on its event loop: carries out what its session decides, and measures.
final class Viewer {
  struct Result: Sendable {
    var measurements: Measurements
    /// Of the first viewer only.
    var samples: [PlaySample] = []
    var findings: [RuleFinding] = []
    var findingCount = 0
    var rungs: [Rung]
    var form: String?
    var clockOffset: Duration?
    /// Of HTTP, as the first answer came.
    var version: String?
  }

  /// Of all viewers.
  struct Documents: Sendable {
    let playlists = DocumentCache<ObservedPlaylist>()
    let mpds = DocumentCache<MPD>()
  }

  private let eventLoop: any EventLoop
  private let plan: ProbePlan
  private let clock: ProbeClock
  private let connections: ViewerConnections
  private let documents: Documents
  private let end: Duration
  private let isFirst: Bool
  private let isCancelled: @Sendable () -> Bool
  private let promise: EventLoopPromise<Result>

  private var session: (any PlayerSession)?
  private var version: String?
  private var rules: ProtocolRules?
  private var measurements = Measurements()
  private var samples: [PlaySample] = []
  private var began = Duration.zero
  private var sampled = Duration.zero
  private var latencySampled = Duration.zero
  private var wake: Scheduled<Void>?
  private var ticks: Scheduled<Void>?
  private var isOver = false
  private var isTurning = false

  /// Between samples of the first viewer, and of the others.
  private static let fineInterval = Duration.milliseconds(100)
  private static let interval = Duration.milliseconds(500)
  /// From its start until the first viewer asks what only a check asks.
  private static let questionDelay = Duration.seconds(2)

  init(
    eventLoop: any EventLoop, plan: ProbePlan, connecting: Connecting, documents: Documents,
    end: Duration, isFirst: Bool,
    isCancelled: @escaping @Sendable () -> Bool, promise: EventLoopPromise<Result>
  ) {
    self.eventLoop = eventLoop
    self.plan = plan
    clock = connecting.clock
    let link =
      plan.trace == nil && plan.roundTrip == nil
      ? nil : ShapedLink(plan.trace, roundTrip: plan.roundTrip, clock: connecting.clock)
    connections = ViewerConnections(eventLoop: eventLoop, connecting: connecting, link: link)
    self.documents = documents
    self.end = end
    self.isFirst = isFirst
    self.isCancelled = isCancelled
    self.promise = promise
    if isFirst { rules = ProtocolRules() }
  }

  func begin() {
    began = clock.now
    sampled = began
    tick()
    connections.fetch(ProbeRequest(plan.address, for: .presentation)) { self.open($0) }
  }

  private func open(_ exchange: Exchange) {
    guard !isOver else { return }
    measurements.add(exchange)
    version = exchange.version
    guard exchange.isGood else {
      return finish("\(exchange.request.address): \(exchange.complaint)")
    }
    let start = String(
      buffer: exchange.body.getSlice(
        at: exchange.body.readerIndex, length: min(exchange.body.readableBytes, 1024))
        ?? exchange.body)
    if start.contains("#EXTM3U") {
      session = HLSSession(
        exchange, wallStart: clock.startedAt, playlists: documents.playlists)
    } else if start.contains("<MPD") {
      session = DASHSession(exchange, wallStart: clock.startedAt, documents: documents.mpds)
    } else {
      return finish("\(exchange.request.address): it is neither a playlist nor an MPD")
    }
    rules?.take(exchange)
    turn()
  }

  private func turn() {
    guard !isOver, !isTurning, session != nil else { return }
    isTurning = true
    let turn = session?.turn(at: clock.now) ?? Turn()
    isTurning = false
    for request in turn.requests {
      connections.fetch(request, progress: progress(of: request)) { self.take($0) }
    }
    wake?.cancel()
    wake = turn.next.map { moment in
      eventLoop.assumeIsolated().scheduleTask(deadline: clock.deadline(of: moment)) { self.turn() }
    }
    switch session?.state {
    case .over: finish(nil)
    case .failed(let reason): finish(reason)
    case .playing, nil: break
    }
  }

  private func progress(of request: ProbeRequest) -> ((Exchange) -> Void)? {
    guard case .media(let piece) = request.purpose, piece.isGrowing else { return nil }
    return { exchange in
      if !self.isOver { self.session?.takeProgress(exchange) }
    }
  }

  private func take(_ exchange: Exchange) {
    guard !isOver else { return }
    measurements.add(exchange)
    let chunks = session?.take(exchange) ?? []
    measurements.add(chunks, wallOffset: clock.startedAt + (session?.clockOffset ?? .zero))
    rules?.take(exchange)
    if clock.now - began > Self.questionDelay {
      for question in rules?.questions() ?? [] {
        connections.fetch(question) { self.take($0) }
      }
    }
    turn()
  }

  /// Looks at what is played, and at the end of the run.
  private func tick() {
    guard !isOver else { return }
    let now = clock.now
    sample(now)
    guard now < end, !isCancelled() else { return finish(nil) }
    let next = min(end, now + (isFirst ? Self.fineInterval : Self.interval))
    ticks = eventLoop.assumeIsolated().scheduleTask(deadline: clock.deadline(of: next)) {
      self.tick()
    }
  }

  private func sample(_ now: Duration) {
    guard let session else { return }
    var playhead = session.playhead
    playhead.advance(to: now)
    let wallTime = clock.wallTime(of: now) + (session.clockOffset ?? .zero)
    let latency = playhead.target == nil ? nil : playhead.latency(at: wallTime)
    if let latency, playhead.state == .playing, now - latencySampled >= Self.interval {
      measurements.latency.append(latency.inMicroseconds)
      latencySampled = now
    }
    if playhead.state == .playing {
      while measurements.rungTime.count <= session.rung { measurements.rungTime.append(.zero) }
      measurements.rungTime[session.rung] += now - sampled
    }
    sampled = now
    guard isFirst else { return }
    samples.append(
      PlaySample(
        time: now.inSeconds, latency: latency?.inSeconds, buffer: playhead.buffered.inSeconds,
        rung: session.rungs.indices.contains(session.rung)
          ? session.rungs[session.rung].bitsPerSecond : 0,
        throughput: session.bitsPerSecond, link: plan.trace?.bitsPerSecond(at: now),
        isPlaying: playhead.state == .playing))
    if samples.count > 2 * Limits.plotPointCount {
      samples = samples.enumerated().filter { $0.offset.isMultiple(of: 2) }.map(\.element)
    }
  }

  private func finish(_ failure: String?) {
    guard !isOver else { return }
    isOver = true
    wake?.cancel()
    ticks?.cancel()
    if let failure { measurements.failures[failure] = 1 }
    if let session {
      var playhead = session.playhead
      let now = clock.now
      playhead.advance(to: now)
      measurements.stalls += playhead.stalls.map { $0.length.inMicroseconds }
      let standing = playhead.standing(at: now)
      if standing > .zero, session.state != .over {
        measurements.stalls.append(standing.inMicroseconds)
      }
      if let started = playhead.started {
        measurements.startup.append((started - began).inMicroseconds)
      }
      measurements.switchCount = session.switchCount
    }
    measurements.connectionCount = connections.openedCount
    connections.close()
    promise.succeed(
      Result(
        measurements: measurements, samples: samples, findings: rules?.findings ?? [],
        findingCount: rules?.count ?? 0, rungs: session?.rungs ?? [], form: rules?.form,
        clockOffset: session?.clockOffset, version: version))
  }
}
