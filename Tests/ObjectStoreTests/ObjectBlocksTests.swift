import FileIO
import Foundation
import NIOCore
import Synchronization
import TestSupport
import Testing

@testable import ObjectStore

struct ObjectBlocksTests {
  private let store: FakeStore
  private let folder: TemporaryFolder
  private let bytes = patterned(5 * BlockCache.blockByteCount + 1234)

  init() throws {
    store = try FakeStore()
    folder = try TemporaryFolder()
    store.put("a", bytes)
  }

  private var object: ObjectSummary {
    ObjectSummary(key: "a", byteCount: Int64(bytes.count), entityTag: "tag1", modified: 0)
  }

  private func blocks(cache: BlockCache? = nil, memory: Int = 64 << 20) throws -> ObjectBlocks {
    let client = try store.client { $0.timeouts.total = 5_000 }
    return ObjectBlocks(client, cache: cache, memoryByteCount: memory)
  }

  private func read(
    _ blocks: ObjectBlocks, _ object: ObjectSummary, _ range: Range<Int64>
  ) async throws -> [UInt8] {
    var read: [UInt8] = []
    while read.count < range.count {
      let at = range.lowerBound + Int64(read.count)
      let piece = try await withCheckedThrowingContinuation { continuation in
        blocks.read(
          object, at: at, upTo: min(300_000, range.count - read.count), within: range
        ) { continuation.resume(with: $0) }
      }
      #expect(piece.readableBytes > 0)
      read.append(contentsOf: piece.readableBytesView)
    }
    return read
  }

  @Test func `what is asked for is fetched by one request, and only that`() async throws {
    let blocks = try blocks()
    defer { blocks.close() }
    let size = Int64(BlockCache.blockByteCount)
    let range = size / 2..<(3 * size + 5)
    #expect(
      try await read(blocks, object, range)
        == Array(bytes[Int(range.lowerBound)..<Int(range.upperBound)]))
    #expect(store.takeRequests().map { $0.fields["range"] } == ["bytes=0-\(4 * size - 1)"])
    #expect(try await read(blocks, object, 0..<Int64(bytes.count)) == bytes)
    #expect(
      store.takeRequests().map { $0.fields["range"] } == ["bytes=\(4 * size)-\(bytes.count - 1)"])
  }

  @Test func `a block that many wait for is fetched once`() async throws {
    let blocks = try blocks()
    defer { blocks.close() }
    try await withThrowingTaskGroup(of: [UInt8].self) { group in
      for _ in 0..<50 { group.addTask { try await read(blocks, object, 0..<1000) } }
      for try await read in group { #expect(read == Array(bytes[0..<1000])) }
    }
    #expect(store.takeRequests().count == 1)
  }

  @Test func `a failure reaches all who wait, and the next one asks again`() async throws {
    let blocks = try blocks()
    defer { blocks.close() }
    store.fail(.status(403))
    await #expect(throws: FileIOError.self) { try await read(blocks, object, 0..<1000) }
    #expect(try await read(blocks, object, 0..<10) == Array(bytes[0..<10]))
  }

  @Test func `blocks survive a restart, and damage is fetched again`() async throws {
    var cache: BlockCache? = try BlockCache(folder: folder.path, capacity: 1 << 30)
    var blocks = try blocks(cache: cache)
    #expect(try await read(blocks, object, 0..<Int64(bytes.count)) == bytes)
    // The last block is kept after it has been handed out.
    while try #require(cache).byteCount < bytes.count { await Task.yield() }
    blocks.close()
    cache = nil
    blocks = try self.blocks()
    _ = store.takeRequests()

    let files = try FileManager.default.subpathsOfDirectory(atPath: folder.path)
      .filter { $0.utf8.count == 19 }.map { "\(folder.path)/\($0)" }.sorted()
    #expect(files.count == 6)
    let damaged = try #require(FileHandle(forWritingAtPath: files[0]))
    try damaged.seek(toOffset: 500)
    try damaged.write(contentsOf: [0xff, 0, 0xff])
    try damaged.close()
    _ = FileManager.default.createFile(atPath: "\(files[1]).7", contents: Data([1, 2, 3]))

    let again = try BlockCache(folder: folder.path, capacity: 1 << 30)
    #expect(!FileManager.default.fileExists(atPath: "\(files[1]).7"))
    let warm = try self.blocks(cache: again)
    defer { warm.close() }
    #expect(try await read(warm, object, 0..<Int64(bytes.count)) == bytes)
    #expect(store.takeRequests().count == 1)
  }

  @Test func `the oldest blocks make room`() throws {
    let cache = try BlockCache(folder: folder.path, capacity: 1)
    let block = ByteBuffer(repeating: 7, count: BlockCache.blockByteCount)
    for number in 0..<70 {
      cache.keep(block, "b\(number)")
      #expect(cache.read("b0", 0..<10) != nil)
    }
    #expect(cache.byteCount <= Int(BlockCache.minimumCapacity))
    #expect(cache.contains("b69"))
    #expect(!cache.contains("b1"))
    let files = try FileManager.default.subpathsOfDirectory(atPath: folder.path)
    #expect(files.filter { $0.utf8.count == 19 }.count == 63)
  }

  @Test func `a disk that takes nothing keeps nothing, and is tried again later`() throws {
    let now = Mutex<Int64>(0)
    let cache = try BlockCache(folder: folder.path, capacity: 1) { now.withLock { $0 } }
    let block = ByteBuffer(repeating: 7, count: 100)
    // Where a folder of blocks would be stands a file.
    for number in 0..<256 {
      let text = String(number, radix: 16)
      _ = FileManager.default.createFile(
        atPath: "\(folder.path)/\(text.utf8.count == 1 ? "0" : "")\(text)", contents: nil)
    }
    cache.keep(block, "a")
    #expect(cache.read("a", 0..<10) == nil)
    for name in try FileManager.default.contentsOfDirectory(atPath: folder.path) {
      try FileManager.default.removeItem(atPath: "\(folder.path)/\(name)")
    }
    cache.keep(block, "a")
    #expect(!cache.contains("a"))
    now.withLock { $0 = 10_000 }
    cache.keep(block, "a")
    #expect(cache.read("a", 0..<10) != nil)
  }

  @Test func `a folder is one process's`() throws {
    let cache = try BlockCache(folder: folder.path, capacity: 1)
    #expect(throws: FileIOError.self) { try BlockCache(folder: folder.path, capacity: 1) }
    withExtendedLifetime(cache) {}
  }
}
