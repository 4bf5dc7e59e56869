import CMAF
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

/// One track on its way to a publishing point, over as many connections as it takes.
final class TrackUpload: Sendable {
  private let target: String
  private let address: PublishingAddress
  private let tls: NIOSSLContext?
  private let eventLoop: any EventLoop
  private let report: @Sendable (String) -> Void
  private let state: NIOLoopBoundBox<State>

  private struct State {
    var queue = UploadQueue()
    var channel: (any Channel)?
    var isConnecting = false
    /// What was said last, so that it is not said again.
    var complaint: String?
    /// Called when the publishing point has all of it.
    var ended: EventLoopPromise<Void>?
    var hasSentEnd = false
  }

  /// Until a connection that broke is made again.
  private static let pause = TimeAmount.seconds(1)

  init(
    _ target: String, to address: PublishingAddress, tls: NIOSSLContext?,
    on eventLoop: any EventLoop, report: @escaping @Sendable (String) -> Void
  ) {
    (self.target, self.address, self.tls) = (target, address, tls)
    (self.eventLoop, self.report) = (eventLoop, report)
    state = .makeBoxSendingValue(State(), eventLoop: eventLoop)
  }

  /// From any thread.
  func add(_ chunk: LiveChunk) {
    eventLoop.execute { [self] in
      state.value.queue.add(chunk)
      goOn()
    }
  }

  func end() -> EventLoopFuture<Void> {
    let ended = eventLoop.makePromise(of: Void.self)
    eventLoop.execute { [self] in
      state.value.ended = ended
      goOn()
    }
    return ended.futureResult
  }

  /// Sends what there is, as far as the network takes it.
  fileprivate func goOn() {
    guard let channel = state.value.channel else { return connect() }
    while channel.isWritable, let bytes = state.value.queue.take() {
      channel.writeAndFlush(HTTPClientRequestPart.body(.byteBuffer(bytes)), promise: nil)
    }
    guard channel.isWritable, state.value.ended != nil, !state.value.hasSentEnd else { return }
    state.value.hasSentEnd = true
    channel.write(HTTPClientRequestPart.body(.byteBuffer(UploadQueue.ending)), promise: nil)
    channel.writeAndFlush(HTTPClientRequestPart.end(nil), promise: nil)
  }

  private func connect() {
    guard !state.value.isConnecting else { return }
    state.value.isConnecting = true
    ClientBootstrap(group: eventLoop)
      .channelOption(.tcpOption(.tcp_nodelay), value: 1)
      .channelInitializer { [self] channel in
        channel.eventLoop.makeCompletedFuture {
          let pipeline = channel.pipeline.syncOperations
          if let tls {
            let isNumber = (try? SocketAddress(ipAddress: address.host, port: 0)) != nil
            try pipeline.addHandler(
              NIOSSLClientHandler(context: tls, serverHostname: isNumber ? nil : address.host))
          }
          try pipeline.addHTTPClientHandlers()
          try pipeline.addHandler(UploadHandler(self))
        }
      }
      .connect(host: address.host, port: address.port)
      .assumeIsolated().whenComplete { [self] result in
        state.value.isConnecting = false
        switch result {
        case .success(let channel): begin(on: channel)
        case .failure(let error): broke("cannot be reached: \(error)")
        }
      }
  }

  private func begin(on channel: any Channel) {
    var head = HTTPRequestHead(version: .http1_1, method: .POST, uri: target)
    head.headers = ["Host": address.authority, "Transfer-Encoding": "chunked"]
    head.headers.add(name: "Content-Type", value: target.hasSuffix("v") ? "video/mp4" : "audio/mp4")
    if let field = address.authorization { head.headers.add(name: "Authorization", value: field) }
    channel.writeAndFlush(HTTPClientRequestPart.head(head), promise: nil)
    state.value.channel = channel
    state.value.hasSentEnd = false
    state.value.queue.startOver()
    goOn()
  }

  /// The publishing point has answered.
  fileprivate func answered(_ status: Int, _ text: String) {
    if state.value.hasSentEnd, (200..<300).contains(status) {
      state.value.complaint = nil
      state.value.ended?.succeed()
      state.value.ended = nil
      return
    }
    complain("answers \(status)\(text.isEmpty ? "" : ": \(text)")")
  }

  /// The connection is gone.
  fileprivate func closed() {
    guard state.value.channel != nil else { return }
    state.value.channel = nil
    if state.value.hasSentEnd, state.value.ended == nil { return }
    broke("has closed the connection")
  }

  private func broke(_ reason: String) {
    if state.value.complaint == nil { complain(reason) }
    eventLoop.scheduleTask(in: Self.pause) { [self] in connect() }
  }

  private func complain(_ reason: String) {
    guard state.value.complaint != reason else { return }
    state.value.complaint = reason
    report("\(address.name) \(reason)")
  }
}

/// Hands what comes of a connection to its upload.
private final class UploadHandler: ChannelInboundHandler {
  typealias InboundIn = HTTPClientResponsePart

  private let upload: TrackUpload
  private var status = 0
  private var text = ByteBuffer()

  /// Bytes of an answer that are read.
  private static let textByteCount = 4096

  init(_ upload: TrackUpload) { self.upload = upload }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head(let head): status = Int(head.status.code)
    case .body(let bytes):
      if text.readableBytes < Self.textByteCount { text.writeImmutableBuffer(bytes) }
    case .end:
      upload.answered(
        status, String(buffer: text).split(separator: "\n").first.map(String.init) ?? "")
      context.close(promise: nil)
    }
  }

  func channelWritabilityChanged(context: ChannelHandlerContext) {
    if context.channel.isWritable { upload.goOn() }
    context.fireChannelWritabilityChanged()
  }

  func channelInactive(context: ChannelHandlerContext) { upload.closed() }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
