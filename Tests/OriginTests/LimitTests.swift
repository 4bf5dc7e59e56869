import FileIO
import NIOCore
import Synchronization
import Testing

@testable import Origin

/// What single clients may ask, and how clients are told apart.
@Suite struct LimitTests {
  private static let start = NIODeadline.uptimeNanoseconds(1_000_000_000_000)

  // MARK: Addresses

  @Test(arguments: [
    ("192.0.2.1", "192.0.2.1"), ("0.0.0.0", "0.0.0.0"), ("::ffff:192.0.2.1", "192.0.2.1"),
    ("::FFFF:c000:201", "192.0.2.1"), ("::", "::"), ("::1", "::1"), ("1::", "1::"),
    ("2001:DB8:0:0:0:0:0:1", "2001:db8::1"), ("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"),
    ("1:0:0:2:0:0:0:3", "1:0:0:2::3"), ("1:0:0:2:3:0:0:4", "1::2:3:0:0:4"),
    ("64:ff9b::192.0.2.33", "64:ff9b::c000:221"), ("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"),
    ("::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"),
  ])
  func `an address is written as systems do`(text: String, written: String) throws {
    let address = try #require(IPAddress(text))
    #expect(address.description == written)
    #expect(IPAddress(written) == address)
    let system = try SocketAddress(ipAddress: text, port: 0).ipAddress
    #expect(IPAddress(try #require(system)) == address)
  }

  @Test(arguments: [
    "", "1.2.3", "1.2.3.4.5", "256.1.1.1", "01.2.3.4", "1.2.3.4 ", "1..2.3", ":", ":::", "1:2",
    "1::2::3", "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7:8::", "::12345", "g::", "1:2:3:4:5:6:7:",
    ":1::2",
    "fe80::1%eth0", "1.2.3.4::", "::1.2.3.4:5", "[::1]", "1:2:3:4:5:6:7:1.2.3.4", "example.org",
  ])
  func `what is no address is none`(text: String) {
    #expect(IPAddress(text) == nil)
  }

  @Test(arguments: [
    ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"), ("192.0.2.77", "192.0.2.77"),
    ("::ffff:192.0.2.77", "192.0.2.77"),
  ])
  func `a household is an address, or a network of 64 bits`(address: String, household: String) {
    #expect(IPAddress(address)?.household.description == household)
  }

  // MARK: Edges

  @Test(arguments: [
    ("10.0.0.0/8", "10.255.0.1", true), ("10.0.0.0/8", "11.0.0.1", false),
    ("10.0.0.0/8", "::ffff:10.1.1.1", true), ("::/0", "10.0.0.1", false), ("::/0", "2001::1", true),
    ("0.0.0.0/0", "10.0.0.1", true), ("2001:db8::/32,192.0.2.1", "192.0.2.1", true),
    ("2001:db8::/32, 192.0.2.1", "2001:db8:ffff::", true), ("192.0.2.0/31", "192.0.2.2", false),
  ])
  func `a network contains addresses`(list: String, address: String, isIn: Bool) throws {
    let edges = try TrustedEdges(list)
    #expect(edges.contain(IPAddress(address)) == isIn)
    #expect(!edges.contain(nil))
  }

  @Test(arguments: [
    "", "10.0.0.0/8,", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/08", "10.0.0.1/8", "::1/64", "x/8",
    "10.0.0.0/", "/8", "UNIX", Array(repeating: "::1", count: 257).joined(separator: ","),
  ])
  func `what is no network is told in a sentence`(list: String) {
    let error = #expect(throws: OriginError.self) { try TrustedEdges(list) }
    #expect(error?.code == .malformedNetwork)
    #expect(error?.message.hasSuffix(".") == true || error?.message.hasSuffix("?") == true)
  }

  @Test(
    arguments: [
      ("10.0.0.1", "192.0.2.1", "192.0.2.1", false),
      ("10.0.0.1", "6.6.6.6, 192.0.2.1", "192.0.2.1", false),
      ("10.0.0.1", "192.0.2.1, 10.0.0.2", "192.0.2.1", false),
      ("10.0.0.1", "10.0.0.3, 10.0.0.2", "10.0.0.3", true),
      ("10.0.0.1", "unknown", "10.0.0.1", true), ("10.0.0.1", "", "10.0.0.1", true),
      ("10.0.0.1", "192.0.2.1:443", "192.0.2.1", false),
      ("10.0.0.1", "[2001:db8::1]:443", "2001:db8::1", false),
      ("8.8.8.8", "192.0.2.1", "8.8.8.8", false), (nil, "192.0.2.1", nil, true),
    ] as [(String?, String, String?, Bool)])
  func `only who is trusted may ask for another`(
    peer: String?, field: String, client: String?, isTrusted: Bool
  ) throws {
    let trusted = try TrustedEdges("10.0.0.0/8")
    let found = ClientIdentity(peer.flatMap { IPAddress($0) }, trusted: trusted)
      .asking(for: ForwardedFor(addresses: field), trusted: trusted)
    #expect(found.text == client)
    #expect(found.isTrusted == isTrusted)
  }

  @Test func `a socket of this machine may be an edge`() throws {
    let trusted = try TrustedEdges("unix")
    let found = ClientIdentity(nil, trusted: trusted)
      .asking(for: ForwardedFor(addresses: "192.0.2.1"), trusted: trusted)
    #expect(found.text == "192.0.2.1")
  }

  @Test(
    arguments: [
      ("for=192.0.2.60;proto=http;by=203.0.113.43", ["192.0.2.60"]),
      ("for=192.0.2.43, For=\"[2001:db8:cafe::17]:4711\"", ["192.0.2.43", "2001:db8:cafe::17"]),
      ("for=_hidden, for=unknown, proto=http", [nil, nil, nil]),
      ("for=\"a,b\";x=\"for=1.1.1.1\", for=\"192.0.2.1:80\"", [nil, "192.0.2.1"]),
    ] as [(String, [String?])])
  func `Forwarded is read as RFC 7239 writes it`(field: String, hops: [String?]) {
    #expect(ForwardedFor(elements: field).hops.map { $0?.description } == hops)
  }

  @Test func `of many hops the last count`() {
    let field = (0..<1000).map { "10.0.0.\($0 % 256)" }.joined(separator: ",")
    #expect(ForwardedFor(addresses: field).hops.count == Limits.forwardedHopCount)
    #expect(ForwardedFor(addresses: field).hops.last == IPAddress("10.0.0.231"))
  }

  // MARK: Rates

  @Test func `a client has four seconds' worth at once and then its rate`() throws {
    let rates = RequestRates(perSecond: 10)
    let client = try #require(IPAddress("192.0.2.1"))
    for _ in 0..<40 { #expect(rates.refusal(of: client, now: Self.start) == nil) }
    #expect(rates.refusal(of: client, now: Self.start) == .milliseconds(100))
    #expect(rates.refusal(of: client, now: Self.start + .milliseconds(99)) == .milliseconds(1))
    for tenth in 1...100 {
      let now = Self.start + .milliseconds(Int64(tenth) * 100)
      #expect(rates.refusal(of: client, now: now) == nil)
      #expect(rates.refusal(of: client, now: now) == .milliseconds(100))
    }
    let later = Self.start + .hours(1)
    for _ in 0..<40 { #expect(rates.refusal(of: client, now: later) == nil) }
    #expect(rates.refusal(of: client, now: later) != nil)
    #expect(rates.refusedCount == 103)
  }

  @Test(arguments: [
    ("127.0.0.1", true), ("127.255.0.9", true), ("::1", true), ("::ffff:127.0.0.1", true),
    ("128.0.0.1", false), ("::2", false), ("::", false), ("2001:db8::1", false),
    ("10.0.0.127", false),
  ])
  func `some addresses are those of the machine itself`(address: String, isLoopback: Bool) {
    #expect(IPAddress(address)?.isLoopback == isLoopback)
  }

  @Test func `who changes addresses in a household is the same client`() throws {
    let rates = RequestRates(perSecond: 1)
    for host in 0..<4 {
      let address = try #require(IPAddress("2001:db8::\(host)"))
      #expect(rates.refusal(of: address, now: Self.start) == nil)
    }
    #expect(rates.refusal(of: try #require(IPAddress("2001:db8::9")), now: Self.start) != nil)
    #expect(rates.refusal(of: try #require(IPAddress("2001:db8:0:1::9")), now: Self.start) == nil)
  }

  @Test func `a flood of addresses takes no memory, and lets no one off who goes on`() throws {
    let rates = RequestRates(perSecond: 1)
    let client = try #require(IPAddress("192.0.2.1"))
    for number in 0..<200_000 {
      let address = try #require(
        IPAddress("10.\(number >> 16 & 255).\(number >> 8 & 255).\(number & 255)"))
      _ = rates.refusal(of: address, now: Self.start)
      if number % 1000 == 0 {
        #expect((rates.refusal(of: client, now: Self.start) == nil) == (number < 4000))
      }
    }
    #expect(rates.clientCount <= Limits.countedClientCount)
  }

  // MARK: Connections

  @Test func `each client has its connections, and none is remembered without any`() throws {
    let connections = ClientConnections(limit: 2)
    let one = try #require(IPAddress("2001:db8::1"))
    let neighbour = try #require(IPAddress("2001:db8::2"))
    let other = try #require(IPAddress("192.0.2.1"))
    #expect(connections.open(one))
    #expect(connections.open(neighbour))
    #expect(!connections.open(one))
    #expect(connections.open(other))
    connections.close(one)
    #expect(connections.open(one))
    #expect(connections.refusedCount == 1)
    for client in [one, neighbour, other] { connections.close(client) }
    #expect(connections.clientCount == 0)
  }

  // MARK: Readers

  /// Pieces of so many bytes, each taken in so many seconds, and whether the client is in time.
  @Test(
    arguments: [
      // 1,000 bytes in a second, and ten seconds behind at the most.
      ([(5000, 5)], true), ([(5000, 15)], true), ([(5000, 16)], false), ([(1, 11)], false),
      ([(1000, 3), (1000, 3), (1000, 3), (1000, 3), (1000, 3)], true),
      ([(1000, 3), (1000, 3), (1000, 3), (1000, 3), (1000, 3), (1000, 2)], false),
      // What was taken faster makes up for what was slow before, and for nothing that is to come.
      ([(1000, 11), (20_000, 1), (1000, 11)], true), ([(100_000, 1), (1000, 12)], false),
    ] as [([(Int, Int64)], Bool)])
  func `a reader falls behind only so far`(pieces: [(Int, Int64)], isInTime: Bool) {
    var pace = ReaderPace(bytesPerSecond: 1000, window: .seconds(10))
    var now = Self.start
    var lateCount = 0
    for (byteCount, seconds) in pieces {
      // What is waited for in between is not its fault.
      now = now + .hours(1)
      let deadline = pace.began(byteCount, now: now)
      now = now + .seconds(seconds)
      if now > deadline { lateCount += 1 }
      pace.ended(now: now)
    }
    #expect((lateCount == 0) == isInTime)
  }

  // MARK: Over sockets

  private func withFilm(
    _ configure: (inout OriginServer.Configuration) -> Void,
    _ body: (RunningOrigin) async throws -> Void
  ) async throws {
    let folder = try MediaFolder()
    let titles = FakeTitles([
      try folder.title("film"), try folder.title("large", segmentByteCounts: [9_000_000]),
    ])
    try await withOrigin(titles, configure, body)
  }

  @Test func `a client that asks too often is told when to come again`() async throws {
    let edges = try TrustedEdges("127.0.0.1")
    for trusted in [TrustedEdges(), edges] {
      try await withFilm {
        // So few that no machine is too slow to meet the limit.
        $0.limits.clientRequestsPerSecond = 1
        $0.trustedEdges = trusted
      } _: { origin in
        try await origin.connect { connection in
          func request(_ client: String) -> String {
            "GET /film/main.m3u8 HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: \(client)\r\n\r\n"
          }
          // All at once: what an edge asks for somebody else counts as the edge's own only if it is not trusted.
          let many = String(repeating: request("192.0.2.1"), count: 40)
          try await connection.send(many + request("192.0.2.2"))
          var statuses: [Int] = []
          for _ in 1...40 {
            let reply = try await connection.reply()
            statuses.append(reply.status)
            guard reply.status == 429 else { continue }
            #expect(reply["Retry-After"] == "1")
            #expect(reply["Cache-Control"] == "no-store")
          }
          #expect(statuses.prefix(4) == [200, 200, 200, 200])
          #expect(statuses.contains(429))
          let other = try await connection.reply()
          #expect(other.status == (trusted == edges ? 200 : 429))
        }
      }
    }
  }

  @Test func `more connections than one client may have are closed at once`() async throws {
    try await withFilm {
      $0.limits.clientConnectionCount = 2
    } _: { origin in
      try await origin.connect { one in
        try await one.send("GET", "/healthz")
        #expect(try await one.reply().status == 200)
        try await origin.connect { two in
          try await two.send("GET", "/healthz")
          #expect(try await two.reply().status == 200)
          try await origin.connect { three in
            #expect(await three.bytesUntilEnd() == [])
          }
          try await one.send("GET", "/healthz")
          #expect(try await one.reply().status == 200)
        }
      }
      // Those have ended; that the origin knows of it may take it a moment.
      var status: Int?
      while status == nil { status = try? await origin.fetch("/healthz").status }
      #expect(status == 200)
    }
  }

  @Test func `a client that reads too slowly is cut off`() async throws {
    try await withFilm {
      $0.limits.readerBytesPerSecond = 100_000_000
      $0.limits.readerWindow = .milliseconds(500)
      $0.limits.sweepInterval = .milliseconds(20)
      $0.limits.drainTimeout = .hours(1)
    } _: { origin in
      try await origin.connect(receiveBuffer: 4096) { connection in
        try await connection.send("GET", "/large/video.mp4")
        #expect(try await connection.head().status == 200)
        await origin.stop()
        // Nothing is read: only the limit can end the transfer, and with it the origin.
        try await origin.waitUntilRefused()
      }
    }
  }
}
