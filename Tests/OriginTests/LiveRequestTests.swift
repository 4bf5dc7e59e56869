import LiveSupport
import NIOCore
import Testing

@testable import Origin

/// Requests for live titles on connections that go on, of which the origin has read the like before.
@Suite struct LiveRequestTests {
  private static let first = LiveFixture.first
  private static let video = LiveFixture.video
  private static let next = "/tv/\(video).m3u8?_HLS_msn=\(first)&_HLS_part=3&_HLS_skip=YES"
  private static let part = "/tv/\(video)/a1b2c3d4e5/\(first).3.m4s"

  /// Has `target` read by the origin, then calls back with a connection that waits for it, and one that follows it there.
  private func withWaiting(
    for target: String, fields: [String] = [],
    _ body: (LiveTitle, LiveFeed, RunningOrigin, inout RawConnection, inout RawConnection)
      async throws -> Void
  ) async throws {
    try await withLive(parts: 3) { origin, title, feed in
      try await origin.connect { one in
        try await one.send("GET", target, fields)
        await feed.whenHeld()
        try await origin.connect { other in
          try await other.send("GET", target, fields)
          // Read on its loop behind what was sent before.
          _ = try await origin.fetch("/time")
          try await body(title, feed, origin, &one, &other)
        }
      }
    }
  }

  @Test func `who asks what another has asked gets the same, and then the next`() async throws {
    try await withWaiting(for: Self.next) { _, feed, _, one, other in
      try await other.send("GET", "/tv/main.m3u8")
      try feed.publish(1)
      let (mine, its) = (try await one.reply(), try await other.reply())
      #expect(mine.status == 200 && mine.text.contains("\(Self.first).3.m4s"))
      #expect(its.body == mine.body)
      #expect(its.stableFields == mine.stableFields)
      #expect(try await other.reply().text.contains("#EXT-X-STREAM-INF"))
      // Now it is there.
      try await other.send("GET", Self.next)
      #expect(try await other.reply().body == mine.body)
    }
  }

  @Test func `parts are the same for all, whatever their length`() async throws {
    try await withWaiting(for: Self.part) { _, feed, _, one, other in
      try feed.publish(1)
      let bytes = feed.bytes(Self.video, (Self.first, 3))
      #expect(try await one.reply().body == bytes)
      #expect(try await other.reply().body == bytes)
    }
  }

  @Test func `codings are not mixed up`() async throws {
    try await withWaiting(for: Self.next, fields: ["Accept-Encoding: gzip"]) {
      _, feed, origin, one, other in
      try await origin.connect { plain in
        try await plain.send("GET", Self.next)
        _ = try await origin.fetch("/time")
        try feed.publish(1)
        #expect(try await one.reply()["Content-Encoding"] == "gzip")
        #expect(try await other.reply()["Content-Encoding"] == "gzip")
        let reply = try await plain.reply()
        #expect(reply["Content-Encoding"] == nil)
        #expect(reply.text.hasPrefix("#EXTM3U"))
      }
    }
  }

  @Test func `the end of the title reaches all`() async throws {
    try await withWaiting(for: Self.part) { title, _, _, one, other in
      title.end()
      let statuses = [try await one.reply().status, try await other.reply().status]
      #expect(statuses == [404, 404])
    }
  }

  @Test func `who has gone meanwhile is missed by nobody`() async throws {
    try await withLive(parts: 3) { origin, _, feed in
      try await origin.connect { one in
        try await one.send("GET", Self.next)
        await feed.whenHeld()
        try await origin.connect { try await $0.send("GET", Self.next) }
        _ = try await origin.fetch("/time")
        try feed.publish(1)
        #expect(try await one.reply().status == 200)
      }
    }
  }

  @Test(arguments: [(12_000, 10..<50), (48_000, 1..<14)])
  func `answers arrive whole and in order, however full the connection is`(
    partByteCount: Int, unreadCounts: Range<Int>
  ) async throws {
    let fixture = LiveFixture(partByteCount: partByteCount)
    let (live, _, feed) = try LiveFeed.begin(fixture, parts: 3)
    let folder = try MediaFolder()
    // Takes 200 KB that are not read, where TCP takes megabytes.
    let path = "\(folder.path)/o.sock"
    try await withOrigin(FakeTitles([])) {
      $0.live = live
      $0.loopCount = 1
      // However busy the machine is, nobody has waited too long.
      $0.limits.sweepInterval = .hours(1)
      $0.limits.writeTimeout = .hours(24)
      $0.addresses = [ListenAddress(.file(path: path, mode: 0o660))]
    } _: { _ in
      let address = try SocketAddress(unixDomainSocketPath: path)
      try await withConnections(to: address, unreadCounts: unreadCounts, feed) {
        try feed.publish(1)
      }
    }
  }

  /// Opens a connection for each of `unreadCounts`, on which so many responses are not read and one is waited for, and reads
  /// them after `release`.
  private func withConnections(
    to address: SocketAddress, unreadCounts: Range<Int>, _ feed: LiveFeed,
    _ release: () throws -> Void
  ) async throws {
    guard let count = unreadCounts.first else { return try release() }
    try await RawConnection.open(to: address, receiveBuffer: nil) { connection in
      for _ in 0..<count {
        try await connection.send("GET", "/tv/\(Self.video)/a1b2c3d4e5/\(Self.first).2.m4s")
      }
      try await passBy(address)
      try await connection.send("GET", Self.part)
      try await passBy(address)
      try await withConnections(to: address, unreadCounts: unreadCounts.dropFirst(), feed, release)
      let unread = feed.bytes(Self.video, (Self.first, 2))
      for index in 0..<count {
        let isWhole = try await connection.reply().body == unread
        #expect(isWhole, "\(index) of \(count)")
      }
      let isWhole = try await connection.reply().body == feed.bytes(Self.video, (Self.first, 3))
      #expect(isWhole, "behind \(count)")
    }
  }

  /// Has something answered on the loop of all, behind what was sent before.
  private func passBy(_ address: SocketAddress) async throws {
    try await RawConnection.open(to: address, receiveBuffer: nil) { connection in
      try await connection.send("GET", "/time")
      #expect(try await connection.reply().status == 200)
    }
  }

  @Test func `a title of the same name is another title`() async throws {
    let fixture = LiveFixture()
    let (live, _, _) = try LiveFeed.begin(fixture, parts: 3)
    try await withOrigin(FakeTitles([])) {
      $0.live = live
    } _: { origin in
      try await origin.connect { connection in
        let target = "/tv/\(Self.video).m3u8"
        for _ in 0..<2 {
          try await connection.send("GET", target)
          #expect(try await connection.reply().text.contains("\(Self.first).2.m4s"))
        }
        let new = try LiveTitle(fixture.description)
        try LiveFeed(fixture, new).publish(1)
        live.begin(new)
        try await connection.send("GET", target)
        let reply = try await connection.reply()
        #expect(reply.status == 200 && !reply.text.contains("\(Self.first).2.m4s"))
        live.remove("tv")
        try await connection.send("GET", target)
        #expect(try await connection.reply().status == 404)
      }
    }
  }
}
