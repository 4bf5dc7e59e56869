import NIOCore

/// The life of one connection as decisions: which request is answered next, whether the
/// connection goes on, and until when it may stay as it is. The clock is passed in.
///
/// One request is answered at a time, in the order of arrival (RFC 9112 §9.3.2).
struct ConnectionState {
  enum Action {
    case none
    /// Send the response to this request, then call `answered`.
    case answer(Request)
    /// Say that no more will be sent, and wait for the client to close.
    case closeOutput
    case close
  }

  private enum Phase {
    /// No request is under way; whether the first byte of one has arrived.
    case reading(headStarted: Bool)
    case answering
    /// All is said; what still arrives is thrown away. Closing with unread bytes would reset
    /// the connection and could destroy the last response on its way (RFC 9112 §9.6).
    case lingering
    case closed
  }

  private let limits: Limits
  private var phase = Phase.reading(headStarted: false)
  private var waiting = CircularBuffer<Request>(initialCapacity: 1)
  private var pace: ReaderPace?
  /// Bytes on their way when it was last looked at, and until when the pace asks for all of them.
  private var sending: (byteCount: Int, due: NIODeadline?) = (0, nil)
  private var isInputClosed = false
  private var isDraining = false
  /// Whether requests that arrive from now on will be answered.
  private(set) var acceptsRequests = true
  /// Why it came to its end; first reasons count.
  private(set) var ending: ConnectionEnding?
  /// When `expired` is due.
  private(set) var deadline: NIODeadline

  init(limits: Limits, now: NIODeadline) {
    self.limits = limits
    deadline = now + limits.headTimeout
    pace = limits.readerBytesPerSecond.map {
      ReaderPace(bytesPerSecond: $0, window: limits.readerWindow)
    }
  }

  /// Whether more should be read from the client. While a response is on its way and the next request waits already, it
  /// should not: the client's own window then bounds what it can pipeline.
  var mayRead: Bool {
    switch phase {
    case .reading, .lingering: true
    case .answering: acceptsRequests && waiting.isEmpty
    case .closed: false
    }
  }

  /// Whether a request is arriving, and no response under way.
  var isReading: Bool { if case .reading = phase { acceptsRequests } else { false } }

  /// Whether a response is under way, and nothing but the next request follows it.
  var awaitsOnlyAnswer: Bool { if case .answering = phase { mayRead } else { false } }

  /// Whether a request would be answered now, and the connection go on.
  var isIdle: Bool { isReading && !isDraining && !isInputClosed }

  /// A request has come, or one was waiting and nothing follows it, and its response has left.
  ///
  /// - Parameter byteCount: of a body that the system took at once, which makes up for slowness before.
  mutating func answeredAtOnce(_ byteCount: Int = 0, now: NIODeadline) {
    if byteCount > 0, pace != nil {
      _ = pace?.began(byteCount, now: now)
      pace?.ended(now: now)
    }
    phase = .reading(headStarted: false)
    deadline = now + limits.idleTimeout
  }

  /// A request has come whose response is yet to be had, or has not left at once.
  mutating func waits(now: NIODeadline) {
    phase = .answering
    deadline = now + limits.writeTimeout
  }

  /// Whether the connection goes on after the response to `request`.
  func persists(after request: Request) -> Bool {
    request.keepsAlive && !isDraining && (acceptsRequests || !waiting.isEmpty)
  }

  /// Bytes have come that are not yet a request.
  mutating func bytesArrived(now: NIODeadline) {
    guard case .reading(headStarted: false) = phase else { return }
    phase = .reading(headStarted: true)
    deadline = now + limits.headTimeout
  }

  /// A request has come, or something that is none and is refused.
  mutating func received(_ request: Request, now: NIODeadline) -> Action {
    guard acceptsRequests else { return .none }
    switch phase {
    case .reading:
      acceptsRequests = request.keepsAlive
      return answer(request, now: now)
    case .answering where waiting.count < limits.pipelinedRequestCount:
      acceptsRequests = request.keepsAlive
      waiting.append(request)
      return .none
    case .answering:
      // The client "MUST be prepared to … retry" what is not answered (RFC 9112 §9.3.2).
      acceptsRequests = false
      return .none
    case .lingering, .closed: return .none
    }
  }

  /// Bytes have come of the body of the request that is being answered, or it is that request's turn to be worked on.
  mutating func uploadProgressed(now: NIODeadline) {
    if case .answering = phase { deadline = now + limits.uploadTimeout }
  }

  /// The rest of a body will not be read: what follows is no request.
  mutating func leavesBodyUnread() { acceptsRequests = false }

  /// So many bytes of a response are on their way to a client that does not take them at once.
  mutating func began(_ byteCount: Int, now: NIODeadline) {
    sending = (byteCount, pace?.began(byteCount, now: now))
    allowWriteTime(from: now)
  }

  /// All of them but so many have left.
  mutating func sent(allBut byteCount: Int, now: NIODeadline) {
    guard sending.byteCount - byteCount >= limits.writeByteCount else { return }
    sending.byteCount = byteCount
    allowWriteTime(from: now)
  }

  private mutating func allowWriteTime(from now: NIODeadline) {
    deadline = now + limits.writeTimeout
    if let due = sending.due { deadline = min(deadline, due) }
  }

  /// They have left.
  mutating func progressed(now: NIODeadline) {
    sending = (0, nil)
    pace?.ended(now: now)
    deadline = now + limits.writeTimeout
  }

  /// The response under way has left.
  mutating func answered(now: NIODeadline) -> Action {
    guard case .answering = phase else { return .none }
    sending = (0, nil)
    pace?.ended(now: now)
    if !isDraining, let next = waiting.popFirst() { return answer(next, now: now) }
    if isInputClosed { return close(.client) }
    if acceptsRequests, !isDraining {
      phase = .reading(headStarted: false)
      deadline = now + limits.idleTimeout
      return .none
    }
    phase = .lingering
    ending = ending ?? (isDraining ? .draining : .finished)
    acceptsRequests = false
    deadline = now + limits.lingerTimeout
    return .closeOutput
  }

  /// The client has said that it will send no more.
  mutating func inputClosed() -> Action {
    isInputClosed = true
    acceptsRequests = false
    if case .answering = phase { return .none }
    return close(.client)
  }

  /// The origin is stopping: what is under way is finished, nothing else is begun.
  mutating func drain() -> Action {
    isDraining = true
    acceptsRequests = false
    if case .reading = phase { return close(.draining) }
    return .none
  }

  /// `deadline` has come.
  mutating func expired(now: NIODeadline) -> Action {
    guard now >= deadline else { return .none }
    switch phase {
    case .reading(headStarted: true):
      acceptsRequests = false
      ending = .slow
      return answer(Request(rejected: .headTooSlow), now: now)
    case .reading(headStarted: false): return close(.idle)
    case .answering, .lingering, .closed: return close(.slow)
    }
  }

  /// The connection is gone.
  mutating func closed() { _ = close(.client) }

  /// A response cannot be completed, or what came was not understood.
  mutating func failed() { ending = ending ?? .failed }

  private mutating func answer(_ request: Request, now: NIODeadline) -> Action {
    phase = .answering
    deadline = now + limits.writeTimeout
    return .answer(request)
  }

  private mutating func close(_ reason: ConnectionEnding) -> Action {
    if case .closed = phase { return .none }
    phase = .closed
    ending = ending ?? reason
    acceptsRequests = false
    waiting.removeAll()
    return .close
  }
}
