import Logging
import NIOCore
import NIOHTTP1
import NIOPosix

/// Answers whoever runs the origin, on an address of its own: `/metrics`, `/healthz`, `/readyz`.
///
/// Figures tell strangers what is watched and how much: they are never at the addresses that viewers reach.
struct OperatorServer: Sendable {
  /// What there is to be told.
  struct Answers: Sendable {
    var figures: @Sendable () async -> OriginFigures
    var readiness: @Sendable () async -> Readiness
  }

  let answers: Answers

  /// - Throws: `OriginError` if the address cannot be listened on.
  func open(
    _ address: ListenAddress, inherited: InheritedSockets, on group: MultiThreadedEventLoopGroup
  ) async throws -> Listener {
    let count = ConnectionCount(limit: Self.connectionCount)
    let bootstrap = ServerBootstrap(group: group)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .serverChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandlers(
            AcceptBackoffHandler(), ConnectionLimiter(count))
        }
      }
      .childChannelInitializer { [answers] channel in
        channel.eventLoop.makeCompletedFuture {
          let pipeline = channel.pipeline.syncOperations
          try pipeline.addHandler(IdleStateHandler(allTimeout: Self.idleTimeout))
          try pipeline.configureHTTPServerPipeline(
            withPipeliningAssistance: true, withErrorHandling: true)
          try pipeline.addHandler(OperatorConnection(answers: answers))
        }
      }
    return try await Listener.open(address, inherited: inherited, on: group, loops: []) { _, _ in
      bootstrap
    }
  }

  private static let connectionCount = 32
  private static let idleTimeout = TimeAmount.seconds(60)
}

/// One connection of it. Requests are small and few: nothing here is made to be fast.
private final class OperatorConnection: ChannelInboundHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundOut = HTTPServerResponsePart

  private let answers: OperatorServer.Answers
  private var head: HTTPRequestHead?

  init(answers: OperatorServer.Answers) { self.answers = answers }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head(let head): self.head = head
    case .body: break
    case .end:
      guard let head else { return }
      self.head = nil
      answer(head, context)
    }
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if event is IdleStateHandler.IdleStateEvent { return context.close(promise: nil) }
    context.fireUserInboundEventTriggered(event)
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

  private struct Answer: Sendable {
    var status: HTTPResponseStatus
    var text: String
    var contentType = "text/plain; charset=utf-8"
  }

  private func answer(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
    guard head.method == .GET || head.method == .HEAD else {
      return write(Answer(status: .methodNotAllowed, text: "GET and HEAD alone.\n"), head, context)
    }
    let promise = context.eventLoop.makePromise(of: Answer.self)
    let path = head.uri.prefix { $0 != "?" }
    promise.completeWithTask { [answers] in
      switch path {
      case "/metrics":
        return Answer(
          status: .ok, text: await answers.figures().prometheus,
          contentType: PrometheusText.contentType)
      case "/healthz": return Answer(status: .ok, text: "ok\n")
      case "/readyz":
        let readiness = await answers.readiness()
        return Answer(
          status: readiness.obstacle == nil ? .ok : .serviceUnavailable, text: readiness.text)
      default: return Answer(status: .notFound, text: "/metrics, /healthz and /readyz are here.\n")
      }
    }
    let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
    promise.futureResult.whenSuccess { answer in
      let (handler, context) = bound.value
      handler.write(answer, head, context)
    }
  }

  private func write(
    _ answer: Answer, _ request: HTTPRequestHead, _ context: ChannelHandlerContext
  ) {
    let body = ByteBuffer(string: answer.text)
    let head = HTTPResponseHead(
      version: request.version, status: answer.status,
      headers: [
        "Content-Type": answer.contentType, "Content-Length": "\(body.readableBytes)",
        "Cache-Control": "no-store", "Connection": request.isKeepAlive ? "keep-alive" : "close",
      ])
    context.write(wrapOutboundOut(.head(head)), promise: nil)
    if request.method != .HEAD {
      context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil)
    }
    let written = context.eventLoop.makePromise(of: Void.self)
    let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
    if !request.isKeepAlive {
      written.futureResult.whenComplete { _ in bound.value.close(promise: nil) }
    }
    context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: written)
  }
}
