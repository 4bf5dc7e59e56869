import Foundation
import Library
import MediaCore
import NIOCore
import Testing

@testable import Origin

/// What happens on one connection, beyond a single request.
@Suite struct ConnectionTests {
  private let folder: MediaFolder
  private let titles: FakeTitles
  private let segment = "/film/video/cafe01/1.m4s"

  init() throws {
    folder = try MediaFolder()
    titles = FakeTitles([try folder.title("film")])
  }

  /// More than the system takes from the origin before the client reads.
  private func publishLarge() throws {
    titles.publish(try folder.title("large", segmentByteCounts: [9_000_000]))
  }

  @Test func `a connection is kept for a hundred requests`() async throws {
    try await withOrigin(titles) { origin in
      try await origin.connect { connection in
        for number in 1...100 {
          let target = ["/film/main.m3u8", segment, "/nothing/x.m3u8"][number % 3]
          try await connection.send("GET", target)
          let reply = try await connection.reply()
          #expect(reply.status == [200, 200, 404][number % 3])
          #expect(reply["Connection"] == nil)
        }
      }
    }
  }

  @Test func `pipelined requests are answered in their order`() async throws {
    let targets = [
      "/film/main.m3u8", segment, "/nothing/main.m3u8", "/film/video.mp4", "/healthz",
      "/film/audio/cafe01/3.m4s", "/", "/../x", "/film/manifest.mpd", segment,
    ]
    try await withOrigin(titles) { origin in
      var alone: [[UInt8]] = []
      for target in targets { alone.append(try await origin.fetch(target).body) }
      try await origin.connect { connection in
        let requests = targets.map { "GET \($0) HTTP/1.1\r\nHost: test\r\n\r\n" }
        try await connection.send(requests.joined())
        for (target, body) in zip(targets, alone) {
          #expect(try await connection.reply().body == body, "\(target)")
        }
        // Byte by byte, and again: nothing of the last round is left over.
        for byte in requests.prefix(3).joined() { try await connection.send(String(byte)) }
        for body in alone.prefix(3) { #expect(try await connection.reply().body == body) }
      }
    }
  }

  @Test func `too many pipelined requests get some answers and then the end`() async throws {
    try await withOrigin(titles) {
      $0.limits.pipelinedRequestCount = 3
    } _: { origin in
      try await origin.connect { connection in
        // A whole file first, so that the rest has to wait.
        let request = "GET /film/video.mp4 HTTP/1.1\r\nHost: test\r\n\r\n"
        try await connection.send(String(repeating: request, count: 100))
        var last = try await connection.reply()
        var count = 1
        while last["Connection"] != "close" {
          last = try await connection.reply()
          count += 1
        }
        #expect(count >= 4 && count < 100)
        try await connection.expectEnd()
      }
    }
  }

  @Test(arguments: OddRequest.all)
  func `odd requests get their status, and the connection what it says`(
    request: OddRequest
  ) async throws {
    let (text, status, connectionField) = (request.text, request.status, request.connectionField)
    try await withOrigin(titles) { origin in
      try await origin.connect { connection in
        try? await connection.send(text)
        if status == nil { connection.finishSending() }
        do {
          let reply = try await connection.reply()
          if let status { #expect(reply.status == status) } else { #expect(reply.status >= 400) }
          #expect(reply["Connection"] == connectionField)
          if connectionField == "close" { return try await connection.expectEnd() }
          try await connection.send("GET", "/healthz")
          #expect(try await connection.reply().status == 200, "the connection still works")
        } catch is RawConnection.Ended {
          #expect(status == nil, "an answer")
        }
      }
    }
  }

  @Test func `a body that follows a refusal is read and thrown away`() async throws {
    try await withOrigin(titles) { origin in
      try await origin.connect { connection in
        try await connection.send("POST", "/", ["Content-Length: 1000000"])
        try? await connection.send(String(repeating: "x", count: 1_000_000))
        #expect(try await connection.reply().status == 405)
        connection.finishSending()
        try await connection.expectEnd()
      }
    }
  }

  @Test func `a client that closes its half still gets all`() async throws {
    try publishLarge()
    try await withOrigin(titles) { origin in
      try await origin.connect { connection in
        try await connection.send("GET", "/large/video.mp4")
        try await connection.send("GET", "/film/main.m3u8")
        connection.finishSending()
        #expect(try await connection.reply().body.count == 9_000_800)
        let last = try await connection.reply()
        #expect(last.text == MediaFolder.documents("cafe01")["main.m3u8"])
        try await connection.expectEnd()
      }
    }
  }

  @Test func `a client that leaves in the middle does no harm`() async throws {
    try publishLarge()
    try await withOrigin(titles) { origin in
      for _ in 1...20 {
        try await origin.connect(receiveBuffer: 4096) { connection in
          try await connection.send("GET", "/large/video.mp4")
          #expect(try await connection.head().status == 200)
        }
      }
      #expect(try await origin.fetch("/film/main.m3u8").status == 200)
    }
  }

  @Test func `heads that do not come to an end are answered so`() async throws {
    let configure: (inout OriginServer.Configuration) -> Void = { configuration in
      configuration.limits.headTimeout = .milliseconds(200)
      configuration.limits.sweepInterval = .milliseconds(20)
    }
    try await withOrigin(titles, configure) { origin in
      try await origin.connect { silent in try await silent.expectEnd() }
      // On a busy machine the first byte may come too late as well: then without a word.
      var status: Int?
      while status == nil {
        status = try? await origin.connect { connection in
          try await connection.send("GET /healthz HTTP/1.1\r\nHost: te")
          let reply = try await connection.reply()
          try await connection.expectEnd()
          return reply.status
        }
      }
      #expect(status == 408)
    }
  }

  @Test func `connections that idle are ended`() async throws {
    let configure: (inout OriginServer.Configuration) -> Void = { configuration in
      configuration.limits.idleTimeout = .milliseconds(100)
      configuration.limits.sweepInterval = .milliseconds(20)
    }
    try await withOrigin(titles, configure) { origin in
      try await origin.connect { connection in
        try await connection.send("GET", "/healthz")
        #expect(try await connection.reply().status == 200)
        try await connection.expectEnd()
      }
    }
  }

  @Test func `a client that stops reading is cut off`() async throws {
    try publishLarge()
    let configure: (inout OriginServer.Configuration) -> Void = { configuration in
      configuration.limits.writeTimeout = .seconds(1)
      configuration.limits.sweepInterval = .milliseconds(20)
      configuration.limits.drainTimeout = .hours(1)
    }
    try await withOrigin(titles, configure) { origin in
      try await origin.connect(receiveBuffer: 4096) { connection in
        try await connection.send("GET", "/large/video.mp4")
        #expect(try await connection.head().status == 200)
        await origin.stop()
        // Nothing is read: only the timeout can end the transfer, and with it the origin.
        try await origin.waitUntilRefused()
      }
    }
  }

  @Test func `a file that is cut while it is sent ends the connection`() async throws {
    try publishLarge()
    let file = try #require(try titles.title(named: "large")?.tracks["video"]?.file)
    try await withOrigin(titles) {
      $0.limits.sweepInterval = .milliseconds(20)
    } _: { origin in
      try await origin.connect(receiveBuffer: 4096) { connection in
        try await connection.send("GET", "/large/video.mp4")
        let head = try await connection.head()
        try #require(FileHandle(forWritingAtPath: file.path)).truncate(atOffset: 10)
        await #expect(throws: RawConnection.Ended.self) { try await connection.body(of: head) }
      }
    }
  }

  @Test func `connections beyond the limit wait for their turn`() async throws {
    try await withOrigin(titles) {
      $0.limits.connectionCount = 2
    } _: { origin in
      try await withThrowingTaskGroup { clients in
        for _ in 1...12 {
          clients.addTask { try await origin.fetch("/film/video.mp4").body.count }
        }
        for try await count in clients { #expect(count == 70_801) }
      }
    }
  }

  @Test func `graceful shutdown finishes a download and closes what is idle`() async throws {
    try publishLarge()
    try await withOrigin(titles) { origin in
      try await origin.connect { idle in
        try await idle.send("GET", "/healthz")
        #expect(try await idle.reply().status == 200)
        try await origin.connect(receiveBuffer: 4096) { download in
          try await download.send("GET", "/large/video.mp4")
          let head = try await download.head()
          #expect(head.status == 200)
          await origin.stop()
          try await idle.expectEnd()
          try await origin.waitUntilRefused()
          let bytes = try await download.body(of: head)
          #expect(bytes == MediaFolder.bytes(ByteRange(offset: 0, count: 9_000_800), seed: 7))
          try await download.expectEnd()
        }
      }
    }
  }

  @Test func `a port that is taken is named in one sentence`() async throws {
    try await withOrigin(titles) { origin in
      let port = try #require(origin.address.port)
      let error = await #expect(throws: OriginError.self) {
        try await withOrigin(titles) {
          $0.addresses = [ListenAddress(host: "127.0.0.1", port: port)]
        } _: { _ in
        }
      }
      #expect(
        error?.message == "Cannot listen on 127.0.0.1:\(port): another program listens there; "
          + "choose another port.")
    }
  }
}

/// Bytes, the status they are answered with (`nil`: an error or nothing), and the value of
/// `Connection` in the answer.
struct OddRequest: CustomTestStringConvertible, Sendable {
  var text: String
  var status: Int?
  var connectionField: String?

  init(_ text: String, _ status: Int?, _ connectionField: String?) {
    self.text = text
    self.status = status
    self.connectionField = connectionField
  }

  var testDescription: String { "\(text.prefix(50).debugDescription), \(text.utf8.count) bytes" }
}

extension OddRequest {
  static let all: [OddRequest] = [
    OddRequest("GET /healthz HTTP/1.0\r\n\r\n", 200, "close"),
    OddRequest("GET /healthz HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", 200, "keep-alive"),
    OddRequest("GET /healthz HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n", 200, "close"),
    OddRequest("GET http://test/healthz HTTP/1.1\r\nHost: test\r\n\r\n", 200, nil),
    OddRequest("GET /healthz HTTP/1.1\r\nHost: test\r\nContent-Length: 0\r\n\r\n", 200, nil),
    OddRequest(
      "GET /healthz HTTP/1.1\r\nhOST: test\r\nX-A: \(String(repeating: "x", count: 9000))\r\n\r\n",
      200, nil
    ),
    OddRequest(
      "GET /healthz HTTP/1.1\r\nHost: test\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n", 200,
      "close"
    ),
    OddRequest("GET /healthz HTTP/1.1\r\n\r\n", 400, "close"),
    OddRequest("GET /healthz HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400, "close"),
    OddRequest("GET /healthz HTTP/2.0\r\nHost: test\r\n\r\n", 505, "close"),
    OddRequest("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", nil, "close"),
    OddRequest("\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}", 400, "close"),
    OddRequest("hello\r\n\r\n", 400, "close"),
    OddRequest("GET\r\n\r\n", 400, "close"),
    OddRequest("GET /a b HTTP/1.1\r\nHost: test\r\n\r\n", 400, "close"),
    OddRequest("GET /healthz HTTP/1.1\r\nHost test\r\n\r\n", 400, "close"),
    OddRequest("GET /healthz HTTP/1.1\r\nHost: test\r\nX : y\r\n\r\n", 400, "close"),
    OddRequest("GET /healthz HTTP/1.1\r\nHost: test\r\nContent-Length: x\r\n\r\n", 400, "close"),
    OddRequest(
      "GET /healthz HTTP/1.1\r\nHost: test\r\nContent-Length: 5\r\n\r\nhello", 413, "close"),
    OddRequest(
      "GET /healthz HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
      413, "close"
    ),
    OddRequest(
      "POST / HTTP/1.1\r\nHost: test\r\nExpect: 100-continue\r\nContent-Length: 99999999\r\n\r\n",
      405, "close"
    ),
    OddRequest("CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n", 405, "close"),
    OddRequest(
      "GET /\(String(repeating: "x", count: 5000)) HTTP/1.1\r\nHost: test\r\n\r\n", 414, nil),
    OddRequest(
      "GET /\(String(repeating: "x", count: 20_000)) HTTP/1.1\r\nHost: test\r\n\r\n", 431, "close"
    ),
    OddRequest("GET /\(String(repeating: "x", count: 200_000))", 431, "close"),
    OddRequest(
      "GET / HTTP/1.1\r\nHost: test\r\nX: \(String(repeating: "x", count: 200_000))", 431, "close"
    ),
    OddRequest(
      "GET / HTTP/1.1\r\nHost: test\r\n\(String(repeating: "X: y\r\n", count: 500))\r\n", 431,
      "close"
    ),
    OddRequest("GET /healthz HTTP/1.1\r\nHost: test\r\n", nil, "close"),
  ]
}

extension RunningOrigin {
  /// Tries to connect until nobody listens any more.
  func waitUntilRefused() async throws {
    while true {
      do {
        try await connect { connection in try await connection.expectEnd() }
      } catch is IOError {
        return
      }
    }
  }
}
