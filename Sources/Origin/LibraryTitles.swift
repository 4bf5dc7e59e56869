import FileIO
package import Library
package import Presentation
import Synchronization

/// The titles of a library folder, each opened once and again when it has changed.
package final class LibraryTitles: TitleSource {
  private struct Opened {
    var stamp: FileStamp
    var title: ServedTitle
  }

  private let store: TitleStore
  private let pathways: Pathways?
  private let opened = Mutex<[String: Opened]>([:])

  /// Titles kept open, at most: each holds a descriptor for every track.
  private static let maximumCount = 512

  /// - Parameter pathways: the edges that documents name; `nil`: they name none.
  package init(_ store: TitleStore, pathways: Pathways? = nil) {
    self.store = store
    self.pathways = pathways
  }

  package func titleNames() throws -> [String] { try store.names() }

  package func title(named name: String) throws -> ServedTitle? {
    if let episode = try episode(named: name) { return episode }
    guard let stamp = store.stamp(of: name) else {
      _ = opened.withLock { $0.removeValue(forKey: name) }
      return nil
    }
    if let known = opened.withLock({ $0[name] }), known.stamp == stamp { return known.title }
    guard let stored = try store.open(name) else { return nil }
    var documents = TitleDocuments(stored.title, addressing: .segments)
    documents.steering = pathways.map { Steering($0, title: name) }
    func served(_ file: ReadableFile) -> ServedFile {
      ServedFile(path: file.path, byteCount: file.byteCount, identity: file.stamp)
    }
    let title = ServedTitle(
      documents, of: stored.title, storage: stored.files,
      webVTTFiles: stored.webVTTFiles.mapValues(served),
      images: ServedImages(stored.title, stored.images))
    return remember(title, as: name, stamp)
  }

  private func remember(
    _ title: ServedTitle, as name: String, _ stamp: FileStamp
  ) -> ServedTitle {
    opened.withLock {
      var title = title
      title.pathways = pathways
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
