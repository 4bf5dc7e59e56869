import NIOCore
import NIOPosix

/// The connections of one viewer: one to each server where it speaks HTTP/2, else as many as there are
/// requests under way, each used again; touched on its event loop only.
final class ViewerConnections {
  /// A request, and who wants to know of its answer.
  private struct Job {
    var request: ProbeRequest
    var asked: Duration
    var progress: ((Exchange) -> Void)?
    var completion: (Exchange) -> Void
    /// A connection that was used again had gone when it was sent.
    var isRepeated = false

    var server: Server { Server(request.address) }
  }

  private struct Server: Hashable {
    let isSecure: Bool
    let authority: String

    init(_ address: WebAddress) {
      isSecure = address.isSecure
      authority = address.authority
    }
  }

  /// What is known of a server.
  private struct Known {
    var idle: [ProbeConnection] = []
    var streams: Transport.Streams?
    /// It speaks HTTP/1.1.
    var needsConnections = false
    /// The first connection is not there yet, and nobody knows what the server speaks.
    var isAsked = false
    /// Until that is known.
    var waiting: [Job] = []
  }

  private let eventLoop: any EventLoop
  private let connecting: Connecting
  private let link: ShapedLink?
  private var servers: [Server: Known] = [:]
  private var isClosed = false
  private var waiting: [Job] = []
  private var busyCount = 0
  private(set) var openedCount = 0

  init(eventLoop: any EventLoop, connecting: Connecting, link: ShapedLink?) {
    self.eventLoop = eventLoop
    self.connecting = connecting
    self.link = link
  }

  /// - Parameters:
  ///   - progress: gets what there is of the answer whenever more of it has come.
  ///   - completion: gets the exchange once; redirections are followed.
  func fetch(
    _ request: ProbeRequest, redirections: Int = 0, progress: ((Exchange) -> Void)? = nil,
    completion: @escaping (Exchange) -> Void
  ) {
    let asked = connecting.clock.now
    let job = Job(request: request, asked: asked, progress: progress) { exchange in
      guard [301, 302, 303, 307, 308].contains(exchange.status), exchange.failure == nil,
        let location = exchange.location
      else { return completion(exchange) }
      var exchange = exchange
      guard redirections < Limits.redirectCount else {
        exchange.failure = "more than \(Limits.redirectCount) redirections"
        return completion(exchange)
      }
      guard let address = try? request.address.resolved(location) else {
        exchange.failure = "it redirects to what is no address"
        return completion(exchange)
      }
      self.fetch(
        ProbeRequest(address, range: request.range, for: request.purpose),
        redirections: redirections + 1, progress: progress
      ) {
        var answer = $0
        answer.asked = asked
        completion(answer)
      }
    }
    guard busyCount < Limits.connectionCount else { return waiting.append(job) }
    busyCount += 1
    start(job)
  }

  private func start(_ job: Job) {
    let server = job.server
    if let streams = servers[server]?.streams, streams.channel.isActive {
      return send(job, on: streams)
    }
    while let connection = servers[server]?.idle.popLast() {
      if connection.isReusable { return send(job, on: connection, isUsed: true) }
    }
    let known = servers[server, default: Known()]
    if !known.needsConnections {
      servers[server, default: known].isAsked = true
      if known.isAsked { return servers[server, default: known].waiting.append(job) }
    }
    open(job)
  }

  private func open(_ job: Job) {
    openedCount += 1
    Transport.connect(
      to: job.request.address, connecting, over: link, on: eventLoop
    ).assumeIsolated().whenComplete { result in
      let others = self.servers[job.server]?.waiting ?? []
      self.servers[job.server]?.waiting = []
      self.servers[job.server]?.isAsked = false
      switch result {
      case .success(let transport): self.opened(transport.value, for: job)
      case .failure(let error):
        self.failed(
          job, "no connection to \(job.request.address.authority): \(Self.words(error))")
      }
      for other in others { self.start(other) }
    }
  }

  private func opened(_ transport: Transport, for job: Job) {
    switch transport {
    case .connection(let connection):
      guard !isClosed else { return connection.close() }
      servers[job.server]?.needsConnections = true
      send(job, on: connection, isUsed: false)
    case .streams(let streams):
      guard !isClosed else { return streams.channel.close(promise: nil) }
      servers[job.server]?.streams = streams
      send(job, on: streams)
    }
  }

  private func send(_ job: Job, on connection: ProbeConnection, isUsed: Bool) {
    connection.begin(job.request, asked: job.asked, progress: job.progress) { exchange in
      // A server may close what has long been idle just when it is used again (RFC 9112 §9.3.1).
      if isUsed, exchange.failure == ProbeConnection.closed, exchange.firstByte == nil,
        !self.isClosed
      {
        return self.open(job)
      }
      if connection.isReusable { self.servers[job.server]?.idle.append(connection) }
      self.ended(job, exchange)
    }
  }

  private func send(_ job: Job, on streams: Transport.Streams) {
    streams.open(to: job.request.address, clock: connecting.clock).assumeIsolated().whenComplete {
      switch $0 {
      case .success(let stream):
        stream.value.begin(job.request, asked: job.asked, progress: job.progress) { exchange in
          guard exchange.failure == ProbeConnection.closed, exchange.firstByte == nil else {
            return self.ended(job, exchange)
          }
          self.repeated(job, instead: exchange)
        }
      // The server wants no more streams on it (RFC 9113 §6.8).
      case .failure(let error):
        var exchange = Exchange(job.request, asked: job.asked)
        exchange.failure = "no stream to \(job.request.address.authority): \(Self.words(error))"
        exchange.lastByte = self.connecting.clock.now
        self.repeated(job, instead: exchange)
      }
    }
  }

  /// Sends a request again, on a new connection, that no server has seen; but once only.
  private func repeated(_ job: Job, instead exchange: Exchange) {
    guard !job.isRepeated, !isClosed else { return ended(job, exchange) }
    servers[job.server]?.streams = nil
    var job = job
    job.isRepeated = true
    start(job)
  }

  private static func words(_ error: any Error) -> String {
    switch error {
    case let error as NIOConnectionError:
      error.connectionErrors.first.map { words($0.error) } ?? "its name is not known"
    case let error as IOError: String(describing: error)
    default: String(describing: error)
    }
  }

  private func failed(_ job: Job, _ reason: String) {
    var exchange = Exchange(job.request, asked: job.asked)
    exchange.failure = reason
    exchange.lastByte = connecting.clock.now
    ended(job, exchange)
  }

  private func ended(_ job: Job, _ exchange: Exchange) {
    busyCount -= 1
    job.completion(exchange)
    guard !isClosed, busyCount < Limits.connectionCount, !waiting.isEmpty else { return }
    busyCount += 1
    start(waiting.removeFirst())
  }

  func close() {
    isClosed = true
    waiting = []
    for known in servers.values {
      for connection in known.idle { connection.close() }
      known.streams?.channel.close(promise: nil)
    }
    servers = [:]
  }
}
