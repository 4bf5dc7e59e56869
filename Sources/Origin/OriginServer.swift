package import Choices
import FileIO
package import Logging
import NIOCore
import NIOPosix
package import ObjectStore
import ServiceLifecycle

/// Serves titles over HTTP/1.1 and HTTP/2 until it is told to stop.
///
///     let origin = OriginServer(titles: store, logger: logger) { print("listening on \($0)") }
///     try await origin.run()
///
/// Stopped by graceful shutdown it finishes what is under way (`Limits.drainTimeout`); stopped
/// by cancellation it does not.
package struct OriginServer: Service {
  package struct Configuration: Sendable {
    /// Where connections of viewers are accepted.
    package var addresses = [ListenAddress(host: "127.0.0.1", port: 8080)]
    /// What `systemd` as an address means.
    package var inherited = InheritedSockets()
    /// Whether connections of viewers begin with the PROXY protocol, which says for whom a balancer speaks.
    package var requiresProxyHeader = false
    /// Who the origin is at addresses with TLS.
    package var identity: TLSIdentity?
    /// File of hls.js as an ES module that exports `H`; without it the player page uses what
    /// the browser can play by itself.
    package var playerLibraryPath: String?
    /// Event loops, each with its thread.
    package var loopCount = System.coreCount
    /// Threads for what blocks: asking for titles, opening files.
    package var diskThreadCount = 4
    package var limits = Limits()
    /// Titles that are live, which go before those at rest; `nil`: there are none.
    package var live: LiveTitles?
    /// Where live titles are uploaded; `nil`: nowhere.
    package var publishing: PublishingPoints?
    /// Where choice reports are kept; `nil`: nowhere.
    package var choices: ChoiceLedger?
    /// What screenings go by and players set their clocks by, in milliseconds since 1970.
    package var wallClock: @Sendable () -> Int64 = { WallClock.nanoseconds() / 1_000_000 }
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
    package var metrics: ListenAddress?
    /// Where a line is written for each response; `nil`: nowhere.
    package var accessLog: AccessLog?
    /// Called with what `metrics` has become.
    package var onMetrics: (@Sendable (Listener) -> Void)?

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
  private let onListening: @Sendable (Listener) -> Void

  /// - Parameter onListening: called once for each address, when connections are accepted on all of them.
  package init(
    titles: any TitleSource, configuration: Configuration = Configuration(), logger: Logger,
    onListening: @escaping @Sendable (Listener) -> Void = { _ in }
  ) {
    self.titles = titles
    self.configuration = configuration
    self.logger = logger
    self.onListening = onListening
  }

  /// - Throws: `OriginError` if the address cannot be listened on or the player library not read.
  package func run() async throws {
    let group = MultiThreadedEventLoopGroup(numberOfThreads: max(1, configuration.loopCount))
    let threads = BlockingThreads(count: max(1, configuration.diskThreadCount))
    let publishing = configuration.publishing.map { PublishingDesk($0, logger: logger) }
    let result: Result<Void, any Error>
    do {
      try await serve(on: group, threads, publishing)
      result = .success(())
    } catch {
      result = .failure(error)
    }
    // First the threads that may still be opening files for the loops.
    try await threads.shutdownGracefully()
    try await publishing?.shutdownGracefully()
    // Then reports whose answers the loops still wait for.
    await configuration.choices?.settle()
    try await group.shutdownGracefully()
    configuration.objects?.close()
    try result.get()
  }

  private func serve(
    on group: MultiThreadedEventLoopGroup, _ threads: BlockingThreads,
    _ publishing: PublishingDesk?
  ) async throws {
    let library = try await PlayerLibrary.load(
      configuration.playerLibraryPath, on: threads, group.next())
    var responder = Responder(
      playerLibrary: library, limits: configuration.limits, objects: configuration.objects)
    responder.wallClock = configuration.wallClock
    responder.access = configuration.access
    responder.edge = configuration.edge
    responder.originID = configuration.originID
    let clients = ClientRules(configuration.limits, trusted: configuration.trustedEdges)
    let loops = try await makeLoops(group, threads, responder, clients, publishing)
    let operators = try await openOperatorDoor(
      Array(loops.values), threads, responder, clients, on: group)
    let listeners = try await listen(on: group, loops)
    let refreshing = refreshIdentity(on: group.next(), threads)
    defer { refreshing?.cancel() }
    let watching = publishing?.watch(on: group.next())
    defer { watching?.cancel() }
    for listener in listeners { onListening(listener) }
    @Sendable func stopListening() { for listener in listeners { listener.close() } }
    try await withTaskCancellationHandler {
      try await withGracefulShutdownHandler {
        for listener in listeners { try await listener.closed() }
      } onGracefulShutdown: {
        stopListening()
      }
    } onCancel: {
      stopListening()
    }
    let timeout = Task.isCancelled ? TimeAmount.zero : configuration.limits.drainTimeout
    let drained = loops.values.map { loop in
      loop.eventLoop.flatSubmit { loop.context.value.drain(timeout: timeout) }
    }
    for loop in drained { try await loop.get() }
    await configuration.accessLog?.settle()
    operators?.close()
  }

  struct Loop: Sendable {
    let eventLoop: any EventLoop
    let context: NIOLoopBound<LoopContext>
  }

  private func makeLoops(
    _ group: MultiThreadedEventLoopGroup, _ threads: BlockingThreads, _ responder: Responder,
    _ clients: ClientRules, _ publishing: PublishingDesk?
  ) async throws -> [ObjectIdentifier: Loop] {
    var loops: [ObjectIdentifier: Loop] = [:]
    let choices = ChoiceDesk(
      ledger: configuration.choices, titles: titles, threads: threads, logger: logger)
    let screenings = ScreeningDesk(
      ledger: configuration.choices?.screenings, titles: titles, threads: threads, logger: logger,
      limits: configuration.limits, clock: configuration.wallClock)
    if configuration.choices != nil {
      group.next().scheduleRepeatedTask(
        initialDelay: .zero, delay: Limits.screeningInterval
      ) { _ in screenings.advance() }
    }
    let faults =
      configuration.faults.isEmpty && !configuration.allowsFaultField
      ? nil
      : FaultPlan(
        configuration.faults, seed: configuration.faultSeed,
        allowsField: configuration.allowsFaultField)
    let byteCount = configuration.limits.hotByteCount
    let hotBodies = byteCount > 0 ? HotBodies(byteCount: byteCount, threads: threads) : nil
    for eventLoop in group.makeIterator() {
      let context = try await eventLoop.submit { [configuration, logger, titles] in
        NIOLoopBound(
          LoopContext(
            eventLoop: eventLoop, limits: configuration.limits, responder: responder,
            logger: logger, source: titles, choices: choices, screenings: screenings,
            objects: configuration.objects,
            hotBodies: hotBodies, threads: threads, clients: clients,
            observer: configuration.isObserved ? Observer(log: configuration.accessLog) : nil,
            faults: faults, live: configuration.live, publishing: publishing),
          eventLoop: eventLoop)
      }.get()
      loops[ObjectIdentifier(eventLoop)] = Loop(eventLoop: eventLoop, context: context)
    }
    return loops
  }

  private func listen(
    on group: MultiThreadedEventLoopGroup, _ loops: [ObjectIdentifier: Loop]
  ) async throws -> [Listener] {
    let connections = ConnectionCount(limit: configuration.limits.connectionCount)
    var listeners: [Listener] = []
    do {
      for address in configuration.addresses {
        let rules = Opening.Rules(
          requiresProxyHeader: configuration.requiresProxyHeader,
          identity: address.isSecure ? try identity() : nil)
        let listener = try await Listener.open(
          address, inherited: configuration.inherited, on: group,
          loops: loops.values.map(\.eventLoop)
        ) { bootstrap(accepting: $0, serving: $1, loops, connections, rules) }
        listeners.append(listener)
      }
    } catch {
      for listener in listeners { listener.close() }
      throw error
    }
    return listeners
  }

  private func identity() throws(OriginError) -> TLSIdentity {
    guard let identity = configuration.identity else {
      throw OriginError(.cannotListen, "TLS needs a certificate and its key.")
    }
    return identity
  }

  /// Looks after certificates that change or expire, until it is cancelled.
  private func refreshIdentity(on eventLoop: any EventLoop, _ threads: BlockingThreads)
    -> RepeatedTask?
  {
    guard let identity = configuration.identity else { return nil }
    return eventLoop.scheduleRepeatedAsyncTask(
      initialDelay: .zero, delay: Limits.identityInterval
    ) { [logger] _ in
      threads.run(on: eventLoop) { identity.refresh(logger) }
    }
  }

  private func bootstrap(
    accepting: any EventLoopGroup, serving: any EventLoopGroup, _ loops: [ObjectIdentifier: Loop],
    _ connections: ConnectionCount, _ rules: Opening.Rules
  ) -> ServerBootstrap {
    ServerBootstrap(group: accepting, childGroup: serving)
      .serverChannelOption(.backlog, value: Limits.listenQueueCount)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .serverChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandlers(
            AcceptBackoffHandler(), ConnectionLimiter(connections))
        }
      }
      // Connections have it from their listener. Not `.socketOption(.tcp_nodelay)`: at that level the number means
      // SO_DEBUG.
      .serverChannelOption(.tcpOption(.tcp_nodelay), value: 1)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          // As `childChannelOption` would, which takes a future for each.
          let options = channel.syncOptions
          try options?.setOption(.allowRemoteHalfClosure, value: true)
          try options?.setOption(.maxMessagesPerRead, value: 1)
          try options?.setOption(.recvAllocator, value: ReceiveBuffers())
          guard let loop = loops[ObjectIdentifier(channel.eventLoop)] else {
            preconditionFailure("a connection on an event loop of another group")
          }
          try channel.pipeline.syncOperations.addHandler(
            Opening(loop: loop.context.value, rules: rules))
        }
      }
  }
}
