import Synchronization

/// The live titles of an origin, by their names. A live title goes before one of the library.
///
/// One that has ended and become a title at rest has its documents from the library, and its media here for as long
/// as a playlist of it may be followed.
package final class LiveTitles: Sendable {
  private struct State {
    var titles: [String: LiveTitle] = [:]
    /// Those of them whose documents are the library's.
    var atRest: Set<String> = []
    /// Versions of media that was here, by name.
    var gone: [String: Set<String>] = [:]
  }

  /// Who answers a request.
  enum Answer {
    case live(LiveTitle)
    /// Media of a live title that is no more.
    case gone
    case library
  }

  private let state = Mutex(State())

  package init() {}

  /// Begins to serve a title, in the place of a live one of the same name.
  package func begin(_ title: LiveTitle) {
    let old = state.withLock { state in
      defer { state.titles[title.name] = title }
      state.atRest.remove(title.name)
      state.gone[title.name] = nil
      return state.titles[title.name]
    }
    old?.end()
  }

  /// A title of this name stands in the library now: what names media is its.
  package func rest(_ name: String) {
    state.withLock { if $0.titles[name] != nil { $0.atRest.insert(name) } }
  }

  /// Ceases to serve a title; who waits for it is told so, and its media is gone.
  package func remove(_ name: String) {
    let old = state.withLock { state in
      state.atRest.remove(name)
      let old = state.titles.removeValue(forKey: name)
      state.gone[name] = old?.versions
      return old
    }
    old?.end()
  }

  package func title(named name: String) -> LiveTitle? { state.withLock { $0.titles[name] } }

  func answer(to route: Route, of name: String) -> Answer {
    state.withLock { state in
      guard let title = state.titles[name] else {
        let isGone = route.version.map { state.gone[name]?.contains($0) == true } ?? false
        return isGone ? .gone : .library
      }
      guard state.atRest.contains(name) else { return .live(title) }
      return route.version.map(title.versions.contains) == true ? .live(title) : .library
    }
  }

  var names: [String] { state.withLock { Array($0.titles.keys) } }
}
