import Synchronization

/// The live titles of an origin, by their names. A live title goes before one of the library.
package final class LiveTitles: Sendable {
  private let titles = Mutex<[String: LiveTitle]>([:])

  package init() {}

  /// Begins to serve a title, in the place of a live one of the same name.
  package func begin(_ title: LiveTitle) {
    let old = titles.withLock { titles in
      defer { titles[title.name] = title }
      return titles[title.name]
    }
    old?.end()
  }

  /// Ceases to serve a title; who waits for it is told so.
  package func remove(_ name: String) {
    titles.withLock { $0.removeValue(forKey: name) }?.end()
  }

  package func title(named name: String) -> LiveTitle? { titles.withLock { $0[name] } }

  var names: [String] { titles.withLock { Array($0.keys) } }
}
