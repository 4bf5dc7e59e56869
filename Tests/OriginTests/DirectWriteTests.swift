import Foundation
import Library
import MediaCore
import NIOCore
import Testing

@testable import Origin

/// Responses that are sent from files past NIO, whatever the client does with them. The first request for something is answered
/// in another way: each test asks for it once more.
@Suite struct DirectWriteTests {
  private static let segmentByteCount: Int64 = 1_900_000
  private static let segment = "/film/video/cafe01/1.m4s"
  private static let small = "/film/video/cafe01/2.m4s"
  private static let playlist = "/film/main.m3u8"

  private let folder: MediaFolder
  private let titles: FakeTitles
  private let file: ServedFile

  init() throws {
    folder = try MediaFolder()
    titles = FakeTitles([
      try folder.title("film", segmentByteCounts: [Self.segmentByteCount, 200_000])
    ])
    file = try #require(try titles.title(named: "film")?.tracks["video"]?.file)
  }

  private static func bytes(of target: String) -> [UInt8] {
    let range = ByteRange(offset: 800, count: segmentByteCount)
    switch target {
    case segment: return MediaFolder.bytes(range, seed: 7)
    case small: return MediaFolder.bytes(ByteRange(offset: range.end, count: 200_000), seed: 7)
    default: return Array((MediaFolder.documents("cafe01")["main.m3u8"] ?? "").utf8)
    }
  }

  private static func requests(_ targets: [String]) -> String {
    targets.map { "GET \($0) HTTP/1.1\r\nHost: test\r\n\r\n" }.joined()
  }

  /// An origin of one loop, with one connection of a client that has asked for everything once.
  private func withReadyConnection(
    _ configure: (inout OriginServer.Configuration) -> Void = { _ in },
    _ body: (RunningOrigin, inout RawConnection) async throws -> Void
  ) async throws {
    try await withOrigin(titles) {
      $0.loopCount = 1
      configure(&$0)
    } _: { origin in
      try await origin.connect(receiveBuffer: 4096) { connection in
        for target in [Self.segment, Self.small, Self.playlist] {
          try await connection.send(Self.requests([target]))
          #expect(try await connection.reply().body == Self.bytes(of: target))
        }
        try await body(origin, &connection)
      }
    }
  }

  @Test func `one after the other they arrive whole`() async throws {
    try await withReadyConnection { _, connection in
      for target in [Self.small, Self.playlist, Self.segment, Self.small, Self.playlist] {
        try await connection.send(Self.requests([target]))
        #expect(try await connection.reply().body == Self.bytes(of: target), "\(target)")
      }
    }
  }

  @Test
  func `more than the system takes arrives whole and in order, also what is asked for behind it`()
    async throws
  {
    // Far more than any socket holds.
    let targets = [
      Self.segment, Self.segment, Self.playlist, Self.segment, Self.small, Self.segment,
      Self.playlist, Self.playlist, Self.segment,
    ]
    try await withReadyConnection { _, connection in
      for _ in 1...2 {
        try await connection.send(Self.requests(targets))
        for target in targets {
          #expect(try await connection.reply().body == Self.bytes(of: target), "\(target)")
        }
      }
    }
  }

  @Test func `more than goes at once arrives whole, and what is asked for behind it`() async throws
  {
    let byteCount = Int64(Limits.sentByteCount * 2 + 1_000_001)
    try await withOrigin(FakeTitles([try folder.title("long", segmentByteCounts: [byteCount])])) {
      $0.loopCount = 1
    } _: { origin in
      try await origin.connect { connection in
        let target = "/long/video/cafe01/1.m4s"
        let bytes = MediaFolder.bytes(ByteRange(offset: 800, count: byteCount), seed: 7)
        for targets in [[target], [target], [target, target]] {
          try await connection.send(Self.requests(targets))
          for _ in targets {
            let isWhole = try await connection.reply().body == bytes
            #expect(isWhole)
          }
        }
      }
    }
  }

  @Test func `a client that closes its half still gets all`() async throws {
    try await withReadyConnection { _, connection in
      try await connection.send(Self.requests([Self.segment, Self.segment, Self.small]))
      connection.finishSending()
      for target in [Self.segment, Self.segment, Self.small] {
        #expect(try await connection.reply().body == Self.bytes(of: target))
      }
      try await connection.expectEnd()
    }
  }

  @Test func `a client that stops reading is cut off`() async throws {
    try await withReadyConnection {
      $0.limits.writeTimeout = .seconds(1)
      $0.limits.sweepInterval = .milliseconds(20)
      $0.limits.drainTimeout = .hours(1)
    } _: { origin, connection in
      try await connection.send(Self.requests([Self.segment, Self.segment, Self.segment]))
      #expect(try await connection.head().status == 200)
      await origin.stop()
      // Nothing is read: only the timeout can end the transfer, and with it the origin.
      try await origin.waitUntilRefused()
    }
  }

  @Test func `clients that reset in the middle do no harm`() async throws {
    try await withReadyConnection { origin, connection in
      for count in 1...10 {
        try await origin.connect(receiveBuffer: 4096) { other in
          try await other.send(
            Self.requests(Array(repeating: Self.segment, count: 1 + count % 3)))
          // It leaves with bytes unread: the system answers the origin's next ones with a reset.
          #expect(try await other.head().status == 200)
        }
      }
      try await connection.send(Self.requests([Self.segment]))
      #expect(try await connection.reply().body == Self.bytes(of: Self.segment))
    }
  }

  @Test(arguments: [0, 900_000])
  func `a file that is cut ends the connection behind its last right byte`(
    byteCount: UInt64
  ) async throws {
    try await withReadyConnection {
      $0.limits.sweepInterval = .milliseconds(20)
    } _: { _, connection in
      try #require(FileHandle(forWritingAtPath: file.path)).truncate(atOffset: byteCount)
      try await connection.send(Self.requests([Self.segment, Self.segment]))
      let head = try? await connection.head()
      let body = await connection.bytesUntilEnd()
      if let head { #expect(head.status == 200) }
      #expect(body.count < Self.segmentByteCount)
      #expect(Self.bytes(of: Self.segment).starts(with: body))
    }
  }
}
