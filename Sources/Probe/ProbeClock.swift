package import NIOCore

/// Moments of one run: since its start by the monotonic clock, and what the wall clock was then.
package struct ProbeClock: Sendable {
  private let start: NIODeadline
  /// Of the start, since 1970, by the clock of this machine.
  package let startedAt: Duration

  /// - Parameter wallClock: now, since 1970.
  package init(wallClock: Duration) {
    start = .now()
    startedAt = wallClock
  }

  package var now: Duration { .nanoseconds((NIODeadline.now() - start).nanoseconds) }

  /// Of moments beyond any run, the last one.
  package func deadline(of moment: Duration) -> NIODeadline {
    start + .microseconds(min(moment, .seconds(2 * Limits.runSeconds)).inMicroseconds)
  }

  /// Since 1970, by the clock of this machine.
  package func wallTime(of moment: Duration) -> Duration { startedAt + moment }
}
