import Synchronization

/// Open connections of all sockets that accept them, whichever loop each belongs to.
final class ConnectionCount: Sendable {
  private struct State {
    var open = 0
    /// What goes on accepting.
    var waiting: [@Sendable () -> Void] = []
  }

  private let limit: Int
  private let state = Mutex(State())

  init(limit: Int) { self.limit = limit }

  func opened() { state.withLock { $0.open += 1 } }

  func closed() {
    let resumed = state.withLock { state in
      state.open -= 1
      guard state.open < limit else { return [@Sendable () -> Void]() }
      defer { state.waiting = [] }
      return state.waiting
    }
    for resume in resumed { resume() }
  }

  /// Whether another one may be accepted.
  ///
  /// - Parameter resume: called once, from any thread, as soon as that has become so.
  func hasRoom(orLater resume: @escaping @Sendable () -> Void) -> Bool {
    state.withLock { state in
      if state.open < limit { return true }
      state.waiting.append(resume)
      return false
    }
  }
}
