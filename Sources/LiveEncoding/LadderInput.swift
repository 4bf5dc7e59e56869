import Dispatch
package import FFmpeg
package import MediaCore
import Synchronization

/// A live source whose pictures are decoded once and encoded as a ladder: samples of all rungs, and the sound as the source
/// has it. Times are since 1970.
///
///     let input = LadderInput(options, clock: { now }, isCancelled: { false }, choose: { try plan($0) }, say: { … })
///     while let event = try input.next() { … }
///
/// Reading and decoding have a thread of their own, as each rung has.
package final class LadderInput: LiveSource, Sendable {
  package struct Options: Sendable {
    package var address: LiveAddress
    package var loops = false
    /// When the first picture is presented, nanoseconds since 1970; `nil`: when it comes in, and of a file once it is
    /// known that it can be encoded, at a segment's begin.
    package var epoch: Int64?
    /// Takes a ladder that the machine cannot hold.
    package var isForced = false

    package init(_ address: LiveAddress) { self.address = address }
  }

  private struct State {
    var events: [LiveEvent] = []
    var first = 0
    var isStarted = false
    var isOver = false
    var failure: (any Error)?
    var plan: LiveLadder?
  }

  package var name: String { options.address.name }
  /// What is encoded; known before the first sample of it comes.
  package var plan: LiveLadder? { state.withLock { $0.plan } }
  /// Without pictures nothing is encoded, which is an error.
  package var expectsPictures: Bool { true }
  private let options: Options
  private let clock: @Sendable () -> Int64
  private let isCancelled: @Sendable () -> Bool
  private let choose: @Sendable (PictureStudy) throws -> LiveLadder
  private let say: @Sendable (String) -> Void
  private let state = Mutex(State())
  /// Counts events that are there.
  private let arrived = DispatchSemaphore(value: 0)
  private let taken = DispatchSemaphore(value: 0)

  /// Events that wait, at most: a file that is read faster than it is played waits.
  private static let capacity = 400
  /// Seconds until a source that ended is called again.
  private static let pause = 1.0

  /// - Parameters:
  ///   - clock: nanoseconds since 1970.
  ///   - isCancelled: asked while there is nothing to read.
  ///   - choose: decides what is encoded, by the first pictures.
  ///   - say: takes what has to be said on the way, a sentence each.
  package init(
    _ options: Options, clock: @escaping @Sendable () -> Int64,
    isCancelled: @escaping @Sendable () -> Bool,
    choose: @escaping @Sendable (PictureStudy) throws -> LiveLadder,
    say: @escaping @Sendable (String) -> Void
  ) {
    self.options = options
    self.clock = clock
    self.isCancelled = isCancelled
    self.choose = choose
    self.say = say
  }

  /// What there is to be had.
  package enum Arrival: Sendable {
    case event(LiveEvent)
    /// Nothing yet.
    case nothing
    /// Nothing follows.
    case over
  }

  /// The next event, which it waits for; `nil` at the end, or when it is asked to stop.
  /// - Throws: `LiveEncodingError` for a ladder that the machine cannot hold, and whatever stopped the source or an encoder.
  package func next() throws -> LiveEvent? {
    while true {
      switch try next(within: 0.1) {
      case .event(let event): return event
      case .nothing: continue
      case .over: return nil
      }
    }
  }

  /// The next event, if it comes soon.
  /// - Parameter seconds: that it waits at most.
  /// - Throws: as `next()`.
  package func next(within seconds: Double) throws -> Arrival {
    start()
    guard !isCancelled() else { return .over }
    _ = arrived.wait(timeout: .now() + max(0, seconds))
    let (event, isOver, failure) = state.withLock { state -> (LiveEvent?, Bool, (any Error)?) in
      guard state.first < state.events.count else { return (nil, state.isOver, state.failure) }
      defer {
        state.first += 1
        if state.first == state.events.count {
          state.events.removeAll(keepingCapacity: true)
          state.first = 0
        }
      }
      return (state.events[state.first], false, nil)
    }
    if let event {
      taken.signal()
      return .event(event)
    }
    guard isOver else { return .nothing }
    if let failure { throw failure }
    return .over
  }

  private func start() {
    let isFirst = state.withLock { state in
      defer { state.isStarted = true }
      return !state.isStarted
    }
    guard isFirst else { return }
    DispatchQueue(label: "dougong.ladder").async { [self] in
      let reader = LadderFeed(
        options, clock: clock, isCancelled: isCancelled, choose: choose, say: say,
        begin: { [self] plan in state.withLock { $0.plan = plan } },
        emit: { [self] in add($0) }, wait: { [self] in waitForRoom() })
      var failure: (any Error)?
      do {
        try reader.run(pause: Self.pause)
      } catch {
        failure = error
      }
      state.withLock { state in
        state.failure = failure
        state.isOver = true
      }
      arrived.signal()
    }
  }

  private func add(_ event: LiveEvent) {
    state.withLock { $0.events.append(event) }
    arrived.signal()
  }

  /// Lets the reader wait while events enough are there.
  private func waitForRoom() {
    while !isCancelled(), state.withLock({ $0.events.count - $0.first >= Self.capacity }) {
      _ = taken.wait(timeout: .now() + 0.05)
    }
  }
}
