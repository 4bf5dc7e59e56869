import NIOCore
import NIOHTTP1
import NIOHTTP2
import NIOPosix
import NIOSSL
import NIOTLS

/// How a viewer reaches servers.
struct Connecting: Sendable {
  let clock: ProbeClock
  let http: HTTPChoice
  /// `nil`: nothing is asked for over TLS.
  let tls: NIOSSLContext?
}

/// A connection that stands, in the HTTP that was agreed on; touched on its event loop only.
enum Transport {
  /// HTTP/1.1.
  case connection(ProbeConnection)
  /// HTTP/2.
  case streams(Streams)

  /// A connection of HTTP/2.
  struct Streams {
    let channel: any Channel
    fileprivate let multiplexer: NIOHTTP2Handler.StreamMultiplexer

    /// A stream for one exchange.
    func open(
      to address: WebAddress, clock: ProbeClock
    ) -> EventLoopFuture<NIOLoopBound<ProbeConnection>> {
      multiplexer.createStreamChannel { stream in
        stream.eventLoop.makeCompletedFuture {
          let pipeline = stream.pipeline.syncOperations
          try pipeline.addHandler(
            HTTP2FramePayloadToHTTP1ClientCodec(httpProtocol: address.isSecure ? .https : .http))
          try pipeline.addHandler(ProbeConnection(to: address, isStream: true, clock: clock))
        }
      }.flatMapThrowing { stream in
        NIOLoopBound(
          try stream.pipeline.syncOperations.handler(type: ProbeConnection.self),
          eventLoop: stream.eventLoop)
      }
    }
  }

  /// - Parameter link: holds back what comes and goes; `nil`: nothing does.
  static func connect(
    to address: WebAddress, _ connecting: Connecting, over link: ShapedLink?,
    on eventLoop: any EventLoop
  ) -> EventLoopFuture<NIOLoopBound<Transport>> {
    guard let link, link.currentRoundTrip > .zero else {
      return open(address, connecting, link, eventLoop)
    }
    // A connection stands when the server's answer to its beginning has come back.
    let bound = NIOLoopBound(link, eventLoop: eventLoop)
    return eventLoop.flatScheduleTask(in: .microseconds(link.currentRoundTrip.inMicroseconds)) {
      open(address, connecting, bound.value, eventLoop)
    }.futureResult
  }

  private static func open(
    _ address: WebAddress, _ connecting: Connecting, _ link: ShapedLink?, _ eventLoop: any EventLoop
  ) -> EventLoopFuture<NIOLoopBound<Transport>> {
    var bootstrap = ClientBootstrap(group: eventLoop)
      .connectTimeout(.seconds(Int64(Limits.connectSeconds)))
      .channelOption(.socketOption(.tcp_nodelay), value: 1)
    if link?.trace != nil {
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
    let link = link.map { NIOLoopBound($0, eventLoop: eventLoop) }
    let tls = address.isSecure ? connecting.tls : nil
    return bootstrap.channelInitializer { channel in
      channel.eventLoop.makeCompletedFuture {
        let pipeline = channel.pipeline.syncOperations
        if let link { try pipeline.addHandler(ShapedSocket(link.value)) }
        guard let tls else { return }
        let name = isNumeric(address.host) ? nil : address.host
        try pipeline.addHandler(NIOSSLClientHandler(context: tls, serverHostname: name))
        try pipeline.addHandler(
          NIOTypedApplicationProtocolNegotiationHandler<NIOLoopBound<Transport>> {
            agreed, channel in
            channel.eventLoop.makeCompletedFuture {
              try speak(agreed == .negotiated("h2"), on: channel, address, connecting)
            }
          })
      }
    }
    .connect(host: address.host, port: address.port)
    .flatMap { channel in
      guard tls != nil else {
        return channel.eventLoop.makeCompletedFuture {
          try speak(connecting.http == .http2, on: channel, address, connecting)
        }
      }
      return channel.eventLoop.makeCompletedFuture {
        try channel.pipeline.syncOperations.handler(
          type: NIOTypedApplicationProtocolNegotiationHandler<NIOLoopBound<Transport>>.self
        ).protocolNegotiationResult
      }.flatMap { $0 }
    }
  }

  private static func speak(
    _ isHTTP2: Bool, on channel: any Channel, _ address: WebAddress, _ connecting: Connecting
  ) throws -> NIOLoopBound<Transport> {
    let pipeline = channel.pipeline.syncOperations
    guard isHTTP2 else {
      let connection = ProbeConnection(to: address, isStream: false, clock: connecting.clock)
      try pipeline.addHTTPClientHandlers()
      try pipeline.addHandler(connection)
      return NIOLoopBound(.connection(connection), eventLoop: channel.eventLoop)
    }
    var connection = NIOHTTP2Handler.ConnectionConfiguration()
    connection.initialSettings.append(
      HTTP2Setting(parameter: .initialWindowSize, value: Limits.streamWindowByteCount))
    connection.targetWindowSize = Limits.connectionWindowByteCount
    var stream = NIOHTTP2Handler.StreamConfiguration()
    stream.targetWindowSize = Limits.streamWindowByteCount
    let handler = NIOHTTP2Handler(
      mode: .client, eventLoop: channel.eventLoop, connectionConfiguration: connection,
      streamConfiguration: stream
    ) { $0.close() }
    try pipeline.addHandler(handler)
    let streams = Streams(channel: channel, multiplexer: try handler.syncMultiplexer())
    return NIOLoopBound(.streams(streams), eventLoop: channel.eventLoop)
  }

  /// Server names of TLS are never addresses (RFC 6066 §3).
  private static func isNumeric(_ host: String) -> Bool {
    (try? SocketAddress(ipAddress: host, port: 0)) != nil
  }
}
