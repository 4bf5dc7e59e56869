import NIOCore
import NIOPosix

/// Watches how long work waits for one event loop and for the thread pool, and asks `AdmissionControl` what that means.
/// Belongs to the loop. While there are no requests nothing is watched.
final class AdmissionWatch {
  private let eventLoop: any EventLoop
  private let pool: NIOThreadPool
  private var control: AdmissionControl
  private var isWatching = false
  /// Whether there were requests since the last look.
  private var isUsed = false
  /// When the probe that waits for a thread was sent; `nil`: none does.
  private var probeStart: NIODeadline?
  /// Of the last one that came back.
  private var poolWait = TimeAmount.zero
  private(set) var refusedCount: UInt64 = 0

  init(longestWait: TimeAmount, eventLoop: any EventLoop, pool: NIOThreadPool) {
    self.eventLoop = eventLoop
    self.pool = pool
    control = AdmissionControl(longestWait: longestWait, now: .now())
  }

  /// See `AdmissionControl`.
  var pressure: Double { control.pressure }

  func admits(_ kind: ObjectClass) -> Bool {
    isUsed = true
    if !isWatching { watch() }
    if control.admits(kind) { return true }
    refusedCount += 1
    return false
  }

  private func watch() {
    isWatching = true
    isUsed = false
    if probeStart == nil { sendProbe() }
    let due = NIODeadline.now() + Limits.waitInterval
    eventLoop.assumeIsolated().scheduleTask(deadline: due) { self.look(due: due) }
  }

  private func look(due: NIODeadline) {
    let now = NIODeadline.now()
    let waiting = probeStart.map { now - $0 } ?? .zero
    control.observe(wait: max(now - due, poolWait, waiting), now: now)
    if isUsed || control.pressure > 0 { watch() } else { isWatching = false }
  }

  /// The pool works in the order of arrival: what has nothing to do waits like all else.
  private func sendProbe() {
    let start = NIODeadline.now()
    probeStart = start
    pool.runIfActive(eventLoop: eventLoop) { NIODeadline.now() }
      .assumeIsolated().whenComplete { result in
        self.probeStart = nil
        self.poolWait = (try? result.get()).map { $0 - start } ?? .zero
      }
  }
}
