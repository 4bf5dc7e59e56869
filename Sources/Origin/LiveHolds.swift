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
  /// What was last sent, and to whom: most of those who wait ask alike.
  private var last: (asked: LiveRequest, message: (head: ByteBuffer, body: BodyAtHand))?

  init(_ found: LiveFound?) { self.found = found }

  /// Head and body of the response, if that has been made, for clients of HTTP/1.1 whose connections go on.
  ///
  /// - Parameters:
  ///   - date: as in HTTP; that of the first one is good for all, who are answered together.
  ///   - byteCount: up to which a body goes in the same buffer as its head.
  func message(
    for asked: LiveRequest, date: @autoclosure () -> String, inlineUpTo byteCount: Int
  ) -> (head: ByteBuffer, body: BodyAtHand)? {
    if let last, last.asked === asked { return last.message }
    guard let ready = ready[asked.request.acceptEncoding],
      case .bytes(let body) = ready.response.body
    else { return nil }
    let message = ready.message(date: date(), body: body, inlineUpTo: byteCount)
    last = (asked, message)
    return message
  }

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
  private enum Waiter {
    /// What is known already needs no closure of its own.
    case connection(HTTP1Connection, LiveRequest)
    case other((LiveAnswer) -> Void)

    func resume(_ answer: LiveAnswer) {
      switch self {
      case .connection(let connection, let asked): connection.came(answer, for: asked)
      case .other(let resume): resume(answer)
      }
    }
  }

  private struct Hold {
    var deadline: NIODeadline
    var waiter: Waiter
  }

  private struct Source {
    var source: any LiveSource
    var waker: LiveWaker
    /// None is empty. What is here was yet to come when the source was last asked, and the source tells `waker` of
    /// all that has come since.
    var holds: [LiveKey: [Hold]] = [:]
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
    find(key, of: source, now: now, for: .other(resume))
  }

  /// The same for a request on a connection that goes on; `HTTP1Connection.came` gets the answer.
  func find(
    _ asked: LiveRequest, of title: LiveTitle, now: NIODeadline, for connection: HTTP1Connection
  ) {
    find(asked.key, of: title, now: now, for: .connection(connection, asked))
  }

  private func find(
    _ key: LiveKey, of source: any LiveSource, now: NIODeadline, for waiter: Waiter
  ) {
    let id = ObjectIdentifier(source)
    let hold = Hold(deadline: now + holdTime(source), waiter: waiter)
    let hasRoom = count < limits.heldRequestCount
    // Where others wait for the same, the source is not asked again.
    if hasRoom, held[id]?.holds[key]?.append(hold) != nil {
      count += 1
      return
    }
    let waker = held[id]?.waker ?? makeWaker(id)
    let found = source.find(key, waker: waker)
    guard case .held = found else { return waiter.resume(LiveAnswer(found)) }
    guard hasRoom else { return waiter.resume(LiveAnswer(nil)) }
    count += 1
    held[id, default: Source(source: source, waker: waker)].holds[key] = [hold]
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
    for key in held[id].map({ Array($0.holds.keys) }) ?? [] {
      let found = source.find(key, waker: waker)
      if case .held = found { continue }
      release(held[id]?.holds.removeValue(forKey: key) ?? [], with: found)
    }
    forgetIfEmpty(id)
  }

  private func forgetIfEmpty(_ id: ObjectIdentifier) {
    if held[id]?.holds.isEmpty == true { held[id] = nil }
  }

  private func release(_ holds: [Hold], with found: LiveFound?) {
    count -= holds.count
    let answer = LiveAnswer(found)
    for hold in holds { hold.waiter.resume(answer) }
  }

  /// Called at every sweep.
  func expire(now: NIODeadline) {
    guard count > 0 else { return }
    // Those who are let go may ask for the next thing at once: not before all is counted.
    var due: [Hold] = []
    for (id, source) in held {
      for (key, holds) in source.holds where holds.contains(where: { now >= $0.deadline }) {
        let kept = holds.filter { now < $0.deadline }
        held[id]?.holds[key] = kept.isEmpty ? nil : kept
        due += holds.filter { now >= $0.deadline }
      }
      forgetIfEmpty(id)
    }
    release(due, with: nil)
  }

  /// Nobody is held any longer.
  func releaseAll() {
    let all = held.values.flatMap { $0.holds.values.joined() }
    held = [:]
    release(all, with: nil)
  }
}
