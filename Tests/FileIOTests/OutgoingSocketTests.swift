import Foundation
import Glibc
import NIOCore
import TestSupport
import Testing

@testable import FileIO

@Suite struct OutgoingSocketTests {
  /// Two ends of a connection that do not wait.
  private final class Pair {
    let near: CInt
    private(set) var far: CInt

    init() throws {
      var ends: [CInt] = [0, 0]
      let kind = CInt(SOCK_STREAM.rawValue) | CInt(SOCK_NONBLOCK.rawValue)
      try #require(unsafe socketpair(AF_UNIX, kind, 0, &ends) == 0)
      (near, far) = (ends[0], ends[1])
    }

    deinit {
      close(near)
      closeFar()
    }

    func closeFar() {
      if far >= 0 { close(far) }
      far = -1
    }

    /// - Returns: at most so many of the bytes that have come.
    func received(upTo count: Int) -> [UInt8] {
      var bytes = [UInt8](repeating: 0, count: count)
      let taken = unsafe recv(far, &bytes, count, 0)
      return Array(bytes.prefix(max(0, taken)))
    }
  }

  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func file(_ byteCount: Int) throws -> ReadableFile {
    let file = try WritableFile(creating: "\(folder.path)/a")
    let bytes = (0..<byteCount).map { UInt8(truncatingIfNeeded: $0 &* 131 ^ $0 >> 8) }
    try file.write(ByteBuffer(bytes: bytes), at: 0)
    return try ReadableFile(path: file.path)
  }

  @Test func `what the system takes in many short sends arrives whole and in order`() throws {
    let pair = try Pair()
    let socket = OutgoingSocket(descriptor: pair.near)
    let file = try file(3_000_000)
    let head = ByteBuffer(repeating: 0x2d, count: 900_000)
    let all =
      Array(head.readableBytesView)
      + Array(try file.read(at: 10, count: 2_999_990).readableBytesView)
    var (sent, shortCount) = (0, 0)
    var received: [UInt8] = []
    while received.count < all.count {
      if sent < all.count {
        var rest = head
        rest.moveReaderIndex(forwardBy: min(sent, head.readableBytes))
        let place = max(0, sent - head.readableBytes)
        let outcome = socket.send(rest, then: file, at: Int64(10 + place), count: 2_999_990 - place)
        guard case .taken(let byteCount) = outcome else {
          Issue.record("\(outcome)")
          return
        }
        sent += byteCount
        if sent < all.count { shortCount += 1 }
      }
      received += pair.received(upTo: 70_001)
    }
    #expect(received == all && sent == all.count && shortCount > 2)
  }

  @Test func `runs of bytes arrive one behind the other`() throws {
    let pair = try Pair()
    let socket = OutgoingSocket(descriptor: pair.near)
    #expect(socket.send([ByteBuffer(string: "head "), ByteBuffer(string: "body")]) == .taken(9))
    #expect(socket.send([ByteBuffer(string: " and"), ByteBuffer()]) == .taken(4))
    #expect(socket.send(ByteBuffer(string: " more")) == .taken(5))
    #expect(String(decoding: pair.received(upTo: 100), as: UTF8.self) == "head body and more")
  }

  @Test func `of more runs than the system takes together the first are sent`() throws {
    let pair = try Pair()
    let all = ByteBuffer(bytes: (0..<5000).map { UInt8(truncatingIfNeeded: $0 % 251) })
    let runs = (0..<1250).map { all.getSlice(at: $0 * 4, length: 4) ?? ByteBuffer() }
    #expect(OutgoingSocket(descriptor: pair.near).send(runs) == .taken(4096))
    #expect(pair.received(upTo: 5000) == Array(all.readableBytesView.prefix(4096)))
  }

  @Test func `of runs of bytes the system takes what it holds`() throws {
    let pair = try Pair()
    let socket = OutgoingSocket(descriptor: pair.near)
    let head = ByteBuffer(repeating: 0x2d, count: 1000)
    let body = ByteBuffer(repeating: 0x2e, count: 3_000_000)
    guard case .taken(let byteCount) = socket.send([head, body]) else {
      Issue.record("it is open")
      return
    }
    #expect(byteCount > 1000 && byteCount < 3_001_000)
    var received: [UInt8] = []
    while received.count < byteCount { received += pair.received(upTo: 70_001) }
    #expect(received.prefix(1000).allSatisfy { $0 == 0x2d })
    #expect(received.dropFirst(1000).allSatisfy { $0 == 0x2e } && received.count == byteCount)
  }

  @Test(arguments: [0, 500, 999])
  func `a file that has become shorter is told, and none of its bytes are made up`(
    byteCount: UInt64
  ) throws {
    let pair = try Pair()
    let file = try file(1000)
    let expected = Array(try file.read(at: 400, count: 600).readableBytesView)
    try #require(FileHandle(forWritingAtPath: file.path)).truncate(atOffset: byteCount)
    let outcome = OutgoingSocket(descriptor: pair.near).send(
      ByteBuffer(), then: file, at: 400, count: 600)
    #expect(outcome == .fileIsCutShort)
    #expect(expected.starts(with: pair.received(upTo: 1000)))
  }

  @Test func `a connection whose other end is gone is broken`() throws {
    let pair = try Pair()
    let file = try file(1000)
    pair.closeFar()
    let socket = OutgoingSocket(descriptor: pair.near)
    #expect(socket.send(ByteBuffer(string: "head"), then: file, at: 0, count: 1000) == .broken)
    #expect(socket.send(ByteBuffer(string: "head")) == .broken)
    #expect(socket.send([ByteBuffer(string: "a"), ByteBuffer(string: "b")]) == .broken)
  }
}
