import FileIO
import Foundation
import MediaCore
import NIOCore
import NIOPosix
import Testing

@testable import Origin

@Suite struct HotBodiesTests {
  private let folder: MediaFolder
  private let file: ServedFile

  init() throws {
    folder = try MediaFolder()
    let path = "\(folder.path)/media"
    let bytes = MediaFolder.bytes(ByteRange(offset: 0, count: 10_000), seed: 3)
    try Data(bytes).write(to: URL(fileURLWithPath: path))
    file = ServedFile(path: path, byteCount: 10_000, identity: try ReadableFile(path: path).stamp)
  }

  /// Asks for parts, one after the other, and gives what is there when all has been loaded.
  private func asked(
    _ offsets: [Int64], of file: ServedFile, byteCount: Int, partByteCount: Int64 = 1000
  ) async throws -> [ByteBuffer?] {
    let threads = BlockingThreads(count: 1)
    let hot = HotBodies(byteCount: byteCount, threads: threads)
    for offset in offsets {
      _ = hot.bytes(of: file, ByteRange(offset: offset, count: partByteCount))
      // The one thread does one thing after the other.
      try await settle(threads)
    }
    try await threads.shutdownGracefully()
    return offsets.map { hot.bytes(of: file, ByteRange(offset: $0, count: partByteCount)) }
  }

  /// Waits for what has been submitted.
  private func settle(_ threads: BlockingThreads) async throws {
    try await threads.run(on: MultiThreadedEventLoopGroup.singleton.any()) {}.get()
  }

  private func bytes(at offset: Int64, _ count: Int64 = 1000) -> ByteBuffer {
    ByteBuffer(bytes: MediaFolder.bytes(ByteRange(offset: offset, count: count), seed: 3))
  }

  @Test func `what is asked for twice is kept, what is asked for once is not`() async throws {
    let found = try await asked([0, 1000, 0], of: file, byteCount: 100_000)
    #expect(found == [bytes(at: 0), nil, bytes(at: 0)])
  }

  @Test func `no more is kept than there is room for`() async throws {
    // Each twice in a row, so that each is loaded; there is room for eight.
    let offsets = (0..<10).flatMap { [Int64($0) * 1000, Int64($0) * 1000] }
    let found = try await asked(offsets, of: file, byteCount: 8000)
    #expect(found.count { $0 != nil } / 2 <= 8)
    #expect(found.last == bytes(at: 9000))
    for (offset, part) in zip(offsets, found) { #expect(part == nil || part == bytes(at: offset)) }
  }

  @Test func `a round that is longer than there is room for loads nothing`() async throws {
    let round = (0..<10).map { Int64($0) * 1000 }
    let found = try await asked(round + round + round, of: file, byteCount: 8000)
    #expect(found.allSatisfy { $0 == nil })
  }

  @Test func `a large part, or one of a file that may be another, is not kept`() async throws {
    #expect(
      try await asked([0, 0, 0], of: file, byteCount: 8000, partByteCount: 1001) == [nil, nil, nil])
    var other = file
    other.identity = nil
    #expect(try await asked([0, 0, 0], of: other, byteCount: 100_000) == [nil, nil, nil])
    other = file
    other.byteCount += 1
    #expect(try await asked([0, 0, 0], of: other, byteCount: 100_000) == [nil, nil, nil])
  }

  @Test func `what was loaded outlives its file`() async throws {
    let threads = BlockingThreads(count: 1)
    let hot = HotBodies(byteCount: 100_000, threads: threads)
    let range = ByteRange(offset: 500, count: 1000)
    for _ in 0..<2 { #expect(hot.bytes(of: file, range) == nil) }
    try await settle(threads)
    try await threads.shutdownGracefully()
    try FileManager.default.removeItem(atPath: file.path)
    #expect(hot.bytes(of: file, range) == bytes(at: 500))
    #expect(hot.figures.hitCount == 1)
    #expect(hot.figures.byteCount == 1000)
  }
}
