import NIOCore

/// How far a client of HTTP/2 has fallen behind with what it is offered: batches that are on their way to it, and what would
/// be if it opened its windows. The clock is passed in.
struct OfferPace {
  private var pace: ReaderPace
  /// When a client that is not too slow has taken what it is offered.
  private var deadline = NIODeadline.distantFuture

  init(_ pace: ReaderPace) { self.pace = pace }

  func isOver(at now: NIODeadline) -> Bool { now >= deadline }

  /// A batch goes.
  mutating func began(_ byteCount: Int, now: NIODeadline) {
    pace.ended(now: now)
    deadline = pace.began(byteCount, now: now)
  }

  /// The system has got rid of all batches.
  ///
  /// - Parameter isHeldUp: whether the client's windows keep the next from going.
  mutating func nothingLeft(isHeldUp: Bool, now: NIODeadline) {
    if !isHeldUp {
      pace.ended(now: now)
      deadline = .distantFuture
    } else if deadline == .distantFuture {
      deadline = pace.began(0, now: now)
    }
  }
}
