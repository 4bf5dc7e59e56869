package import Choices
package import Logging
package import NIOCore
import NIOHTTP1
import NIOPosix
package import ObjectStore
import ServiceLifecycle

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Serves titles over HTTP/1.1 until it is told to stop.
///
///     let origin = OriginServer(titles: store, logger: logger) { print("listening on \($0)") }
///     try await origin.run()
///
/// Stopped by graceful shutdown it finishes what is under way (`Limits.drainTimeout`); stopped
/// by cancellation it does not.
package struct OriginServer: Service {
  package struct Configuration: Sendable {
    package var host = "127.0.0.1"
    /// 0: any free one.
    package var port = 8080
    /// File of hls.js as an ES module that exports `H`; without it the player page uses what
    /// the browser can play by itself.
    package var playerLibraryPath: String?
    /// Event loops, each with its thread.
    package var loopCount = System.coreCount
    /// Threads for what blocks: asking for titles, opening files.
    package var diskThreadCount = 4
    package var limits = Limits()
    /// Where choice reports are kept; `nil`: nowhere.
    package var choices: ChoiceLedger?
    /// Who may fetch.
    package var access = AccessRules()
    /// Edges that no limit on single clients is for, and whose word is taken on whom they ask for.
    package var trustedEdges = TrustedEdges()
    /// Whose caches stand in front.
    package var edge = EdgeProfile.generic
    package var originID: OriginID?
    /// Media of a library in an object store. Its threads end with the origin.
    package var objects: ObjectBlocks?
    /// Where `/metrics` is, beside the addresses of viewers; `nil`: nothing is counted.
    package var metrics: (host: String, port: Int)?
    /// Where a line is written for each response; `nil`: nowhere.
    package var accessLog: AccessLog?
    /// Called with the port that `metrics` has, if it has one.
    package var onMetrics: (@Sendable (Int) -> Void)?

    /// What goes wrong on request, for tests of players and edges.
    package var faults: [FaultRule] = []
    /// Chance of faults: the same seed meets the same requests.
    package var faultSeed: UInt64 = 0
    /// Whether requests may ask for faults themselves, by the field `Dougong-Fault`.
    package var allowsFaultField = false

    package init() {}

    var isObserved: Bool { metrics != nil || accessLog != nil }
  }

  package static let maximumLoopCount = 256

  private let titles: any TitleSource
  let configuration: Configuration
  private let logger: Logger
  private let onListening: @Sendable (SocketAddress) -> Void

  /// - Parameter onListening: called once with the address that connections are accepted on.
  package init(
    titles: any TitleSource, configuration: Configuration = Configuration(), logger: Logger,
    onListening: @escaping @Sendable (SocketAddress) -> Void = { _ in }
  ) {
    self.titles = titles
    self.configuration = configuration
    self.logger = logger
    self.onListening = onListening
  }

  /// - Throws: `OriginError` if the address cannot be listened on or the player library not read.
  package func run() async throws {
    let group = MultiThreadedEventLoopGroup(numberOfThreads: max(1, configuration.loopCount))
    let pool = NIOThreadPool(numberOfThreads: max(1, configuration.diskThreadCount))
    pool.start()
    let result: Result<Void, any Error>
    do {
      try await serve(on: group, pool)
      result = .success(())
    } catch {
      result = .failure(error)
    }
    // First the threads that may still be opening files for the loops.
    try await pool.shutdownGracefully()
    // Then reports whose answers the loops still wait for.
    await configuration.choices?.settle()
    try await group.shutdownGracefully()
    configuration.objects?.close()
    try result.get()
  }

  private func serve(on group: MultiThreadedEventLoopGroup, _ pool: NIOThreadPool) async throws {
    let library = try await PlayerLibrary.load(configuration.playerLibraryPath, on: pool)
    var responder = Responder(
      playerLibrary: library, limits: configuration.limits, objects: configuration.objects)
    responder.access = configuration.access
    responder.edge = configuration.edge
    responder.originID = configuration.originID
    let clients = ClientRules(configuration.limits, trusted: configuration.trustedEdges)
    let loops = try await makeLoops(group, pool, responder, clients)
    let operators = try await openOperatorDoor(
      Array(loops.values), pool, responder, clients, on: group)
    let server = try await listen(on: group, loops, clients.connections)
    if let address = server.localAddress { onListening(address) }
    try await withTaskCancellationHandler {
      try await withGracefulShutdownHandler {
        try await server.closeFuture.get()
      } onGracefulShutdown: {
        server.close(promise: nil)
      }
    } onCancel: {
      server.close(promise: nil)
    }
    let timeout = Task.isCancelled ? TimeAmount.zero : configuration.limits.drainTimeout
    let drained = loops.values.map { loop in
      loop.eventLoop.flatSubmit { loop.context.value.drain(timeout: timeout) }
    }
    for loop in drained { try await loop.get() }
    await configuration.accessLog?.settle()
    try? await operators?.close()
  }

  struct Loop: Sendable {
    let eventLoop: any EventLoop
    let context: NIOLoopBound<LoopContext>
  }

  private func makeLoops(
    _ group: MultiThreadedEventLoopGroup, _ pool: NIOThreadPool, _ responder: Responder,
    _ clients: ClientRules
  ) async throws -> [ObjectIdentifier: Loop] {
    var loops: [ObjectIdentifier: Loop] = [:]
    let choices = ChoiceDesk(
      ledger: configuration.choices, titles: titles, pool: pool, logger: logger)
    let faults =
      configuration.faults.isEmpty && !configuration.allowsFaultField
      ? nil
      : FaultPlan(
        configuration.faults, seed: configuration.faultSeed,
        allowsField: configuration.allowsFaultField)
    let byteCount = configuration.limits.hotByteCount
    let hotBodies = byteCount > 0 ? HotBodies(byteCount: byteCount, pool: pool) : nil
    for eventLoop in group.makeIterator() {
      let context = try await eventLoop.submit { [configuration, logger, titles] in
        NIOLoopBound(
          LoopContext(
            eventLoop: eventLoop, limits: configuration.limits, responder: responder,
            logger: logger, source: titles, choices: choices, objects: configuration.objects,
            hotBodies: hotBodies, pool: pool, clients: clients,
            observer: configuration.isObserved ? Observer(log: configuration.accessLog) : nil,
            faults: faults),
          eventLoop: eventLoop)
      }.get()
      loops[ObjectIdentifier(eventLoop)] = Loop(eventLoop: eventLoop, context: context)
    }
    return loops
  }

  private func listen(
    on group: MultiThreadedEventLoopGroup, _ loops: [ObjectIdentifier: Loop],
    _ connections: ConnectionCounts
  ) async throws -> any Channel {
    let bootstrap = ServerBootstrap(group: group)
      .serverChannelOption(.backlog, value: Limits.listenQueueCount)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .serverChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandlers(
            AcceptBackoffHandler(), ConnectionLimiter(connections))
        }
      }
      // Not `.socketOption(.tcp_nodelay)`: at that level the number means SO_DEBUG.
      .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
      .childChannelOption(.allowRemoteHalfClosure, value: true)
      .childChannelOption(.maxMessagesPerRead, value: 1)
      .childChannelOption(
        .recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: Limits.receiveByteCount)
      )
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          guard let loop = loops[ObjectIdentifier(channel.eventLoop)] else {
            preconditionFailure("a connection on an event loop of another group")
          }
          try Self.addHandlers(to: channel, loop.context.value)
        }
      }
    do {
      return try await bootstrap.bind(host: configuration.host, port: configuration.port).get()
    } catch {
      throw OriginError(
        .cannotListen,
        "Cannot listen on \(configuration.host):\(configuration.port): \(Self.reason(error)).")
    }
  }

  static func addHandlers(to channel: any Channel, _ loop: LoopContext) throws {
    var decoderLimits = NIOHTTPDecoderLimitConfiguration()
    decoderLimits.maxHeaderFieldSize = loop.limits.headByteCount
    decoderLimits.maxHeaderListSize = loop.limits.headByteCount
    decoderLimits.maxHeaderFieldCount = loop.limits.headerFieldCount
    let connection = HTTP1Connection(loop: loop)
    try channel.pipeline.syncOperations.addHandlers(
      HeadWatcher(connection: connection),
      ByteToMessageHandler(
        HTTPRequestDecoder(
          leftOverBytesStrategy: .dropBytes, limitConfiguration: decoderLimits)),
      connection)
  }

  /// What a person can do about it.
  private static func reason(_ error: any Error) -> String {
    switch error {
    case let error as IOError where error.errnoCode == EADDRINUSE:
      "another program listens there; choose another port"
    case let error as IOError where error.errnoCode == EACCES:
      "this user may not; ports below 1024 are reserved"
    case let error as IOError where error.errnoCode == EADDRNOTAVAIL:
      "this machine has no such address"
    case is SocketAddressError: "the host is unknown"
    default: "\(error)"
    }
  }
}
