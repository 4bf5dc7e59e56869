import NIOCore

/// Knows how late one event loop is, and asks `AdmissionControl` what that means, and what the queue means that a request
/// has to join. Belongs to the loop. While there are no requests nothing is watched.
final class AdmissionWatch {
  private let eventLoop: any EventLoop
  private let control: AdmissionControl
  private var isWatching = false
  /// Whether there were requests since the last look.
  private var isUsed = false
  /// How much later than it was due the last look was.
  private var lateness = TimeAmount.zero
  private(set) var refusedCount: UInt64 = 0

  init(longestWait: TimeAmount, eventLoop: any EventLoop) {
    self.eventLoop = eventLoop
    control = AdmissionControl(longestWait: longestWait)
  }

  /// - Parameter wait: for a thread; what needs none has the loop alone to wait for.
  func admits(_ kind: ObjectClass, after wait: TimeAmount = .zero) -> Bool {
    isUsed = true
    if !isWatching { watch() }
    if control.admits(kind, after: max(wait, lateness)) { return true }
    refusedCount += 1
    return false
  }

  private func watch() {
    isWatching = true
    isUsed = false
    let due = NIODeadline.now() + Limits.waitInterval
    eventLoop.assumeIsolated().scheduleTask(deadline: due) { self.look(due: due) }
  }

  private func look(due: NIODeadline) {
    lateness = .now() - due
    if isUsed { watch() } else { (isWatching, lateness) = (false, .zero) }
  }
}
