import FileIO
import NIOCore
import NIOPosix

/// The open track files of one event loop. A handle belongs to one loop only: two loops that
/// send from one handle at once get `EBUSY`.
final class OpenFiles {
  private let eventLoop: any EventLoop
  private let pool: NIOThreadPool
  private var handles: LeasedCache<ServedFile, NIOFileHandle>
  private var isClosed = false
  private var opening: [ServedFile: EventLoopFuture<NIOFileHandle>] = [:]

  init(eventLoop: any EventLoop, pool: NIOThreadPool, capacity: Int) {
    self.eventLoop = eventLoop
    self.pool = pool
    handles = LeasedCache(capacity: capacity)
  }

  struct NotTheIndexedFile: Error {}

  /// Borrows a file that is open already.
  func lease(_ file: ServedFile) -> NIOFileHandle? { handles.lease(file) }

  /// Opens a file on the thread pool and borrows it; calls back on this loop.
  func open(_ file: ServedFile, then body: @escaping (Result<NIOFileHandle, any Error>) -> Void) {
    let handle: EventLoopFuture<NIOFileHandle>
    if let underWay = opening[file] {
      handle = underWay
    } else {
      handle = openOnPool(file)
      opening[file] = handle
    }
    handle.assumeIsolated().whenComplete { result in
      self.opening[file] = nil
      switch result {
      case .success(let handle):
        if let there = self.handles.lease(file) { return body(.success(there)) }
        self.handles.insertLeased(handle, for: file)
        body(.success(handle))
      case .failure(let error): body(.failure(error))
      }
    }
  }

  func giveBack(_ file: ServedFile, now: NIODeadline) {
    close(handles.giveBack(file, at: now.uptimeNanoseconds))
    if isClosed { closeAll() }
  }

  func closeUnused(since time: NIODeadline) {
    close(handles.dropUnused(since: time.uptimeNanoseconds))
  }

  /// Closes all files: those in use when they are given back.
  func closeAll() {
    isClosed = true
    close(handles.dropUnused(since: .max))
  }

  /// The last close of a deleted file frees its blocks, which can take long.
  private func close(_ handles: [NIOFileHandle]) {
    guard !handles.isEmpty else { return }
    pool.submit { _ in for handle in handles { try? handle.close() } }
  }

  /// The file is opened first and its name looked at afterwards: if the name still belongs to
  /// the file that was indexed, that is the file that was opened.
  private func openOnPool(_ file: ServedFile) -> EventLoopFuture<NIOFileHandle> {
    let opened = pool.runIfActive(eventLoop: eventLoop) { try Self.open(file) }
    guard let identity = file.identity else { return opened }
    return opened.flatMap { [pool, eventLoop] handle in
      NonBlockingFileIO(threadPool: pool).lstat(path: file.path, eventLoop: eventLoop)
        .flatMapThrowing { status in
          guard FileStamp(status) == identity else { throw NotTheIndexedFile() }
          return handle
        }
        .flatMapErrorThrowing { error in
          try? handle.close()
          throw error
        }
    }
  }

  private static func open(_ file: ServedFile) throws -> NIOFileHandle {
    let handle = try NIOFileHandle(_deprecatedPath: file.path, mode: .read, flags: .default)
    do {
      guard try Int64(FileRegion(fileHandle: handle).endIndex) == file.byteCount else {
        throw NotTheIndexedFile()
      }
      return handle
    } catch {
      try? handle.close()
      throw error
    }
  }
}
