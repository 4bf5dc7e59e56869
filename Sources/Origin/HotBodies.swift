import FileIO
import MediaCore
import NIOCore
import Synchronization

/// Parts of files that are asked for again and again, in memory, for all event loops and up to a number
/// of bytes: sending them reads nothing, in whichever framing they go.
///
///     if let bytes = hotBodies.bytes(of: file, range) { … } else { … read the file … }
///
/// A part is loaded at the second request among those for as many bytes as there is room for, so that what
/// is asked for once drives nothing out. Bytes that are here are right whatever has become of the file since:
/// they are of the file that was indexed.
final class HotBodies: Sendable {
  private struct Name: Hashable {
    var file: ServedFile
    var range: ByteRange
  }

  private struct State {
    var bodies: RecentlyUsed<Name, ByteBuffer>
    /// What was asked for lately and is not here; what has been asked for twice is being loaded.
    var wanted: RecentlyUsed<Name, Bool>
  }

  private let state: Mutex<State>
  private let threads: BlockingThreads
  /// A part with more bytes would drive out too many others.
  private let largestByteCount: Int64

  /// - Parameters:
  ///   - byteCount: of all parts together.
  ///   - threads: read the files.
  init(byteCount: Int, threads: BlockingThreads) {
    state = Mutex(
      State(
        bodies: RecentlyUsed(capacity: byteCount), wanted: RecentlyUsed(capacity: byteCount)))
    self.threads = threads
    largestByteCount = Int64(byteCount / 8)
  }

  var figures: CacheFigures {
    state.withLock {
      CacheFigures(
        hitCount: $0.bodies.hitCount, missCount: $0.bodies.missCount,
        entryCount: $0.bodies.count, byteCount: $0.bodies.cost)
    }
  }

  /// - Returns: `nil` if they are not here, and have to be read; they may be here the next time.
  func bytes(of file: ServedFile, _ range: ByteRange) -> ByteBuffer? {
    // Without knowing which file it was, what was loaded may be of another.
    guard range.count <= largestByteCount, file.identity != nil, file.object == nil else {
      return nil
    }
    let name = Name(file: file, range: range)
    let (found, isToLoad) = state.withLock { state -> (ByteBuffer?, Bool) in
      if let bytes = state.bodies.value(of: name) { return (bytes, false) }
      let isLoading = state.wanted.value(of: name)
      if isLoading != true {
        state.wanted.insert(isLoading != nil, for: name, cost: Int(range.count))
      }
      return (nil, isLoading == false)
    }
    if isToLoad { threads.submit { [self] in if $0 { load(name) } } }
    return found
  }

  private func load(_ name: Name) {
    let bytes = try? OpenFiles.open(name.file).read(
      at: name.range.offset, count: Int(name.range.count))
    state.withLock {
      $0.wanted.remove(name)
      if let bytes { $0.bodies.insert(bytes, for: name, cost: Int(name.range.count)) }
    }
  }
}
