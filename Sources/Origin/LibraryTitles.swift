import FileIO
package import Library
import MediaCore
package import NIOCore
import OnTheFly
package import Presentation
import Synchronization

/// The titles of a library, each opened once and again when it has changed.
///
/// In a folder, every call looks. Where looking takes a request, a title is believed for
/// `Freshness.interval`, and while the store cannot be reached for as long as `Freshness.staleAge`.
package final class LibraryTitles: TitleSource {
  /// How long an answer of the library is believed.
  package struct Freshness: Hashable, Sendable {
    /// Before a title is looked at again.
    package var interval: TimeAmount
    /// Since it was last seen, while it cannot be looked at.
    package var staleAge: TimeAmount

    package static let folder = Freshness(interval: .zero, staleAge: .zero)
    package static let objectStore = Freshness(interval: .seconds(5), staleAge: .hours(1))

    package init(interval: TimeAmount, staleAge: TimeAmount) {
      self.interval = interval
      self.staleAge = staleAge
    }
  }

  private struct Opened {
    var stamp: FileStamp
    var title: ServedTitle
    /// When the library last said so.
    var seen: NIODeadline
    /// When it is to be asked again.
    var next: NIODeadline
  }

  private struct Known {
    var titles: [String: Opened] = [:]
    /// Versions of titles that are no longer here, by name; each costs one.
    var vanished = RecentList<String, Set<String>>()
    /// Names that are none, and when to ask again.
    var absent: [String: NIODeadline] = [:]
    var names: (list: [String], seen: NIODeadline, next: NIODeadline)?
    /// Of the titles that are files, together.
    var indexByteCount = 0
    /// Files and folders that are no titles, by the state in which they were not.
    var refused: [String: (stamp: FileStamp, why: UnservedTitle)] = [:]
  }

  private let store: TitleStore
  private let pathways: Pathways?
  private let freshness: Freshness
  private let clock: @Sendable () -> NIODeadline
  private let known = Mutex(Known())
  /// One look at a title at a time.
  private let looking = (0..<64).map { _ in LookingLock() }

  private final class LookingLock: Sendable { let lock = Mutex(()) }

  /// Titles kept open, at most: each of a folder holds a descriptor for every track.
  private static let maximumCount = 512
  private let limits: Limits
  private static let maximumAbsentCount = 10_000
  /// For which a title is believed whatever its media is like.
  private static let doubtInterval = TimeAmount.seconds(1)

  /// - Parameters:
  ///   - pathways: the edges that documents name; `nil`: they name none.
  ///   - limits: of memory.
  package init(
    _ store: TitleStore, pathways: Pathways? = nil, freshness: Freshness? = nil,
    limits: Limits = Limits(),
    clock: @escaping @Sendable () -> NIODeadline = { .now() }
  ) {
    self.store = store
    self.pathways = pathways
    self.limits = limits
    self.freshness = freshness ?? (store.tree.answersAtOnce ? .folder : .objectStore)
    self.clock = clock
  }

  package func titleNames() throws -> [String] {
    guard freshness.interval > .zero else { return try names() }
    let now = clock()
    let last = known.withLock { $0.names }
    if let last, now < last.next { return last.list }
    do {
      let names = try self.names()
      known.withLock { $0.names = (names, now, now + freshness.interval) }
      return names
    } catch let error as FileIOError {
      guard error.code == .unavailable, let last, now - last.seen < freshness.staleAge else {
        throw error
      }
      known.withLock { $0.names?.next = now + freshness.interval }
      return last.list
    }
  }

  /// Titles, and files that may be served as such.
  private func names() throws -> [String] {
    try store.names() + store.fileNames(where: FileTitle.isFileName)
  }

  package func title(named name: String) throws -> ServedTitle? {
    guard TitleStore.isName(name) || FileTitle.isFileName(name) else { return nil }
    if let answer = recall(name) { return answer.title }
    return try looking[Int(UInt(bitPattern: name.hashValue) % 64)].lock.withLock { _ in
      if let answer = recall(name) { return answer.title }
      return try look(name)
    }
  }

  package func vanishedVersions(of name: String) -> Set<String> {
    known.withLock { $0.vanished.use(name) ?? [] }
  }

  package func doubt(_ name: String) {
    guard freshness.interval > .zero else { return }
    known.withLock { known in
      guard var opened = known.titles[name] else { return }
      opened.next = min(opened.next, opened.seen + Self.doubtInterval)
      known.titles[name] = opened
    }
  }

  /// What is still believed of a name.
  private func recall(_ name: String) -> (title: ServedTitle?, Void)? {
    guard freshness.interval > .zero else { return nil }
    let now = clock()
    return known.withLock { known in
      if let opened = known.titles[name], now < opened.next { return (opened.title, ()) }
      if let next = known.absent[name], now < next { return (nil, ()) }
      return nil
    }
  }

  private func look(_ name: String) throws -> ServedTitle? {
    let last = known.withLock { $0.titles[name] }
    do {
      if FileTitle.isFileName(name), let title = try lookAtFile(name, last) { return title }
      // What is no episode is hardly ever one the next time: one question less.
      if let last, last.title.episode == nil, !store.tree.answersAtOnce,
        try store.stamp(of: name) == last.stamp
      {
        return believe(last, name).title
      }
      let folder = EpisodeFolder(in: store, name: name)
      if let stamp = try folder.stamp {
        if let last, last.stamp == stamp { return believe(last, name).title }
        return keep(ServedTitle(try folder.open()), stamp, name)
      }
      guard let stamp = try store.stamp(of: name) else { return forget(name) }
      if let last, last.stamp == stamp { return believe(last, name).title }
      if let refused = refusal(of: name, stamp) { throw refused }
      guard let stored = try open(name, stamp) else { return forget(name) }
      return keep(served(stored, as: name), stamp, name)
    } catch let error as FileIOError {
      let now = clock()
      guard error.code == .unavailable || error.code == .changed, var last,
        now - last.seen < freshness.staleAge
      else { throw error }
      last.next = now + freshness.interval
      known.withLock { $0.titles[name] = last }
      return last.title
    }
  }

  /// A file that is packaged when it is asked for; `nil` if there is none of that name.
  /// - Throws: `UnservedTitle` for one that is not packaged so.
  private func lookAtFile(_ name: String, _ last: Opened?) throws -> ServedTitle? {
    guard let stamp = try store.stamp(ofFile: name) else { return nil }
    if let last, last.stamp == stamp { return believe(last, name).title }
    if let refused = refusal(of: name, stamp) { throw refused }
    guard let file = try store.file(at: name) else { return nil }
    do {
      let title = try FileTitle(file, name: name)
      return keep(ServedTitle(documents(of: title.title, name), of: title), file.stamp, name)
    } catch let error as OnTheFlyError {
      throw refuse(name, file.stamp, because: error.message)
    }
  }

  /// A folder's title. What others packaged and is not as it should be is refused with the reason; what
  /// was packaged here is damaged then.
  private func open(_ name: String, _ stamp: FileStamp) throws -> StoredTitle? {
    do {
      return try store.open(name)
    } catch let error as LibraryError where error.code == .notATitle {
      throw refuse(name, stamp, because: error.message)
    }
  }

  private func refusal(of name: String, _ stamp: FileStamp) -> UnservedTitle? {
    known.withLock { $0.refused[name] }.flatMap { $0.stamp == stamp ? $0.why : nil }
  }

  /// Remembers why; viewers are not told where the library lies.
  private func refuse(_ name: String, _ stamp: FileStamp, because message: String) -> UnservedTitle
  {
    let reason = message.replacing("\(store.root)/", with: "")
    known.withLock {
      if $0.refused.count >= Limits.refusedFileCount { $0.refused = [:] }
      $0.refused[name] = (stamp, UnservedTitle(reason: reason, isNews: false))
    }
    return UnservedTitle(reason: reason, isNews: true)
  }

  private func believe(_ opened: Opened, _ name: String) -> Opened {
    guard freshness.interval > .zero else { return opened }
    var opened = opened
    opened.seen = clock()
    opened.next = opened.seen + freshness.interval
    known.withLock { [opened] in $0.titles[name] = opened }
    return opened
  }

  private func keep(_ title: ServedTitle, _ stamp: FileStamp, _ name: String) -> ServedTitle {
    let now = clock()
    return known.withLock {
      var title = title
      title.pathways = pathways
      if let old = $0.titles[name] { title.replaces(old.title) }
      if let old = $0.vanished.remove(name) { title.replaces(versions: old) }
      $0.indexByteCount += title.indexByteCount - ($0.titles[name]?.title.indexByteCount ?? 0)
      if $0.titles.count >= Self.maximumCount || $0.indexByteCount > limits.fileIndexByteCount {
        $0.titles = [:]
        $0.indexByteCount = title.indexByteCount
      }
      $0.titles[name] = Opened(
        stamp: stamp, title: title, seen: now, next: now + freshness.interval)
      $0.absent[name] = nil
      return title
    }
  }

  private func forget(_ name: String) -> ServedTitle? {
    let now = clock()
    known.withLock {
      if let old = $0.titles.removeValue(forKey: name)?.title {
        $0.indexByteCount -= old.indexByteCount
        let versions = old.formerVersions.union(old.versions)
        $0.vanished.insert(versions, for: name, cost: max(1, versions.count))
        while $0.vanished.cost > Limits.vanishedVersionCount { $0.vanished.removeOldest() }
      }
      guard freshness.interval > .zero else { return }
      if $0.absent.count >= Self.maximumAbsentCount { $0.absent = [:] }
      $0.absent[name] = now + freshness.interval
    }
    return nil
  }

  private func served(_ stored: StoredTitle, as name: String) -> ServedTitle {
    ServedTitle(
      documents(of: stored.title, name), of: stored.title, storage: stored.files,
      webVTTFiles: stored.webVTTFiles.mapValues {
        ServedFile(path: $0.path, byteCount: $0.byteCount, identity: $0.stamp)
      },
      images: ServedImages(stored.title, stored.images))
  }

  private func documents(of title: Title, _ name: String) -> TitleDocuments {
    var documents = TitleDocuments(title, addressing: .segments)
    documents.steering = pathways.map { Steering($0, title: name) }
    return documents
  }
}
