package import FileIO
import MediaCore
package import NIOCore
import NIOPosix
import Synchronization

/// Bytes of objects, fetched block by block, each block once however many ask for it, and kept in memory
/// and in a `BlockCache`.
///
///     blocks.read(object, at: 0, upTo: 262_144, within: 0..<4_000_000) { result in … }
package final class ObjectBlocks: Sendable {
  package typealias Completion = @Sendable (Result<ByteBuffer, FileIOError>) -> Void

  private struct Waiter {
    var range: Range<Int>
    var completion: Completion
  }

  private struct State {
    var blocks = RecentList<BlockName, ByteBuffer>()
    var fetching: [BlockName: [Waiter]] = [:]
  }

  private let client: ObjectClient
  private let cache: BlockCache?
  private let memoryByteCount: Int
  private let state = Mutex(State())
  private let fetchers: BlockingThreads
  private let readers: NIOThreadPool

  /// Blocks that are fetched by one request, at most: how far is read ahead of what was asked for.
  package static let runCount: Int64 = 8
  /// Blocks that are being fetched, or wait for it, at most.
  package static let fetchingCount = 4096
  /// Requests for blocks at once.
  package static let fetcherCount = 32
  private static let readerCount = 4

  /// - Parameters:
  ///   - cache: `nil` keeps blocks in memory alone.
  ///   - memoryByteCount: bytes of blocks in memory.
  package init(_ client: ObjectClient, cache: BlockCache?, memoryByteCount: Int) {
    self.client = client
    self.cache = cache
    self.memoryByteCount = memoryByteCount
    fetchers = BlockingThreads(count: Self.fetcherCount)
    readers = NIOThreadPool(numberOfThreads: Self.readerCount)
    readers.start()
  }

  /// Ends the threads; what is asked for later fails.
  package func close() {
    fetchers.shutdown()
    readers.shutdownGracefully { _ in }
  }

  /// How long what is not here would wait until it is asked for.
  package var expectedWait: TimeAmount { fetchers.expectedWait }

  /// Reads what of `upTo` bytes from `offset` lies in one block: at least one byte.
  ///
  /// Never blocks.
  ///
  /// - Parameters:
  ///   - range: what will be asked for next, so that it can be fetched by the same request.
  ///   - completion: called at once or on another thread.
  package func read(
    _ object: ObjectSummary, at offset: Int64, upTo count: Int, within range: Range<Int64>,
    completion: @escaping Completion
  ) {
    guard offset >= 0, count > 0, offset < object.byteCount else {
      return completion(.failure(Self.outside(object)))
    }
    let size = Int64(BlockCache.blockByteCount)
    let index = offset / size
    let name = BlockName(key: object.key, entityTag: object.entityTag, index: index)
    let length = Int(min(size, object.byteCount - index * size))
    let start = Int(offset - index * size)
    let wanted = start..<min(length, start + count)
    enum Way {
      case here(ByteBuffer)
      case waiting, onDisk, full
      case fetch(Range<Int64>)
    }
    let identity = name.identity(bucket: client.bucket)
    let isOnDisk = cache?.contains(identity) ?? false
    let way = state.withLock { state -> Way in
      if let block = state.blocks.use(name) { return .here(block) }
      if state.fetching[name] != nil {
        state.fetching[name]?.append(Waiter(range: wanted, completion: completion))
        return .waiting
      }
      if isOnDisk { return .onDisk }
      guard state.fetching.count < Self.fetchingCount else { return .full }
      state.fetching[name] = [Waiter(range: wanted, completion: completion)]
      return .fetch(run(from: name, object, within: range, &state))
    }
    switch way {
    case .here(let block): completion(Self.slice(block, wanted))
    case .waiting: break
    case .full:
      completion(
        .failure(FileIOError(.unavailable, "too much is being fetched from the object store")))
    case .fetch(let run): fetch(object, run)
    case .onDisk:
      readers.submit { [self] state in
        if state == .active, let bytes = cache?.read(identity, wanted) {
          return completion(.success(bytes))
        }
        // It has just gone, or was damaged.
        guard state == .active else { return completion(.failure(Self.stopping)) }
        read(object, at: offset, upTo: count, within: range, completion: completion)
      }
    }
  }

  private static let stopping = FileIOError(.unavailable, "the origin is stopping")

  private static func outside(_ object: ObjectSummary) -> FileIOError {
    FileIOError(.truncated, "\(object.key) ends at byte \(object.byteCount); more was asked for")
  }

  private static func slice(
    _ block: ByteBuffer, _ range: Range<Int>
  ) -> Result<ByteBuffer, FileIOError> {
    guard let slice = block.getSlice(at: block.readerIndex + range.lowerBound, length: range.count)
    else {
      return .failure(FileIOError(.truncated, "a block of an object is shorter than it should be"))
    }
    return .success(slice)
  }

  /// The blocks from `first` that one request fetches: those that are needed and not here.
  private func run(
    from first: BlockName, _ object: ObjectSummary, within range: Range<Int64>,
    _ state: inout State
  ) -> Range<Int64> {
    let size = Int64(BlockCache.blockByteCount)
    let last = min(
      (min(range.upperBound, object.byteCount) - 1) / size, first.index + Self.runCount - 1)
    var end = first.index + 1
    while end <= last, state.fetching.count < Self.fetchingCount {
      var name = first
      name.index = end
      let isHere =
        state.blocks.contains(name) || state.fetching[name] != nil
        || cache?.contains(name.identity(bucket: client.bucket)) ?? false
      if isHere { break }
      state.fetching[name] = []
      end += 1
    }
    return first.index..<end
  }

  private func fetch(_ object: ObjectSummary, _ run: Range<Int64>) {
    fetchers.submit { [self] isActive in
      guard isActive else { return fail(object, run, Self.stopping) }
      let size = Int64(BlockCache.blockByteCount)
      let assembly = BlockAssembly(
        object, next: run.lowerBound, end: min(run.upperBound * size, object.byteCount)
      ) { [self] index, block in arrived(object, index, block) }
      do throws(FileIOError) {
        try client.read(object, assembly.range) { assembly.add($0) }
      } catch {
        fail(object, assembly.next..<run.upperBound, error)
      }
    }
  }

  private func arrived(_ object: ObjectSummary, _ index: Int64, _ block: ByteBuffer) {
    let name = BlockName(key: object.key, entityTag: object.entityTag, index: index)
    let waiters = state.withLock { state -> [Waiter] in
      state.blocks.insert(block, for: name, cost: block.readableBytes)
      while state.blocks.cost > memoryByteCount { _ = state.blocks.removeOldest() }
      return state.fetching.removeValue(forKey: name) ?? []
    }
    for waiter in waiters { waiter.completion(Self.slice(block, waiter.range)) }
    cache?.keep(block, name.identity(bucket: client.bucket))
  }

  private func fail(_ object: ObjectSummary, _ run: Range<Int64>, _ error: FileIOError) {
    let waiters = state.withLock { state in
      run.flatMap { index in
        state.fetching.removeValue(
          forKey: BlockName(key: object.key, entityTag: object.entityTag, index: index)) ?? []
      }
    }
    for waiter in waiters { waiter.completion(.failure(error)) }
  }
}

/// Bytes as they come, put together to blocks.
private final class BlockAssembly {
  private let size = Int64(BlockCache.blockByteCount)
  private let end: Int64
  private let complete: (Int64, ByteBuffer) -> Void
  /// The block that is being put together.
  private(set) var next: Int64
  private var block = ByteBuffer()

  init(
    _ object: ObjectSummary, next: Int64, end: Int64,
    complete: @escaping (Int64, ByteBuffer) -> Void
  ) {
    self.next = next
    self.end = end
    self.complete = complete
  }

  /// Of the object.
  var range: Range<Int64> { next * size..<end }

  private var wanted: Int { Int(min(size, end - next * size)) }

  func add(_ bytes: ByteBuffer) {
    var bytes = bytes
    while bytes.readableBytes > 0 {
      if block.capacity == 0 { block.reserveCapacity(wanted) }
      let count = min(bytes.readableBytes, wanted - block.readableBytes)
      guard var part = bytes.readSlice(length: count) else { return }
      block.writeBuffer(&part)
      guard block.readableBytes == wanted else { continue }
      let full = block
      block = ByteBuffer()
      next += 1
      complete(next - 1, full)
      if next * size >= end { return }
    }
  }
}
