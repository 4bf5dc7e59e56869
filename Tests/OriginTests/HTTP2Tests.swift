import Foundation
import Library
import MediaCore
import NIOCore
import Testing

@testable import Origin

/// HTTP/2 over sockets, by frames that a client writes itself.
@Suite struct HTTP2Tests {
  private let folder: MediaFolder
  private let titles: FakeTitles
  private static let segment = "/film/video/cafe01/1.m4s"

  init() throws {
    folder = try MediaFolder()
    titles = FakeTitles([try folder.title("film")])
  }

  private func publishLarge() throws {
    titles.publish(try folder.title("large", segmentByteCounts: [300_000, 300_000, 300_000]))
  }

  private static let large = (1...3).map { "/large/video/cafe01/\($0).m4s" }

  /// SETTINGS_INITIAL_WINDOW_SIZE and the connection's window, as large as they get.
  private static let wideWindow: [(UInt16, UInt32)] = [(4, 0x7fff_ffff)]
  private static let wholeWindow = Frame.windowUpdate(0x7fff_ffff - 65_535)

  @Test func `it says everything that HTTP 1 says`() async throws {
    let requests: [(String, String, [(String, String)])] = [
      ("GET", "/film/main.m3u8", []), ("HEAD", "/film/main.m3u8", []), ("GET", Self.segment, []),
      ("HEAD", Self.segment, []), ("GET", Self.segment, [("Range", "bytes=5-9")]),
      ("GET", "/film/video.mp4", [("Range", "bytes=-7")]),
      ("GET", "/film/video.mp4", [("Range", "bytes=999999-")]),
      ("GET", "/film/manifest.mpd", [("Accept-Encoding", "br")]),
      ("GET", "/film/main.m3u8", [("If-None-Match", "*")]),
      ("GET", "/film/main.m3u8", [("If-Match", "\"x\"")]), ("OPTIONS", "/film/main.m3u8", []),
      ("GET", "/film/video/cafe01/9.m4s", []), ("GET", "/nothing/main.m3u8", []),
      ("GET", "/%zz", []), ("GET", "/healthz", []), ("DELETE", "/film/main.m3u8", []),
      ("GET", "/" + String(repeating: "x", count: 5000), []),
    ]
    try await withOrigin(titles) { origin in
      // Twice: the second answer of a plain GET is kept ready.
      for (method, target, fields) in requests + requests {
        let lines = fields.map { "\($0): \($1)" }
        let old = try await origin.fetch(target, method: method, lines)
        let new = try await origin.speakHTTP2 { connection in
          try await connection.request(
            target, stream: 1, method: method, fields.map { ($0.lowercased(), $1) })
          return try await connection.replies([1])[1]
        }
        let reply = try #require(new)
        #expect(reply.status == old.status, "\(method) \(target)")
        #expect(reply.body == old.body, "\(method) \(target)")
        #expect(
          reply.stableFields
            == old.fields.filter { !["Date", "Connection"].contains($0.name) }
            .map { "\($0.name.lowercased()): \($0.value)" })
        #expect(reply["date"] != nil)
      }
    }
  }

  @Test func `first bytes decide, however they come`() async throws {
    try await withOrigin(titles) { origin in
      try await origin.connect { connection in
        for byte in FrameConnection.preface.unicodeScalars {
          try await connection.send(String(byte))
        }
        var frames = FrameConnection(connection)
        try await frames.send(.settings([]))
        try await frames.request(Self.segment, stream: 1)
        #expect(try await frames.replies([1])[1]?.body.count == 40_000)
      }
      try await origin.connect { connection in
        try await connection.send("P")
        try await connection.send("UT /healthz HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(try await connection.reply().status == 405)
      }
    }
  }

  @Test func `a hundred requests at once have their own bodies`() async throws {
    let targets = (1...100).map {
      ["/film/main.m3u8", Self.segment, "/film/audio/cafe01/2.m4s", "/x"][$0 % 4]
    }
    try await withOrigin(titles) { origin in
      var alone: [String: [UInt8]] = [:]
      for target in Set(targets) { alone[target] = try await origin.fetch(target).body }
      try await origin.speakHTTP2 { connection in
        for (index, target) in targets.enumerated() {
          try await connection.request(target, stream: 2 * index + 1)
        }
        let replies = try await connection.replies((0..<100).map { 2 * $0 + 1 })
        for (index, target) in targets.enumerated() {
          #expect(replies[2 * index + 1]?.body == alone[target], "\(target)")
        }
      }
    }
  }

  // MARK: Flow control (RFC 9113 §6.9)

  @Test func `no more is sent than the client takes`() async throws {
    try await withOrigin(titles) { origin in
      try await origin.speakHTTP2([(4, 10)]) { connection in
        try await connection.request(Self.segment, stream: 1)
        var body: [UInt8] = []
        func expectNext(_ count: Int) async throws {
          let frame = try await connection.frame(.data)
          #expect(frame.payload.readableBytes == count)
          body += Array(frame.payload.readableBytesView)
        }
        try await expectNext(10)
        try await connection.send(.windowUpdate(5, stream: 1))
        try await expectNext(5)
        // 20 more for all streams, then 30 less: nothing until there is more than nothing.
        try await connection.send(.settings([(4, 30)]))
        try await expectNext(20)
        try await connection.send(.settings([(4, 0)]))
        try await connection.send(.windowUpdate(30, stream: 1))
        try await connection.send(.windowUpdate(1, stream: 1))
        try await expectNext(1)
        #expect(body == MediaFolder.bytes(ByteRange(offset: 800, count: 36), seed: 7))
        // Another stream is not held up.
        try await connection.send(.settings([(4, 100_000)]))
        try await connection.request("/film/main.m3u8", stream: 3)
        #expect(try await connection.replies([1, 3])[3]?.status == 200)
      }
    }
  }

  @Test func `what all streams share is not overdrawn`() async throws {
    try publishLarge()
    try await withOrigin(titles) { origin in
      try await origin.speakHTTP2(Self.wideWindow) { connection in
        try await connection.request(Self.large[0], stream: 1)
        try await connection.request(Self.large[1], stream: 3)
        try await connection.send(Frame(kind: .ping, payload: ByteBuffer(repeating: 0, count: 8)))
        var count = 0
        while count < 65_535 { count += try await connection.frame(.data).payload.readableBytes }
        #expect(count == 65_535)
        try await connection.send(Self.wholeWindow)
        while count < 600_000 { count += try await connection.frame(.data).payload.readableBytes }
        #expect(count == 600_000)
      }
    }
  }

  // MARK: Priorities (RFC 9218)

  /// Numbers of streams in the order in which their bodies came, once each turn.
  private func turns(_ connection: inout FrameConnection, ends: Int) async throws -> [Int] {
    var turns: [Int] = []
    var ended = 0
    while ended < ends {
      let frame = try await connection.frame(.data)
      if turns.last != frame.stream { turns.append(frame.stream) }
      ended += Int(frame.flags & 1)
    }
    return turns
  }

  /// Documents, which are in memory, so that the disk decides nothing.
  private static let documents = ["main.m3u8", "video.m3u8", "audio.m3u8", "manifest.mpd"]

  /// Asks for 300 KB each while nothing can be sent, then lets all be sent.
  ///
  /// - Parameters:
  ///   - early: sent before the requests.
  ///   - updates: sent behind them.
  private func turns(
    _ priorities: [String?], early: [Frame] = [], updates: [Frame] = []
  ) async throws -> [Int] {
    let film = try folder.title("film")
    let text = String(repeating: "#", count: 300_000)
    titles.publish(
      ServedTitle(
        title: film.title,
        documents: Dictionary(uniqueKeysWithValues: Self.documents.map { ($0, text) }),
        files: film.tracks.mapValues(\.file)))
    var order: [Int] = []
    try await withOrigin(titles) { origin in
      order = try await origin.speakHTTP2([(4, 0)]) { connection in
        for frame in early { try await connection.send(frame) }
        for (index, priority) in priorities.enumerated() {
          try await connection.request(
            "/film/\(Self.documents[index])", stream: 2 * index + 1,
            priority.map { [("priority", $0)] } ?? [])
        }
        for _ in priorities { _ = try await connection.frame(.headers) }
        for update in updates { try await connection.send(update) }
        try await connection.send(Self.wholeWindow)
        try await connection.send(.settings(Self.wideWindow))
        return try await turns(&connection, ends: priorities.count)
      }
    }
    return order
  }

  @Test(
    arguments: [
      ([nil, nil, nil], [1, 3, 5]), (["u=5", "u=1", "u=7, i", "u=0;x"], [7, 3, 1, 5]),
      (["u=3", nil, "u=2"], [3, 5, 1]),
    ] as [([String?], [Int])])
  func `the most urgent goes first, and of equals what was asked for first`(
    priorities: [String?], order: [Int]
  ) async throws {
    #expect(try await turns(priorities) == order)
  }

  @Test func `responses that are of use in parts share the connection`() async throws {
    let order = try await turns(["i", "i", "u=4,i"])
    #expect(order.count > 10)
    #expect(order.last == 5)
    #expect(order.filter { $0 == 5 }.count == 1)
  }

  @Test func `an update changes the order`() async throws {
    let updates: [Frame] = [
      .priorityUpdate(3, "u=0"), .priorityUpdate(5, "u=7"), .priorityUpdate(99, "u=0"),
    ]
    #expect(try await turns(["u=5", "u=6", "u=1"], updates: updates) == [3, 1, 5])
  }

  @Test func `an update waits for its request`() async throws {
    #expect(try await turns([nil, nil, nil], early: [.priorityUpdate(3, "u=0")]) == [3, 1, 5])
  }

  @Test func `playlists go before media`() async throws {
    try await withOrigin(titles) { origin in
      try await origin.speakHTTP2([(4, 0)]) { connection in
        for (stream, target) in [(1, Self.segment), (3, Self.segment), (5, "/film/main.m3u8")] {
          try await connection.request(target, stream: stream)
        }
        for _ in 1...3 { _ = try await connection.frame(.headers) }
        try await connection.send(.settings([(4, 100_000)]))
        #expect(try await connection.frame(.data).stream == 5)
      }
    }
  }

  @Test(
    arguments: [
      (nil, 3, false), ("", 3, false), ("u=0", 0, false), ("u=7,i", 7, true), ("i", 3, true),
      ("i=?0, u=1", 1, false), ("u=8", 3, false), ("u=-1", 3, false), ("u=1.5", 3, false),
      ("u=\"1\"", 3, false), ("u=5;a=b, x=(1 2), i;y", 5, true), ("U=1", 3, false),
      ("u=1,u=2", 2, false),
      (String(repeating: "a,", count: 1000) + "u=1", 3, false),
    ] as [(String?, Int, Bool)])
  func `a priority field`(field: String?, urgency: Int, isIncremental: Bool) {
    let priority = Priority(field: field, default: 3)
    #expect(priority.urgency == urgency)
    #expect(priority.isIncremental == isIncremental)
  }

  // MARK: Bodies of requests

  @Test func `a report comes in pieces, and what is refused is cut off`() async throws {
    let report = [("content-type", "application/json"), ("content-length", "512")]
    try await withOrigin(titles) { origin in
      try await origin.speakHTTP2 { connection in
        try await connection.request(
          "/film/choices", stream: 1, method: "POST", report + [("expect", "100-continue")],
          isWhole: false)
        _ = try await connection.frame(.headers)
        #expect(connection.fields[1]?.first?.value == "100")
        for flags in [0, 0, 0, 1] as [UInt8] {
          try await connection.send(
            Frame(
              kind: .data, flags: flags, stream: 1, payload: ByteBuffer(repeating: 0x20, count: 128)
            ))
        }
        let reply = try await connection.replies([1])[1]
        #expect((400..<600).contains(reply?.status ?? 0), "choices are not kept here")
        // What has a body and may not: the answer, and then the end of the request.
        try await connection.request("/film/main.m3u8", stream: 3, method: "POST", isWhole: false)
        try await connection.send(
          Frame(kind: .data, stream: 3, payload: ByteBuffer(repeating: 0x20, count: 16_384)))
        #expect(try await connection.replies([3])[3]?.status == 405)
        let reset = try await connection.frame(.reset)
        #expect((reset.stream, reset.errorCode) == (3, 0))
        try await connection.request("/healthz", stream: 5)
        #expect(try await connection.replies([5])[5]?.status == 200)
      }
    }
  }

  @Test func `the connection takes as many bytes as come`() async throws {
    try await withOrigin(titles) { origin in
      try await origin.speakHTTP2 { connection in
        for number in 0..<20 {
          let stream = 2 * number + 1
          try await connection.request(
            "/film/main.m3u8", stream: stream, method: "POST", isWhole: false)
          try await connection.send(
            Frame(
              kind: .data, flags: 1, stream: stream,
              payload: ByteBuffer(repeating: 0x20, count: 10_000)))
          #expect(try await connection.replies([stream])[stream]?.status == 405)
        }
      }
    }
  }

  // MARK: The end

  @Test func `a stopping origin finishes what was asked`() async throws {
    try publishLarge()
    try await withOrigin(titles) { origin in
      try await origin.speakHTTP2 { connection in
        try await connection.request(Self.large[0], stream: 1)
        _ = try await connection.frame(.headers)
        await origin.stop()
        let end = try await connection.frame(.goAway)
        #expect(end.lastStream == 1 && end.errorCode == 0)
        // On its way before the client knew: it has been told that nobody began it.
        try await connection.request("/film/main.m3u8", stream: 3)
        try await connection.send(.windowUpdate(1_000_000))
        try await connection.send(.windowUpdate(1_000_000, stream: 1))
        var frame = try await connection.frame(.data)
        while frame.flags & 1 == 0 {
          #expect(frame.stream == 1)
          frame = try await connection.frame(.data)
        }
        #expect(await connection.connection.bytesUntilEnd() == [])
      }
    }
  }

  @Test(arguments: [0, 1])
  func `a connection without requests is ended`(requestCount: Int) async throws {
    try await withOrigin(titles) {
      $0.limits.headTimeout = .milliseconds(requestCount == 0 ? 100 : 600_000)
      $0.limits.idleTimeout = .milliseconds(100)
      $0.limits.sweepInterval = .milliseconds(20)
    } _: { origin in
      // On a busy machine the preface may come too late as well: then without a word.
      var end: Frame?
      while end == nil {
        end = try? await origin.speakHTTP2 { connection in
          for number in 0..<requestCount {
            try await connection.request("/healthz", stream: 2 * number + 1)
            _ = try await connection.replies([2 * number + 1])
          }
          let end = try await connection.frame(.goAway)
          #expect(await connection.connection.bytesUntilEnd() == [])
          return end
        }
      }
      #expect(end?.lastStream == UInt32(max(0, 2 * requestCount - 1)) && end?.errorCode == 0)
    }
  }

  @Test func `a response that is not taken is given up`() async throws {
    try await withOrigin(titles) {
      $0.limits.writeTimeout = .milliseconds(200)
      $0.limits.sweepInterval = .milliseconds(20)
    } _: { origin in
      try await origin.speakHTTP2([(4, 100)]) { connection in
        try await connection.request(Self.segment, stream: 1)
        let reset = try await connection.frame(.reset)
        #expect((reset.stream, reset.errorCode) == (1, 8))
        try await connection.request("/healthz", stream: 3)
        #expect(try await connection.replies([3])[3]?.status == 200)
      }
    }
  }

  @Test func `a client that opens its windows too slowly is cut off`() async throws {
    try await withOrigin(titles) {
      $0.limits.readerBytesPerSecond = 1_000_000
      $0.limits.readerWindow = .milliseconds(100)
      $0.limits.writeTimeout = .hours(24)
      $0.limits.sweepInterval = .milliseconds(20)
    } _: { origin in
      try await origin.speakHTTP2([(4, 10)]) { connection in
        try await connection.request(Self.segment, stream: 1)
        // Ten bytes go, and no window opens for the rest. No other limit ends the connection today.
        _ = await connection.connection.bytesUntilEnd()
      }
    }
  }

  @Test func `a client that stops reading is cut off`() async throws {
    titles.publish(try folder.title("large", segmentByteCounts: [9_000_000]))
    try await withOrigin(titles) {
      $0.limits.writeTimeout = .seconds(1)
      $0.limits.sweepInterval = .milliseconds(20)
    } _: { origin in
      try await origin.speakHTTP2(Self.wideWindow, receiveBuffer: 4096) { connection in
        try await connection.send(Self.wholeWindow)
        try await connection.request("/large/video.mp4", stream: 1)
        _ = try await connection.frame(.headers)
        await origin.stop()
        // Nothing is read: only the timeout can end the transfer, and with it the origin.
        try await origin.waitUntilRefused()
      }
    }
  }

  @Test func `a file that is cut while it is sent ends the stream alone`() async throws {
    titles.publish(try folder.title("large", segmentByteCounts: [9_000_000]))
    let file = try #require(try titles.title(named: "large")?.tracks["video"]?.file)
    try await withOrigin(titles) {
      $0.limits.sweepInterval = .milliseconds(20)
    } _: { origin in
      try await origin.speakHTTP2 { connection in
        try await connection.request("/large/video.mp4", stream: 1)
        _ = try await connection.frame(.data)
        try #require(FileHandle(forWritingAtPath: file.path)).truncate(atOffset: 10)
        #expect(try await connection.frame(.reset).stream == 1)
        try await connection.send(.windowUpdate(100_000))
        try await connection.request("/healthz", stream: 3)
        #expect(try await connection.replies([3])[3]?.status == 200)
      }
    }
  }

  @Test func `clients that leave in the middle do no harm`() async throws {
    try publishLarge()
    try await withOrigin(titles) { origin in
      for isReset in [true, false] {
        for _ in 1...10 {
          try await origin.speakHTTP2 { connection in
            for (index, target) in Self.large.enumerated() {
              try await connection.request(target, stream: 2 * index + 1)
            }
            _ = try await connection.frame(.headers)
            guard isReset else { return }
            for stream in [1, 3, 5] { try await connection.send(.reset(stream)) }
            try await connection.request("/healthz", stream: 7)
            try await connection.send(.windowUpdate(100_000))
            while true {
              let frame = try await connection.frame(.data)
              if frame.stream == 7 { break }
            }
          }
        }
      }
      #expect(try await origin.fetch("/film/main.m3u8").status == 200)
    }
  }
}
