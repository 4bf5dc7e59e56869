import NIOCore

/// How far a client has fallen behind the slowest rate that it may take a response at. The clock is passed in.
///
///     var pace = ReaderPace(bytesPerSecond: 10_000, window: .seconds(20))
///     let deadline = pace.began(524_288, now: now)  // a piece is on its way, and must be gone by then
///     pace.ended(now: later)
///
/// Time in which nothing is on its way is not the client's and does not count; where the client itself keeps things from being
/// sent, that is a piece without bytes.
struct ReaderPace: Sendable {
  private let bytesPerSecond: Int
  private let window: TimeAmount
  /// What it has been slower than it may, in all; time in which it was faster is taken off.
  private var lag = TimeAmount.zero
  private var piece: (start: NIODeadline, time: TimeAmount)?

  /// - Parameters:
  ///   - bytesPerSecond: from 1.
  ///   - window: how far it may fall behind.
  init(bytesPerSecond: Int, window: TimeAmount) {
    self.bytesPerSecond = bytesPerSecond
    self.window = window
  }

  /// A piece has been handed to the system.
  ///
  /// - Returns: when a client that is not too slow has it all.
  mutating func began(_ byteCount: Int, now: NIODeadline) -> NIODeadline {
    let nanoseconds = Double(byteCount) / Double(bytesPerSecond) * 1e9
    let time = TimeAmount.nanoseconds(Int64(min(nanoseconds, 1e15)))
    piece = (now, time)
    return now + time + window - lag
  }

  /// The system has got rid of the piece.
  mutating func ended(now: NIODeadline) {
    guard let piece else { return }
    lag = max(.zero, lag + (now - piece.start) - piece.time)
    self.piece = nil
  }
}
