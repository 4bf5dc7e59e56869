import FFmpeg
import Synchronization

/// Takes what comes out of one rung into its parts, one after another.
final class PartSequence: Sendable {
  private struct State {
    var left: ArraySlice<LadderPlan.Part>
    var sink: RungSink?
  }

  // Used by the rung's thread alone.
  private let state: Mutex<State>
  private let firstFailure = Mutex<(any Error)?>(nil)
  private let open: @Sendable (LadderPlan.Part) throws -> RungSink
  private let close: @Sendable (RungSink) throws -> Void

  /// - Parameters:
  ///   - parts: of one rung, in the order of time.
  ///   - close: called when a part is whole.
  init(
    _ parts: [LadderPlan.Part], open: @escaping @Sendable (LadderPlan.Part) throws -> RungSink,
    close: @escaping @Sendable (RungSink) throws -> Void
  ) throws {
    var left = parts[...]
    let sink = try left.popFirst().map(open)
    state = Mutex(State(left: left, sink: sink))
    self.open = open
    self.close = close
  }

  /// What has kept a part from being made.
  var failure: (any Error)? { firstFailure.withLock { $0 } }

  func take(_ output: RungOutput) { attempt { try $0.sink?.take(output) } }

  /// The encoder has given out all of a part.
  func endPart() {
    attempt { state in
      if let sink = state.sink { try close(sink) }
      state.sink = nil
      state.sink = try state.left.popFirst().map(open)
    }
  }

  /// Nothing is done after a failure.
  private func attempt(_ work: (inout State) throws -> Void) {
    guard failure == nil else { return }
    do {
      try state.withLock { try work(&$0) }
    } catch {
      firstFailure.withLock { $0 = error }
    }
  }
}
