import Synchronization

/// Says where a title is served, once there is one: of a source that is refused nothing is said.
///
///     let notice = ServingNotice(awaitsTitle: true)
///     notice.add("Serving channel at …")  // listening
///     notice.titleBegan()  // says it
final class ServingNotice: Sendable {
  private let state: Mutex<(waiting: [String], hasTitle: Bool)>

  /// - Parameter awaitsTitle: `false`: a source that calls in, or is called again and again, is waited for with the address
  ///   known.
  init(awaitsTitle: Bool) { state = Mutex(([], !awaitsTitle)) }

  func add(_ line: String) {
    let isDue = state.withLock { state in
      if !state.hasTitle { state.waiting.append(line) }
      return state.hasTitle
    }
    if isDue { Terminal.say(line) }
  }

  func titleBegan() {
    let due = state.withLock { state in
      state.hasTitle = true
      defer { state.waiting = [] }
      return state.waiting
    }
    for line in due { Terminal.say(line) }
  }
}
