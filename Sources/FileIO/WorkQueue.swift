import NIOCore

/// What waits for one of some threads, and how long what comes now would wait. The clock is passed in.
///
///     var queue = WorkQueue(threadCount: 4)
///     queue.arrived(now: now)
///     queue.began()                           // in the order of arrival
///     queue.ended(after: .milliseconds(20))
///     queue.expectedWait(now: now)            // .zero: nothing waits
struct WorkQueue: Sendable {
  private let threadCount: Int
  private var arrivals = CircularBuffer<NIODeadline>()
  /// Nanoseconds that work took lately.
  private var meanTime = 0.0
  /// Of one piece of work in that mean.
  private static let weight = 1.0 / 16

  init(threadCount: Int) { self.threadCount = threadCount }

  mutating func arrived(now: NIODeadline) { arrivals.append(now) }

  mutating func began() { arrivals.removeFirst() }

  mutating func ended(after time: TimeAmount) {
    meanTime += (Double(time.nanoseconds) - meanTime) * Self.weight
  }

  /// As long as it takes to do what waits, by the time that work took lately; or, where work has come to a halt, as long
  /// as the first has waited.
  func expectedWait(now: NIODeadline) -> TimeAmount {
    guard let first = arrivals.first else { return .zero }
    let whole = meanTime * Double(arrivals.count) / Double(threadCount)
    return max(now - first, .nanoseconds(Int64(whole)))
  }
}
