import NIOCore

/// Called once, from any thread, when something has come that a loop waits for.
final class LiveWaker: Sendable {
  private let eventLoop: any EventLoop
  private let wakeUp: @Sendable () -> Void

  init(_ eventLoop: any EventLoop, _ wakeUp: @escaping @Sendable () -> Void) {
    (self.eventLoop, self.wakeUp) = (eventLoop, wakeUp)
  }

  func wake() { eventLoop.execute(wakeUp) }
}

/// Event loops that wait for the next news of one source.
struct LiveWakers {
  private var waiting: [ObjectIdentifier: LiveWaker] = [:]

  var count: Int { waiting.count }

  /// - Parameter found: what was found for whom `waker` stands; it waits for what is yet to come.
  mutating func add(_ waker: LiveWaker?, ifHeld found: LiveFound) {
    guard case .held = found, let waker else { return }
    waiting[ObjectIdentifier(waker)] = waker
  }

  /// Those that are to be told now. To be woken without a lock.
  mutating func take() -> [LiveWaker] {
    defer { waiting = [:] }
    return Array(waiting.values)
  }
}

/// What a key was found to be, for all those of one event loop who waited for it.
final class LiveAnswer {
  /// Never `.held`; `nil` if it did not come in time.
  let found: LiveFound?
  /// By the codings that clients take.
  private var ready: [String?: ReadyResponse] = [:]

  init(_ found: LiveFound?) { self.found = found }

  /// The response to a plain GET, if it has been made.
  func made(for request: Request) -> ReadyResponse? { ready[request.acceptEncoding] }

  /// The response to a plain GET, which is made once.
  func response(
    to request: Request, _ make: () throws(Rejection) -> ReadyResponse
  ) throws(Rejection) -> ReadyResponse {
    if let made = ready[request.acceptEncoding] { return made }
    let made = try make()
    ready[request.acceptEncoding] = made
    return made
  }
}

/// Requests of one event loop that wait for what is yet to come: those for the same thing are answered
/// together, and no timer counts for them but this one.
final class LiveHolds {
  private struct Waiter {
    var deadline: NIODeadline
    var resume: (LiveAnswer) -> Void
  }

  private struct Source {
    var source: any LiveSource
    var waker: LiveWaker
    var waiters: [LiveKey: [Waiter]] = [:]
  }

  private let eventLoop: any EventLoop
  private var held: [ObjectIdentifier: Source] = [:]
  private(set) var count = 0
  private let limits: Limits

  init(eventLoop: any EventLoop, limits: Limits) {
    (self.eventLoop, self.limits) = (eventLoop, limits)
  }

  /// Finds what a key stands for, now or when it has come.
  ///
  /// - Parameter resume: gets what has become of it.
  func find(
    _ key: LiveKey, of source: any LiveSource, now: NIODeadline,
    _ resume: @escaping (LiveAnswer) -> Void
  ) {
    let id = ObjectIdentifier(source)
    let waker = held[id]?.waker ?? makeWaker(id)
    let found = source.find(key, waker: waker)
    guard case .held = found else { return resume(LiveAnswer(found)) }
    guard count < limits.heldRequestCount else { return resume(LiveAnswer(nil)) }
    count += 1
    held[id, default: Source(source: source, waker: waker)].waiters[key, default: []].append(
      Waiter(deadline: now + holdTime(source), resume: resume))
  }

  /// The connection must not have given the response up before (`Limits.writeTimeout`).
  private func holdTime(_ source: any LiveSource) -> TimeAmount {
    min(source.holdTime, limits.writeTimeout - 2 * limits.sweepInterval)
  }

  private func makeWaker(_ id: ObjectIdentifier) -> LiveWaker {
    let bound = NIOLoopBound(self, eventLoop: eventLoop)
    return LiveWaker(eventLoop) { bound.value.wake(id) }
  }

  private func wake(_ id: ObjectIdentifier) {
    guard let (source, waker) = held[id].map({ ($0.source, $0.waker) }) else { return }
    for key in held[id].map({ Array($0.waiters.keys) }) ?? [] {
      let found = source.find(key, waker: waker)
      if case .held = found { continue }
      release(held[id]?.waiters.removeValue(forKey: key) ?? [], with: found)
    }
    forgetIfEmpty(id)
  }

  private func forgetIfEmpty(_ id: ObjectIdentifier) {
    if held[id]?.waiters.isEmpty == true { held[id] = nil }
  }

  private func release(_ waiters: [Waiter], with found: LiveFound?) {
    count -= waiters.count
    let answer = LiveAnswer(found)
    for waiter in waiters { waiter.resume(answer) }
  }

  /// Called at every sweep.
  func expire(now: NIODeadline) {
    guard count > 0 else { return }
    for (id, source) in held {
      for (key, waiters) in source.waiters where waiters.contains(where: { now >= $0.deadline }) {
        held[id]?.waiters[key] = nil
        let kept = waiters.filter { now < $0.deadline }
        if !kept.isEmpty { held[id]?.waiters[key] = kept }
        release(waiters.filter { now >= $0.deadline }, with: nil)
      }
      forgetIfEmpty(id)
    }
  }

  /// Nobody is held any longer.
  func releaseAll() {
    let all = held.values.flatMap { $0.waiters.values.joined() }
    held = [:]
    release(all, with: nil)
  }
}
