import FFmpeg
import Foundation
import MediaCore
import Packaging
import Synchronization

/// Several streams as one source: each is read on a thread of its own, and called again when it ends.
final class LiveStreams: LiveSource, Sendable {
  let name: String
  private let isStopped: @Sendable () -> Bool
  private let state: Mutex<State>
  /// Counts events that are there.
  private let arrived = DispatchSemaphore(value: 0)

  private struct State {
    var lanes: LiveLanes
    var events: [LiveEvent] = []
    var first = 0
    /// Readers that are at work.
    var count: Int
    /// By lane.
    var expectsPictures: [Bool]
  }

  /// Events that wait, at most: a reader that is ahead of the packager waits.
  private static let capacity = 20_000

  init(
    _ addresses: [LiveAddress], clock: @escaping @Sendable () -> Int64,
    isStopped: @escaping @Sendable () -> Bool
  ) {
    name = addresses.map(\.name).joined(separator: ", ")
    self.isStopped = isStopped
    state = Mutex(
      State(
        lanes: LiveLanes(count: addresses.count), count: addresses.count,
        expectsPictures: addresses.map { _ in true }))
    for (lane, address) in addresses.enumerated() {
      Thread { [self] in read(address, lane, clock) }.start()
    }
  }

  var expectsPictures: Bool { state.withLock { $0.expectsPictures.contains(true) } }

  /// The next event of any, which it waits for; `nil` when it is asked to stop, or all have ended.
  func next() -> LiveEvent? {
    while !isStopped() {
      _ = arrived.wait(timeout: .now() + 0.1)
      let (event, isOver) = state.withLock { state -> (LiveEvent?, Bool) in
        guard state.first < state.events.count else { return (nil, state.count == 0) }
        defer {
          state.first += 1
          if state.first == state.events.count {
            state.events.removeAll(keepingCapacity: true)
            state.first = 0
          }
        }
        return (state.events[state.first], false)
      }
      if let event { return event }
      if isOver { return nil }
    }
    return nil
  }

  private func read(_ address: LiveAddress, _ lane: Int, _ clock: @escaping @Sendable () -> Int64) {
    let input = LiveInput(address, clock: clock, isCancelled: isStopped)
    while !isStopped() {
      do {
        while let event = try input.next() { add(event, lane, input.expectsPictures) }
      } catch {
        if (error as? FFmpegError)?.code != .cancelled {
          Terminal.say(CommandFailure(error).message)
        }
      }
      guard address.comesBack, !isStopped() else { break }
      Thread.sleep(forTimeInterval: 1)
      input.reopen()
    }
    state.withLock { $0.count -= 1 }
    arrived.signal()
  }

  private func add(_ event: LiveEvent, _ lane: Int, _ expectsPictures: Bool) {
    while !isStopped(), state.withLock({ $0.events.count - $0.first >= Self.capacity }) {
      Thread.sleep(forTimeInterval: 0.01)
    }
    state.withLock { state in
      state.expectsPictures[lane] = expectsPictures
      if case .restart = event {
        state.lanes.restart(lane)
        // The pictures by which all is cut are the first source's.
        guard lane == 0 else { return }
      }
      if let told = state.lanes.take(event, from: lane) { state.events.append(told) }
    }
    arrived.signal()
  }
}
