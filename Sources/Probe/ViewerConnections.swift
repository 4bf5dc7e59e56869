import MediaCore
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

/// How a viewer reaches servers.
struct Connecting: Sendable {
  let group: any EventLoopGroup
  let clock: ProbeClock
  /// `nil`: nothing is asked for over TLS.
  let tls: NIOSSLContext?
}

/// The connections of one viewer: as many as it has requests under way, each used again; touched on
/// its event loop only.
final class ViewerConnections {
  /// A request, and who wants to know of its answer.
  private struct Job {
    var request: ProbeRequest
    var asked: Duration
    var progress: ((Exchange) -> Void)?
    var completion: (Exchange) -> Void

    /// Of a server to which connections are used again.
    var key: String { "\(request.address.isSecure)\(request.address.authority)" }
  }

  private let eventLoop: any EventLoop
  private let connecting: Connecting
  private let link: ShapedLink?
  private var idle: [String: [ProbeConnection]] = [:]
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
    start(job)
  }

  private func start(_ job: Job) {
    guard busyCount < Limits.connectionCount else { return waiting.append(job) }
    busyCount += 1
    while let connection = idle[job.key]?.popLast() {
      guard connection.isReusable else { continue }
      connection.begin(job.request, asked: job.asked, progress: job.progress) { exchange in
        // A server may close what has long been idle just when it is used again (RFC 9112 §9.3.1).
        if exchange.failure == ProbeConnection.closed, exchange.firstByte == nil, !self.isClosed {
          return self.open(job)
        }
        self.ended(connection, job, exchange)
      }
      return
    }
    open(job)
  }

  private func open(_ job: Job) {
    openedCount += 1
    connect(job.request.address).assumeIsolated().whenComplete { result in
      switch result {
      case .success(let bound):
        let connection = bound.value
        guard !self.isClosed else { return connection.close() }
        connection.begin(job.request, asked: job.asked, progress: job.progress) {
          self.ended(connection, job, $0)
        }
      case .failure(let error):
        var exchange = Exchange(job.request, asked: job.asked)
        exchange.failure = "no connection to \(job.request.address.authority): \(Self.words(error))"
        exchange.lastByte = self.connecting.clock.now
        self.ended(nil, job, exchange)
      }
    }
  }

  private static func words(_ error: any Error) -> String {
    switch error {
    case let error as NIOConnectionError:
      error.connectionErrors.first.map { words($0.error) } ?? "its name is not known"
    case let error as IOError: String(describing: error)
    default: String(describing: error)
    }
  }

  private func ended(_ connection: ProbeConnection?, _ job: Job, _ exchange: Exchange) {
    busyCount -= 1
    if let connection, connection.isReusable { idle[job.key, default: []].append(connection) }
    job.completion(exchange)
    guard !isClosed, busyCount < Limits.connectionCount, !waiting.isEmpty else { return }
    start(waiting.removeFirst())
  }

  private func connect(_ address: WebAddress) -> EventLoopFuture<NIOLoopBound<ProbeConnection>> {
    let link = link.map { NIOLoopBound($0, eventLoop: eventLoop) }
    let (clock, tls) = (connecting.clock, connecting.tls)
    var bootstrap = ClientBootstrap(group: eventLoop)
      .connectTimeout(.seconds(Int64(Limits.connectSeconds)))
      .channelOption(.socketOption(.tcp_nodelay), value: 1)
    if link != nil {
      bootstrap =
        bootstrap
        .channelOption(.maxMessagesPerRead, value: 1)
        .channelOption(
          .recvAllocator,
          value: FixedSizeRecvByteBufferAllocator(capacity: Limits.shapedReadByteCount)
        )
        .channelOption(
          .socketOption(.so_rcvbuf), value: .init(Limits.shapedSocketByteCount))
    }
    return bootstrap.channelInitializer { channel in
      channel.eventLoop.makeCompletedFuture {
        let pipeline = channel.pipeline.syncOperations
        if let link { try pipeline.addHandler(ShapedReader(link.value)) }
        if address.isSecure, let tls {
          let name = Self.isNumeric(address.host) ? nil : address.host
          try pipeline.addHandler(NIOSSLClientHandler(context: tls, serverHostname: name))
        }
        try pipeline.addHTTPClientHandlers()
        try pipeline.addHandler(ProbeConnection(to: address, clock: clock))
      }
    }
    .connect(host: address.host, port: address.port)
    .flatMapThrowing { channel in
      NIOLoopBound(
        try channel.pipeline.syncOperations.handler(type: ProbeConnection.self),
        eventLoop: channel.eventLoop)
    }
  }

  /// Server names of TLS are never addresses (RFC 6066 §3).
  private static func isNumeric(_ host: String) -> Bool {
    (try? SocketAddress(ipAddress: host, port: 0)) != nil
  }

  func close() {
    isClosed = true
    waiting = []
    for connection in idle.values.joined() { connection.close() }
    idle = [:]
  }
}
