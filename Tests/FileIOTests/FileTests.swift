import FileIO
import Foundation
import NIOCore
import TestSupport
import Testing

@Suite struct FileTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func code(_ body: () throws -> Void) -> FileIOError.Code? {
    do { try body() } catch let error as FileIOError { return error.code } catch {}
    return nil
  }

  @Test func `what is written at any offset is read there again`() throws {
    let file = try WritableFile(creating: "\(folder.path)/a")
    try file.write(ByteBuffer(string: "world"), at: 5)
    try file.write(ByteBuffer(string: "hello"), at: 0)
    try file.write(ByteBuffer(), at: 3)
    try file.synchronize()
    let read = try ReadableFile(path: file.path)
    #expect(read.byteCount == 10)
    #expect(try read.read(at: 0, count: 10) == ByteBuffer(string: "helloworld"))
    #expect(try read.read(at: 4, count: 2) == ByteBuffer(string: "ow"))
    #expect(try read.read(at: 10, count: 0).readableBytes == 0)
  }

  @Test func `a hole is zeros, also beyond 4 GiB`() throws {
    let file = try WritableFile(creating: "\(folder.path)/big")
    try file.write(ByteBuffer(string: "end"), at: 5 << 30)
    let read = try ReadableFile(path: file.path)
    #expect(read.byteCount == 5 << 30 + 3)
    #expect(try read.read(at: 5 << 30 - 1, count: 4) == ByteBuffer(string: "\0end"))
  }

  @Test func `the storage of a buffer is used again`() throws {
    let read = try ReadableFile(path: folder.write(0..<200, to: "a"))
    var bytes = ByteBuffer()
    try read.read(at: 0, count: 200, into: &bytes)
    let capacity = bytes.capacity
    try read.read(at: 100, count: 50, into: &bytes)
    #expect(Array(bytes.readableBytesView) == Array(100..<150))
    #expect(bytes.capacity == capacity)
  }

  @Test(
    arguments: [
      (-1, 1), (0, 11), (10, 1), (11, 0), (.max, 1), (.max, .max), (.min, 0), (0, -1),
      (0, .max),
    ] as [(Int64, Int)])
  func `a read outside the file throws and names the file`(_ offset: Int64, _ count: Int) throws {
    let read = try ReadableFile(path: folder.write(0..<10, to: "a"))
    let error = #expect(throws: FileIOError.self) { try read.read(at: offset, count: count) }
    #expect(error?.code == .truncated)
    #expect(error?.message.contains(read.path) == true)
  }

  @Test func `a file that shrinks while it is open is told as cut short`() throws {
    let path = try folder.write(0..<100, to: "a")
    let read = try ReadableFile(path: path)
    try Data([1, 2, 3]).write(to: URL(filePath: path), options: [])
    let handle = try FileHandle(forWritingTo: URL(filePath: path))
    try handle.truncate(atOffset: 3)
    #expect(code { _ = try read.read(at: 0, count: 100) } == .truncated)
  }

  @Test func `what is no file of its own is refused`() throws {
    #expect(code { _ = try ReadableFile(path: "\(folder.path)/none") } == .notFound)
    #expect(code { _ = try ReadableFile(path: folder.path) } == .isDirectory)
    #expect(code { _ = try ReadableFile(path: "/dev/null") } == .other)
    let path = try folder.write([1], to: "a")
    #expect(code { _ = try ReadableFile(path: "\(path)/b") } == .notDirectory)
    #expect(code { _ = try WritableFile(creating: path) } == .exists)
    #expect(code { _ = try WritableFile(creating: "\(folder.path)/none/a") } == .notFound)
  }
}
