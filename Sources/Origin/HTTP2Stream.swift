import NIOCore

/// One request of a connection of HTTP/2 and its response (RFC 9113 §5): what of the body may go next.
/// Belongs to its connection.
final class HTTP2Stream: ResponseWriter {
  enum Step {
    case bytes(ByteBuffer)
    /// The connection is told when there is more (`pieceCame`).
    case wait
    case failed(any Error)
  }

  struct EndedTooEarly: Error {}

  let id: Int
  private let connection: HTTP2Connection
  var exchange: Exchange?
  /// What the client says of its urgency.
  var priorityField: String? { didSet { setPriority() } }
  private(set) var priority = Priority(urgency: ObjectClass.other.urgency)
  /// What the client takes, in bytes; below 0 if it has thought better of it (§6.9.2).
  var window: Int
  /// Of its response, until it is written.
  var head: ByteBuffer?
  /// A request whose body is arriving.
  var incoming: Request?
  /// What the request says of its body's length, in bytes.
  var awaitedByteCount: Int64?
  private var receivedByteCount: Int64 = 0
  /// The body of an upload that is arriving.
  var upload: IncomingBody?
  /// Bytes that have been read of it, and that the client has not been told of.
  private var readByteCount = 0
  /// Bytes that the client may send.
  private var receiveWindow = Limits.initialWindow
  /// Whether the client has sent all of its request.
  var isRequestOver = false
  /// Whether all of the response has been handed to the connection.
  private(set) var isResponseOver = false
  /// When it is given up, unless something comes or leaves before.
  var deadline = NIODeadline.distantFuture

  private var source: (any BodyStream)?
  /// Bytes of the body that have not been handed on, with those of `piece`.
  private var rest: Int64 = 0
  /// Nobody knows how long the body will be: it ends when its source does.
  private var isOpenEnded = false
  private var piece: ByteBuffer?
  /// Whether a piece of a file is in memory, or on its way to it.
  private(set) var holdsPiece = false
  private var isWaiting = false

  init(_ id: Int, window: Int, of connection: HTTP2Connection) {
    (self.id, self.window, self.connection) = (id, window, connection)
  }

  private func setPriority() {
    priority = Priority(field: priorityField, default: (exchange?.objectClass ?? .other).urgency)
  }

  /// Whether it would send something of its body if it might.
  var isReady: Bool { hasNext && window > 0 }

  /// Whether the client does not take what there is.
  var isHeldUp: Bool { hasNext && window <= 0 }

  private var hasNext: Bool { rest > 0 && !isWaiting && head == nil }

  /// Bytes of a body that is small, in memory, and may go at once.
  var smallByteCount: Int? {
    guard let piece, rest == piece.readableBytes, rest <= min(window, Limits.turnByteCount) else {
      return nil
    }
    return piece.readableBytes
  }

  /// Whether the next bytes have yet to be read.
  var needsPiece: Bool { piece == nil && !holdsPiece }

  var isCutShort: Bool { source?.isCutShort ?? false }

  // MARK: ResponseWriter

  var sendsFiles: Bool { false }

  func write(_ response: Response, _ body: Body, of exchange: Exchange) {
    switch body {
    case .none: break
    case .bytes(let bytes):
      piece = bytes
      rest = Int64(bytes.readableBytes)
    case .stream(let stream):
      source = stream
      isOpenEnded = response.byteCount == nil
      rest = response.byteCount ?? .max
    }
    isResponseOver = rest == 0
    setPriority()
    connection.write(response, of: self)
  }

  func reset(_ exchange: Exchange) { connection.reset(self, .internalError) }

  // MARK: The request's body

  /// - Returns: whether the client may send as much (RFC 9113 §6.9).
  func take(_ data: ByteBuffer, _ flowByteCount: Int) -> Bool {
    receiveWindow -= flowByteCount
    receivedByteCount += Int64(data.readableBytes)
    if let upload {
      // Padding takes no memory.
      readByteCount += flowByteCount - data.readableBytes
      upload.append(data)
    } else {
      incoming?.body.writeImmutableBuffer(data)
    }
    return receiveWindow >= 0
  }

  /// Bytes that the client may send in the place of those that have been read, if they are worth a frame.
  func takeReadBytes(_ count: Int) -> Int? {
    readByteCount += count
    guard readByteCount >= Limits.uploadWindow / 4, !isRequestOver else { return nil }
    return widen(by: readByteCount)
  }

  /// Lets the client send more.
  func widen(by count: Int) -> Int {
    receiveWindow += count
    readByteCount = 0
    return count
  }

  /// While it is not the client who is waited for, time does not count.
  func allowForUpload(now: NIODeadline, limits: Limits) {
    guard let upload, !upload.isStarving, !upload.isOver else { return }
    deadline = max(deadline, now + limits.uploadTimeout)
  }

  var hasNoMoreThanAwaited: Bool { awaitedByteCount.map { receivedByteCount <= $0 } ?? true }

  /// "A request … is malformed if the value of a Content-Length header field does not equal the sum of the DATA frame
  /// payload lengths" (§8.1.1).
  var hasAllOfRequest: Bool { awaitedByteCount.map { receivedByteCount == $0 } ?? true }

  // MARK: The response's body

  /// The next bytes, if they can be had at once.
  ///
  /// - Parameter count: at most so many, and no more than the client takes.
  func next(upTo count: Int) -> Step {
    while true {
      if let taken = takePiece(upTo: min(count, window)) {
        rest -= Int64(taken.readableBytes)
        window -= taken.readableBytes
        isResponseOver = rest <= 0
        return .bytes(taken)
      }
      // No more than the client takes, so that what has been read can always leave.
      let wanted = min(Limits.pieceByteCount, window)
      switch source?.next(upTo: wanted) ?? .end {
      case .bytes(let bytes): piece = bytes
      case .region: preconditionFailure("a region for a framing that takes none")
      case .wait(let ready):
        holdsPiece = true
        wait(for: ready)
        return .wait
      case .later(let ready):
        wait(for: ready)
        return .wait
      case .end:
        guard isOpenEnded else { return .failed(EndedTooEarly()) }
        (rest, isResponseOver) = (0, true)
        return .bytes(ByteBuffer())
      }
    }
  }

  private func wait(for ready: EventLoopFuture<Void>) {
    isWaiting = true
    ready.assumeIsolated().whenComplete { [self] result in
      isWaiting = false
      connection.pieceCame(of: self, result)
    }
  }

  private func takePiece(upTo count: Int) -> ByteBuffer? {
    guard var bytes = piece, let taken = bytes.readSlice(length: min(count, bytes.readableBytes))
    else { return nil }
    piece = bytes.readableBytes > 0 ? bytes : nil
    if piece == nil { holdsPiece = false }
    return taken
  }

  /// Lets go of all that it holds.
  func end() {
    exchange?.end()
    exchange = nil
    incoming = nil
    upload?.cutOff()
    upload = nil
    source = nil
    (head, piece) = (nil, nil)
    rest = 0
    holdsPiece = false
  }
}
