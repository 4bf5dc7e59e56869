import FileIO
import MediaCore
import NIOCore
import NIOPosix

/// A file that one event loop has open: read on a thread, or sent by the system itself.
final class OpenFile {
  let served: ServedFile
  let readable: ReadableFile
  /// Made when it is first needed: two loops that send from one handle at once get `EBUSY`.
  private var handle: NIOFileHandle?

  fileprivate init(_ served: ServedFile, _ readable: ReadableFile) {
    self.served = served
    self.readable = readable
  }

  var isCutShort: Bool { readable.isCutShort }

  func region(at offset: Int64, count: Int) throws -> FileRegion {
    let handle =
      try handle
      ?? NIOFileHandle(
        _deprecatedTakingOwnershipOfDescriptor: readable.duplicateDescriptor())
    self.handle = handle
    return FileRegion(
      fileHandle: handle, readerIndex: Int(offset), endIndex: Int(offset) + count)
  }

  /// What is to be closed on another thread.
  fileprivate func takeParts() -> (ReadableFile, NIOFileHandle?) {
    defer { handle = nil }
    return (readable, handle)
  }
}

/// The open track files of one event loop.
final class OpenFiles {
  private let eventLoop: any EventLoop
  private let threads: BlockingThreads
  private var files: LeasedCache<ServedFile, OpenFile>
  private var isClosed = false
  private var hitCount: UInt64 = 0
  private var missCount: UInt64 = 0
  private var opening: [ServedFile: EventLoopFuture<ReadableFile>] = [:]

  init(eventLoop: any EventLoop, threads: BlockingThreads, capacity: Int) {
    self.eventLoop = eventLoop
    self.threads = threads
    files = LeasedCache(capacity: capacity)
  }

  struct NotTheIndexedFile: Error {}

  /// Borrows a file that is open already.
  func lease(_ file: ServedFile) -> OpenFile? {
    let found = files.lease(file)
    if found == nil { missCount += 1 } else { hitCount += 1 }
    return found
  }

  var figures: CacheFigures {
    CacheFigures(hitCount: hitCount, missCount: missCount, entryCount: files.count)
  }

  /// Opens a file on a thread and borrows it; calls back on this loop.
  func open(_ file: ServedFile, then body: @escaping (Result<OpenFile, any Error>) -> Void) {
    let opened: EventLoopFuture<ReadableFile>
    if let underWay = opening[file] {
      opened = underWay
    } else {
      opened = threads.run(on: eventLoop) { try Self.open(file) }
      opening[file] = opened
    }
    opened.assumeIsolated().whenComplete { result in
      self.opening[file] = nil
      switch result {
      case .success(let readable):
        if let there = self.files.lease(file) { return body(.success(there)) }
        let open = OpenFile(file, readable)
        self.files.insertLeased(open, for: file)
        body(.success(open))
      case .failure(let error): body(.failure(error))
      }
    }
  }

  func giveBack(_ file: OpenFile, now: NIODeadline) {
    close(files.giveBack(file.served, at: now.uptimeNanoseconds))
    if isClosed { closeAll() }
  }

  /// Reads on a thread.
  func read(_ file: OpenFile, at offset: Int64, count: Int) -> EventLoopFuture<ByteBuffer> {
    threads.run(on: eventLoop) { [readable = file.readable] in
      try readable.read(at: offset, count: count)
    }
  }

  /// Reads several runs, with what stands between them, on a thread.
  func read(_ file: OpenFile, _ parts: [GatheredPart]) -> EventLoopFuture<ByteBuffer> {
    threads.run(on: eventLoop) { [readable = file.readable] in
      var all = ByteBuffer()
      all.reserveCapacity(parts.reduce(0) { $0 + Int($1.byteCount) })
      for part in parts {
        switch part {
        case .bytes(let bytes): all.writeImmutableBuffer(bytes)
        case .file(let range):
          try readable.read(at: range.offset, count: Int(range.count), appendingTo: &all)
        }
      }
      return all
    }
  }

  func closeUnused(since time: NIODeadline) {
    close(files.dropUnused(since: time.uptimeNanoseconds))
  }

  /// Closes all files: those in use when they are given back.
  func closeAll() {
    isClosed = true
    close(files.dropUnused(since: .max))
  }

  /// The last close of a deleted file frees its blocks, which can take long.
  private func close(_ files: [OpenFile]) {
    guard !files.isEmpty else { return }
    let parts = files.map { $0.takeParts() }
    threads.submit { _ in for (_, handle) in parts { try? handle?.close() } }
  }

  static func open(_ file: ServedFile) throws -> ReadableFile {
    let readable = try ReadableFile(path: file.path)
    guard readable.byteCount == file.byteCount,
      file.identity == nil || file.identity == readable.stamp
    else { throw NotTheIndexedFile() }
    return readable
  }
}
