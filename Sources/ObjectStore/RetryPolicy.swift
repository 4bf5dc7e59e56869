/// When a request that failed is made again: waits double, with up to half of each drawn at random
/// so that many origins do not come back at once, until the attempts or the time are used up.
package struct RetryPolicy: Hashable, Sendable {
  /// In all.
  package var attemptCount = 4
  /// Milliseconds before the second attempt.
  package var firstWait = 100
  /// Milliseconds between two attempts, at most.
  package var longestWait = 2_000
  /// Milliseconds from the first attempt's beginning to the last one's.
  package var patience = 10_000

  package init() {}

  /// Milliseconds to wait after `failures` attempts, the first of which began `elapsed` milliseconds
  /// ago; `nil`: give up.
  ///
  /// - Parameters:
  ///   - asked: milliseconds that the server asked for (`Retry-After`).
  ///   - chance: 0 … 1.
  func wait(afterFailures failures: Int, elapsed: Int, asked: Int?, chance: Double) -> Int? {
    guard failures < attemptCount else { return nil }
    let doubled = min(longestWait, firstWait << min(failures - 1, 16))
    let wait = max(Int(Double(doubled) * (1 - chance / 2)), min(asked ?? 0, longestWait))
    return elapsed + wait <= patience ? wait : nil
  }

  /// Whether an answer says that the same request may succeed later.
  static func isPassing(status: Int) -> Bool { [408, 429, 500, 502, 503, 504].contains(status) }
}

/// Whether a store is asked at all: after failures in a row that were nobody's fault but its own, it is
/// left alone for a while, and then one request tries.
struct StoreHealth: Hashable, Sendable {
  /// Failures in a row.
  static let patience = 3
  /// Milliseconds.
  static let pause: Int64 = 2_000

  private var failures = 0
  private var nextTrial: Int64 = 0

  /// - Parameter now: milliseconds of any clock that does not go back.
  mutating func mayAsk(now: Int64) -> Bool {
    guard failures >= Self.patience else { return true }
    guard now >= nextTrial else { return false }
    nextTrial = now + Self.pause
    return true
  }

  mutating func answered() { failures = 0 }

  mutating func failed(now: Int64) {
    failures += 1
    if failures >= Self.patience { nextTrial = now + Self.pause }
  }
}
