import FileIO
package import Library
import Presentation
import Synchronization

/// The titles of a library folder, each opened once and again when it has changed.
package final class LibraryTitles: TitleSource {
  private struct Opened {
    var stamp: FileStamp
    var title: ServedTitle
  }

  private let store: TitleStore
  private let opened = Mutex<[String: Opened]>([:])

  /// Titles kept open, at most: each holds a descriptor for every track.
  private static let maximumCount = 512

  package init(_ store: TitleStore) { self.store = store }

  package func titleNames() throws -> [String] { try store.names() }

  package func title(named name: String) throws -> ServedTitle? {
    if let episode = try episode(named: name) { return episode }
    guard let stamp = store.stamp(of: name) else {
      _ = opened.withLock { $0.removeValue(forKey: name) }
      return nil
    }
    if let known = opened.withLock({ $0[name] }), known.stamp == stamp { return known.title }
    guard let stored = try store.open(name) else { return nil }
    func served(_ file: ReadableFile) -> ServedFile {
      ServedFile(path: file.path, byteCount: file.byteCount, identity: file.stamp)
    }
    let title = ServedTitle(
      TitleDocuments(stored.title, addressing: .segments), of: stored.title, storage: stored.files,
      webVTTFiles: stored.webVTTFiles.mapValues(served),
      images: ServedImages(stored.title, stored.images))
    return remember(title, as: name, stamp)
  }

  private func remember(
    _ title: ServedTitle, as name: String, _ stamp: FileStamp
  ) -> ServedTitle {
    opened.withLock {
      var title = title
      if let old = $0[name] { title.replaces(old.title) }
      if $0.count >= Self.maximumCount { $0 = [:] }
      $0[name] = Opened(stamp: stamp, title: title)
      return title
    }
  }

  private func episode(named name: String) throws -> ServedTitle? {
    guard TitleStore.isName(name) else { return nil }
    let folder = EpisodeFolder(root: store.root, name: name)
    guard let stamp = folder.stamp else { return nil }
    if let known = opened.withLock({ $0[name] }), known.stamp == stamp { return known.title }
    return remember(ServedTitle(try folder.open()), as: name, stamp)
  }
}
