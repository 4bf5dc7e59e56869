import NIOCore
import NIOHTTP1
import NIOHTTP2
import NIOPosix

@testable import Probe

/// A server of a synthetic stream on the loopback, which makes a part when its time has come.
final class StreamServer: Sendable {
  private let channel: any Channel
  private let group: MultiThreadedEventLoopGroup
  let address: WebAddress

  /// The stream, its clock, and the answers that wait; touched on one event loop.
  private final class State {
    var stream: SyntheticStream
    var waiting: [(count: Int, release: () -> Void)] = []

    init(_ stream: SyntheticStream) { self.stream = stream }

    func keepGrowing(_ loop: any EventLoop) {
      loop.assumeIsolated().scheduleTask(
        in: .milliseconds(Int64(SyntheticStream.partMilliseconds))
      ) {
        self.grow()
        self.keepGrowing(loop)
      }
    }

    private func grow() {
      stream.count += 1
      let due = waiting.filter { $0.count <= stream.count }
      waiting.removeAll { $0.count <= stream.count }
      for waiter in due { waiter.release() }
    }
  }

  /// - Parameters:
  ///   - stream: as it is now.
  ///   - isHTTP2: it speaks that, to clients who know it beforehand.
  init(_ stream: SyntheticStream, isHTTP2: Bool = false) async throws {
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    self.group = group
    let loop = group.next()
    let state = NIOLoopBound.makeCompletedState(State.init, stream, loop)
    let bound = try await state.get()
    channel = try await ServerBootstrap(group: group)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          let pipeline = channel.pipeline.syncOperations
          guard isHTTP2 else {
            try pipeline.configureHTTPServerPipeline()
            return try pipeline.addHandler(Answering(bound.value))
          }
          _ = try pipeline.configureHTTP2Pipeline(
            mode: .server, connectionConfiguration: .init(), streamConfiguration: .init()
          ) { stream in
            stream.eventLoop.makeCompletedFuture {
              try stream.pipeline.syncOperations.addHandlers(
                HTTP2FramePayloadToHTTP1ServerCodec(), Answering(bound.value))
            }
          }
        }
      }
      .bind(host: "127.0.0.1", port: 0).get()
    address = try WebAddress("http://127.0.0.1:\(channel.localAddress?.port ?? 0)/main.m3u8")
    loop.execute { bound.value.keepGrowing(loop) }
  }

  func stop() async throws {
    try await channel.close()
    try await group.shutdownGracefully()
  }

  private final class Answering: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart
    private let state: State

    init(_ state: State) { self.state = state }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      guard case .head(let head) = unwrapInboundIn(data),
        let address = try? WebAddress("http://h" + head.uri)
      else { return }
      answer(address, context)
    }

    private func answer(_ address: WebAddress, _ context: ChannelHandlerContext) {
      guard context.channel.isActive else { return }
      switch state.stream.answer(address) {
      case .bytes(let bytes): send(200, bytes, context)
      case .text(let text): send(200, ByteBuffer(string: text), context)
      case .status(let status): send(status, ByteBuffer(), context)
      case .later(let count):
        state.waiting.append((count, { self.answer(address, context) }))
      }
    }

    private func send(_ status: Int, _ body: ByteBuffer, _ context: ChannelHandlerContext) {
      var head = HTTPResponseHead(version: .http1_1, status: .init(statusCode: status))
      head.headers.add(name: "Content-Length", value: "\(body.readableBytes)")
      context.write(wrapOutboundOut(.head(head)), promise: nil)
      context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil)
      context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }
  }
}

extension NIOLoopBound {
  /// A value that is made on its event loop.
  fileprivate static func makeCompletedState<Seed: Sendable>(
    _ make: @escaping @Sendable (Seed) -> Value, _ seed: Seed, _ loop: any EventLoop
  ) -> EventLoopFuture<NIOLoopBound<Value>> {
    loop.submit { NIOLoopBound(make(seed), eventLoop: loop) }
  }
}
