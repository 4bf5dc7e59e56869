import MediaCore
import NIOCore
import NIOHTTP1
import NIOHTTP2

/// A connection of HTTP/1.1, which has one exchange after the other, or a stream of HTTP/2, which has one; touched on its
/// event loop only.
final class ProbeConnection: ChannelInboundHandler {
  typealias InboundIn = HTTPClientResponsePart
  typealias OutboundOut = HTTPClientRequestPart

  private let clock: ProbeClock
  private let authority: String
  private let isStream: Bool
  private var context: ChannelHandlerContext?
  private var exchange: Exchange?
  private var completion: ((Exchange) -> Void)?
  private var progress: ((Exchange) -> Void)?
  private var deadline: Scheduled<Void>?
  private var keepsAlive = true
  private var isClosed = false

  init(to address: WebAddress, isStream: Bool, clock: ProbeClock) {
    authority = address.authority
    self.isStream = isStream
    self.clock = clock
  }

  var isReusable: Bool { !isClosed && keepsAlive && exchange == nil }

  func handlerAdded(context: ChannelHandlerContext) { self.context = context }

  func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

  /// Sends a request on a connection that has nothing under way.
  /// - Parameters:
  ///   - progress: gets what there is of the answer whenever more of it has come.
  ///   - completion: gets the exchange once, whole or failed.
  func begin(
    _ request: ProbeRequest, asked: Duration, progress: ((Exchange) -> Void)?,
    completion: @escaping (Exchange) -> Void
  ) {
    self.progress = progress
    exchange = Exchange(request, asked: asked)
    self.completion = completion
    guard let context, context.channel.isActive else { return finish(failure: Self.closed) }
    var head = HTTPRequestHead(version: .http1_1, method: .GET, uri: request.address.target)
    head.headers.add(name: "Host", value: authority)
    head.headers.add(name: "User-Agent", value: "dougong-probe")
    head.headers.add(name: "Accept", value: "*/*")
    if let range = request.range {
      // "a client MAY use a last-pos of 2^53-1" where the length is not known (RFC 8673 §2.1).
      let last = range.count == .max ? (1 << 53) - 1 : range.end - 1
      head.headers.add(name: "Range", value: "bytes=\(range.offset)-\(last)")
    }
    context.write(wrapOutboundOut(.head(head)), promise: nil)
    context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    deadline = context.eventLoop.assumeIsolated().scheduleTask(
      in: .seconds(Int64(Limits.exchangeSeconds))
    ) { self.fail("no whole answer within \(Limits.exchangeSeconds) seconds") }
  }

  static let closed = "the connection was closed"

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard exchange != nil else { return }
    let now = clock.now
    switch unwrapInboundIn(data) {
    case .head(let head):
      exchange?.firstByte = now
      exchange?.status = Int(head.status.code)
      exchange?.version = isStream ? "2" : "\(head.version.major).\(head.version.minor)"
      exchange?.date = head.headers.first(name: "Date")
      exchange?.location = head.headers.first(name: "Location")
      keepsAlive = !isStream && head.isKeepAlive
      let expected = head.headers.first(name: "Content-Length").flatMap { Int($0) } ?? 0
      check(expected)
    case .body(let bytes):
      exchange?.arrived(bytes.readableBytes, at: now)
      exchange?.lastByte = now
      check((exchange?.body.readableBytes ?? 0) + bytes.readableBytes)
      exchange?.body.writeImmutableBuffer(bytes)
      if let progress, let exchange { progress(exchange) }
    case .end:
      if exchange?.arrivals.isEmpty == true { exchange?.lastByte = now }
      finish(failure: nil)
    }
  }

  private func check(_ byteCount: Int) {
    guard let request = exchange?.request, byteCount > request.maximumByteCount else { return }
    fail("the answer has more than \(request.maximumByteCount) bytes")
  }

  func channelInactive(context: ChannelHandlerContext) {
    isClosed = true
    if exchange != nil { finish(failure: Self.closed) }
    context.fireChannelInactive()
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    switch error {
    case is IOError: fail(Self.closed)
    case let error as NIOHTTP2Errors.StreamClosed:
      fail("the server reset the stream: \(error.errorCode)")
    default: fail("\(error)")
    }
  }

  private func fail(_ reason: String) {
    keepsAlive = false
    if exchange != nil { finish(failure: reason) }
    close()
  }

  private func finish(failure: String?) {
    deadline?.cancel()
    deadline = nil
    guard var ended = exchange, let completion else { return }
    exchange = nil
    self.completion = nil
    progress = nil
    if let failure {
      ended.failure = failure
      ended.lastByte = clock.now
    }
    if !keepsAlive { close() }
    completion(ended)
  }

  func close() {
    isClosed = true
    context?.close(promise: nil)
  }
}
