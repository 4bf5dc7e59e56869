import NIOCore

/// Batches of frames that the system has not taken yet, and until when it may. The clock is passed in.
struct UnsentBatches {
  private let writeTimeout: TimeAmount
  private var pace: OfferPace?
  private(set) var count = 0
  private var deadline = NIODeadline.distantFuture
  /// When the system last took bytes of a body.
  private(set) var lastMoved = NIODeadline.uptimeNanoseconds(0)

  init(limits: Limits) {
    writeTimeout = limits.writeTimeout
    pace = limits.readerBytesPerSecond.map {
      OfferPace(ReaderPace(bytesPerSecond: $0, window: limits.readerWindow))
    }
  }

  /// Whether the client has had too long.
  func areOverdue(at now: NIODeadline) -> Bool {
    pace?.isOver(at: now) ?? false || now >= deadline
  }

  /// A batch goes.
  ///
  /// - Parameter byteCount: those of bodies.
  mutating func began(_ byteCount: Int, now: NIODeadline) {
    count += 1
    if count == 1 { deadline = now + writeTimeout }
    if byteCount > 0 { pace?.began(byteCount, now: now) }
  }

  /// The system has taken the oldest.
  mutating func ended(_ byteCount: Int, now: NIODeadline) {
    count -= 1
    if byteCount > 0 { lastMoved = now }
    deadline = count > 0 ? now + writeTimeout : .distantFuture
  }

  /// Nothing goes now.
  ///
  /// - Parameter isHeldUp: whether that is because the client's windows do not let it.
  mutating func offer(isHeldUp: @autoclosure () -> Bool, now: NIODeadline) {
    guard pace != nil, count == 0 else { return }
    pace?.nothingLeft(isHeldUp: isHeldUp(), now: now)
  }
}
