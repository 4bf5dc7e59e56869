import NIOCore
import Testing

@testable import Origin

/// What a client may not do, and what it is told, by the clauses of RFC 9113. The important rows of h2spec among them.
@Suite struct HTTP2ConformanceTests {
  private let folder: MediaFolder
  private let titles: FakeTitles

  init() throws {
    folder = try MediaFolder()
    titles = FakeTitles([try folder.title("film")])
  }

  /// Codes of RFC 9113 §7.
  enum Code {
    static let none: UInt32 = 0
    static let `protocol`: UInt32 = 1
    static let flowControl: UInt32 = 3
    static let streamClosed: UInt32 = 5
    static let frameSize: UInt32 = 6
    static let refused: UInt32 = 7
    static let compression: UInt32 = 9
    static let calm: UInt32 = 11
  }

  /// Bytes that end the connection with GOAWAY, and its code; `nil`: any.
  struct Offence: CustomTestStringConvertible, Sendable {
    var clause: String
    var bytes: [UInt8]
    var code: UInt32?

    init(_ clause: String, _ code: UInt32?, _ frames: [Frame], count: Int? = nil) {
      (self.clause, self.code) = (clause, code)
      bytes = frames.flatMap { Array($0.bytes(count: count).readableBytesView) }
    }

    var testDescription: String { clause }
  }

  private static func zeros(_ count: Int) -> ByteBuffer { ByteBuffer(repeating: 0, count: count) }

  /// A field section of a GET, by indexes of the static table (RFC 7541, appendix A) and `:authority: a`.
  private static let get = ByteBuffer(bytes: [0x82, 0x84, 0x86, 0x41, 0x01, 0x61])

  /// One field of 126 bytes, and a thousand references to it.
  private static let unfolding = ByteBuffer(
    bytes: [0x82, 0x84, 0x86, 0x40, 0x01, 0x61, 0x7e] + Array(repeating: 0x61, count: 126)
      + Array(repeating: 0xbe, count: 1000))

  static let offences: [Offence] = [
    Offence(
      "4.2: a frame is longer than the origin allows", Code.frameSize,
      [Frame(kind: .data, stream: 1, payload: zeros(16_385))]),
    Offence(
      "4.3: a field section that cannot be decoded", Code.compression,
      [
        Frame(
          kind: .headers, flags: 5, stream: 1,
          payload: ByteBuffer(bytes: [0xff, 0xff, 0xff, 0xff, 0xff, 0xff]))
      ]),
    Offence(
      "4.3: another frame inside a field section", Code.protocol,
      [
        Frame(kind: .headers, flags: 1, stream: 1, payload: get),
        Frame(kind: .ping, payload: zeros(8)),
      ]),
    Offence(
      "5.1: DATA on an idle stream", Code.protocol,
      [Frame(kind: .data, flags: 1, stream: 1, payload: zeros(1))]),
    Offence("5.1: RST_STREAM on an idle stream", Code.protocol, [.reset(1)]),
    Offence("5.1: WINDOW_UPDATE on an idle stream", Code.protocol, [.windowUpdate(1, stream: 1)]),
    Offence(
      "5.1.1: an even number", Code.protocol,
      [Frame(kind: .headers, flags: 5, stream: 2, payload: get)]),
    Offence(
      "6.1: DATA on stream 0", Code.protocol, [Frame(kind: .data, flags: 1, payload: zeros(1))]),
    Offence(
      "6.2: HEADERS on stream 0", Code.protocol, [Frame(kind: .headers, flags: 5, payload: get)]),
    Offence(
      "6.2: more padding than frame", Code.protocol,
      [Frame(kind: .headers, flags: 13, stream: 1, payload: ByteBuffer(bytes: [9, 0x82]))]),
    Offence(
      "6.3: PRIORITY on stream 0", Code.protocol, [Frame(kind: .priority, payload: zeros(5))]),
    Offence("6.4: RST_STREAM on stream 0", Code.protocol, [.reset(0)]),
    Offence(
      "6.4: RST_STREAM of 3 bytes", Code.frameSize,
      [
        Frame(kind: .headers, flags: 4, stream: 1, payload: get),
        Frame(kind: .reset, stream: 1, payload: zeros(3)),
      ]),
    Offence("6.5: SETTINGS on a stream", Code.protocol, [Frame(kind: .settings, stream: 1)]),
    Offence(
      "6.5: SETTINGS of 5 bytes", Code.frameSize, [Frame(kind: .settings, payload: zeros(5))]),
    Offence(
      "6.5: an acknowledgement with settings", Code.frameSize,
      [Frame(kind: .settings, flags: 1, payload: zeros(6))]),
    Offence("6.5.2: ENABLE_PUSH is 2", Code.protocol, [.settings([(2, 2)])]),
    Offence(
      "6.5.2: INITIAL_WINDOW_SIZE above 2^31-1", Code.flowControl, [.settings([(4, 0x8000_0000)])]),
    Offence("6.5.2: MAX_FRAME_SIZE below 2^14", Code.protocol, [.settings([(5, 16_383)])]),
    Offence(
      "6.6: PUSH_PROMISE of a client", Code.protocol,
      [
        Frame(kind: .headers, flags: 4, stream: 1, payload: get),
        Frame(
          kind: .pushPromise, flags: 4, stream: 1, payload: ByteBuffer(bytes: [0, 0, 0, 2, 0x82])),
      ]),
    Offence(
      "6.7: PING on a stream", Code.protocol, [Frame(kind: .ping, stream: 1, payload: zeros(8))]),
    Offence("6.7: PING of 7 bytes", Code.frameSize, [Frame(kind: .ping, payload: zeros(7))]),
    Offence(
      "6.8: GOAWAY on a stream", Code.protocol, [Frame(kind: .goAway, stream: 1, payload: zeros(8))]
    ),
    Offence("6.9: WINDOW_UPDATE of 0", Code.protocol, [.windowUpdate(0)]),
    Offence(
      "6.9: WINDOW_UPDATE of 3 bytes", Code.frameSize,
      [Frame(kind: .windowUpdate, payload: zeros(3))]),
    Offence("6.9.1: a window above 2^31-1", Code.flowControl, [.windowUpdate(0x7fff_ffff)]),
    Offence(
      "6.10: CONTINUATION without HEADERS", Code.protocol,
      [Frame(kind: .continuation, flags: 4, stream: 1, payload: get)]),
    Offence(
      "RFC 9218 7.1: PRIORITY_UPDATE on a stream", Code.protocol,
      [Frame(kind: .priorityUpdate, stream: 1, payload: zeros(8))]),
    Offence(
      "RFC 9218 7.1: PRIORITY_UPDATE for stream 0", Code.protocol, [.priorityUpdate(0, "u=1")]),
    Offence(
      "a flood of PING", Code.calm,
      Array(repeating: Frame(kind: .ping, payload: zeros(8)), count: 500)),
    Offence("a flood of SETTINGS", Code.calm, Array(repeating: .settings([]), count: 500)),
    Offence(
      "a flood of PRIORITY_UPDATE", Code.calm,
      Array(repeating: .priorityUpdate(1, "u=1"), count: 500)),
    Offence(
      "a flood of empty DATA", Code.calm,
      [Frame(kind: .headers, flags: 4, stream: 1, payload: get)]
        + Array(repeating: Frame(kind: .data, stream: 1), count: 20)),
    Offence(
      "a flood of CONTINUATION", Code.calm,
      [Frame(kind: .headers, flags: 1, stream: 1, payload: get)]
        + Array(repeating: Frame(kind: .continuation, stream: 1), count: 20)),
    Offence(
      "rapid reset (CVE-2023-44487)", Code.calm,
      (0..<500).flatMap {
        [Frame(kind: .headers, flags: 5, stream: 2 * $0 + 1, payload: get), .reset(2 * $0 + 1)]
      }),
    Offence(
      "a field section that unfolds to ten times its limit", nil,
      [Frame(kind: .headers, flags: 5, stream: 1, payload: unfolding)]),
  ]

  @Test(arguments: offences)
  func `who breaks the protocol is told how, and cut off`(offence: Offence) async throws {
    try await withOrigin(titles) { origin in
      try await origin.speakHTTP2 { connection in
        try? await connection.connection.send(bytes: ByteBuffer(bytes: offence.bytes))
        let end = try await connection.frame(.goAway)
        if let code = offence.code {
          #expect(end.errorCode == code)
        } else {
          #expect(end.errorCode != 0)
        }
        _ = await connection.connection.bytesUntilEnd()
      }
      #expect(try await origin.fetch("/healthz").status == 200)
    }
  }

  /// Requests that end alone, with RST_STREAM.
  private static let malformed: [(String, [(String, String)])] = [
    (
      "8.2: a name in upper case",
      [(":method", "GET"), (":scheme", "http"), (":path", "/"), ("X-A", "b")]
    ),
    (
      "8.2.2: Connection",
      [(":method", "GET"), (":scheme", "http"), (":path", "/"), ("connection", "close")]
    ),
    (
      "8.2.2: TE that is not trailers",
      [(":method", "GET"), (":scheme", "http"), (":path", "/"), ("te", "gzip")]
    ),
    (
      "8.3: an unknown pseudo-header field",
      [(":method", "GET"), (":scheme", "http"), (":path", "/"), (":a", "b")]
    ),
    (
      "8.3: one of a response",
      [(":method", "GET"), (":scheme", "http"), (":path", "/"), (":status", "200")]
    ),
    (
      "8.3: one behind a field",
      [(":method", "GET"), (":scheme", "http"), ("a", "b"), (":path", "/")]
    ),
    ("8.3.1: no path", [(":method", "GET"), (":scheme", "http")]),
    ("8.3.1: an empty path", [(":method", "GET"), (":scheme", "http"), (":path", "")]),
    (
      "8.3.1: two methods",
      [(":method", "GET"), (":method", "GET"), (":scheme", "http"), (":path", "/")]
    ),
    (
      "8.1.1: a body that is announced and does not come",
      [(":method", "POST"), (":scheme", "http"), (":path", "/"), ("content-length", "5")]
    ),
    (
      "8.1.1: two lengths",
      [
        (":method", "GET"), (":scheme", "http"), (":path", "/"), ("content-length", "0"),
        ("content-length", "1"),
      ]
    ),
    (
      "8.2.1: a value that ends with a space",
      [(":method", "GET"), (":scheme", "http"), (":path", "/"), ("a", "b ")]
    ),
    (
      "8.2.1: a value with a line feed",
      [(":method", "GET"), (":scheme", "http"), (":path", "/"), ("a", "b\nc: d")]
    ),
    (
      "8.2.1: a name with a space",
      [(":method", "GET"), (":scheme", "http"), (":path", "/"), ("a b", "c")]
    ),
    ("8.5: CONNECT with a path", [(":method", "CONNECT"), (":authority", "a"), (":path", "/")]),
  ]

  @Test(arguments: malformed)
  func `a malformed request ends alone`(clause: String, fields: [(String, String)]) async throws {
    try await withOrigin(titles) { origin in
      try await origin.speakHTTP2 { connection in
        let section = try connection.section(fields)
        try await connection.send(Frame(kind: .headers, flags: 5, stream: 1, payload: section))
        let reset = try await connection.frame(.reset)
        #expect((reset.stream, reset.errorCode) == (1, Code.protocol), "\(clause)")
        try await connection.request("/healthz", stream: 3)
        #expect(try await connection.replies([3])[3]?.status == 200)
      }
    }
  }

  /// What is understood and refused, as in HTTP/1.1.
  private static let refused: [([(String, String)], Int)] = [
    ([(":method", "GET"), (":scheme", "http"), (":path", "/healthz")], 400),
    ([(":method", "GET"), (":scheme", "http"), (":path", "/healthz"), ("host", "a")], 200),
    (
      [
        (":method", "GET"), (":scheme", "http"), (":path", "/healthz"), (":authority", "a"),
        ("host", "a"),
      ], 200
    ),
    (
      [
        (":method", "GET"), (":scheme", "http"), (":path", "/healthz"), (":authority", "a"),
        ("host", "b"),
      ], 400
    ),
    ([(":method", "GET"), (":scheme", "http"), (":path", "/healthz"), (":authority", "a/b")], 400),
    ([(":method", "GET"), (":scheme", "http"), (":path", "/../x"), (":authority", "a")], 400),
    (
      [(":method", "GET"), (":scheme", "http"), (":path", "/healthz"), (":authority", "a")]
        + Array(repeating: ("a", "b"), count: 100), 431
    ),
    (
      [
        (":method", "GET"), (":scheme", "http"), (":path", "/healthz"), (":authority", "a"),
        ("a", String(repeating: "x", count: 16_500)),
      ], 431
    ),
    ([(":method", "CONNECT"), (":authority", "a:443")], 405),
  ]

  @Test(arguments: refused)
  func `what is understood has a status`(fields: [(String, String)], status: Int) async throws {
    try await withOrigin(titles) { origin in
      try await origin.speakHTTP2 { connection in
        var section = try connection.section(fields)
        let first = section.readSlice(length: min(16_384, section.readableBytes))!
        let isWhole = section.readableBytes == 0
        try await connection.send(
          Frame(kind: .headers, flags: isWhole ? 5 : 1, stream: 1, payload: first))
        if !isWhole {
          try await connection.send(
            Frame(kind: .continuation, flags: 4, stream: 1, payload: section))
        }
        #expect(try await connection.replies([1])[1]?.status == status)
      }
    }
  }

  @Test func `settings say what may be asked`() async throws {
    try await withOrigin(titles) { origin in
      try await origin.connect { connection in
        var frames = FrameConnection(connection)
        var payload = try await frames.open().payload
        var settings: [UInt16: UInt32] = [:]
        while let (name, value) = payload.readMultipleIntegers(as: (UInt16, UInt32).self) {
          settings[name] = value
        }
        // MAX_CONCURRENT_STREAMS, MAX_HEADER_LIST_SIZE, NO_RFC7540_PRIORITIES.
        #expect(settings == [3: 256, 6: 19_584, 9: 1])
      }
    }
  }

  /// "… MUST treat this as a stream error … of type PROTOCOL_ERROR or REFUSED_STREAM" (5.1.2).
  @Test func `a request too many is refused`() async throws {
    try await withOrigin(titles) {
      $0.limits.streamCount = 3
    } _: { origin in
      try await origin.speakHTTP2([(4, 0)]) { connection in
        for stream in [1, 3, 5, 7] {
          try await connection.request("/film/main.m3u8", stream: stream)
        }
        let reset = try await connection.frame(.reset)
        #expect((reset.stream, reset.errorCode) == (7, Code.refused))
        try await connection.send(.settings([(4, 100_000)]))
        #expect(try await connection.replies([1, 3, 5]).count == 3)
        try await connection.request("/film/main.m3u8", stream: 9)
        #expect(try await connection.replies([9])[9]?.status == 200)
      }
    }
  }

  /// The table of fields of the client may have no room at all (RFC 7541 §4.2).
  @Test func `a client without a table is understood, and understands`() async throws {
    try await withOrigin(titles) { origin in
      try await origin.speakHTTP2([(1, 0)]) { connection in
        for stream in [1, 3] {
          try await connection.request("/film/main.m3u8", stream: stream)
          let reply = try await connection.replies([stream])[stream]
          #expect(reply?.fields.contains { $0.name == "content-type" } == true)
        }
      }
    }
  }

  @Test func `what nobody knows is passed over, and padding too`() async throws {
    try await withOrigin(titles) { origin in
      try await origin.speakHTTP2([(0xee, 1)]) { connection in
        try await connection.send(
          Frame(kind: .unknown, flags: 0xff, stream: 7, payload: Self.zeros(100)))
        try await connection.send(Frame(kind: .priority, stream: 9, payload: Self.zeros(5)))
        var padded = ByteBuffer(integer: UInt8(7))
        var section = try connection.section([
          (":method", "GET"), (":scheme", "http"), (":path", "/healthz"), (":authority", "a"),
        ])
        padded.writeBuffer(&section)
        padded.writeRepeatingByte(0, count: 7)
        try await connection.send(Frame(kind: .headers, flags: 13, stream: 1, payload: padded))
        #expect(try await connection.replies([1])[1]?.status == 200)
        try await connection.send(Frame(kind: .ping, payload: ByteBuffer(integer: UInt64(42))))
        let pong = try await connection.frame(.ping)
        #expect((pong.flags, pong.payload) == (1, ByteBuffer(integer: UInt64(42))))
      }
    }
  }

  /// Frames cut anywhere.
  @Test func `frames are the same whatever the pieces are`() throws {
    var bytes = ByteBuffer(string: FrameConnection.preface)
    var padded = ByteBuffer(bytes: [3])
    padded.writeBytes(Array("abc".utf8) + [0, 0, 0])
    let block = Array(Self.get.readableBytesView)
    let frames: [Frame] = [
      .settings([(4, 1)]), .priorityUpdate(3, "u=1"), Frame(kind: .settings, flags: 1),
      Frame(kind: .headers, stream: 1, payload: ByteBuffer(bytes: block.prefix(2))),
      Frame(kind: .continuation, stream: 1, payload: ByteBuffer(bytes: block[2..<3])),
      Frame(kind: .continuation, flags: 4, stream: 1, payload: ByteBuffer(bytes: block[3...])),
      Frame(kind: .unknown, flags: 0xff, stream: 9, payload: Self.zeros(100)),
      .priorityUpdate(5, ""), Frame(kind: .data, flags: 9, stream: 1, payload: padded),
      Frame(kind: .ping, payload: ByteBuffer(integer: UInt64(7))), .windowUpdate(9, stream: 1),
      .windowUpdate(0, stream: 1), Frame(kind: .goAway, payload: Self.zeros(9)), .reset(1),
      Frame(kind: .headers, flags: 0x25, stream: 3, payload: Self.zeros(6)),
    ]
    for frame in frames { bytes.writeImmutableBuffer(frame.bytes()) }
    let expected: [ClientFrame] = [
      .settings([Setting(name: 4, value: 1)]),
      .priorityUpdate(PriorityUpdate(stream: 3, field: "u=1")),
      .headers(stream: 1, Self.get, isLast: false),
      .priorityUpdate(PriorityUpdate(stream: 5, field: "")),
      .data(stream: 1, ByteBuffer(string: "abc"), flowByteCount: 7, isLast: true), .ping(7),
      .windowUpdate(stream: 1, byteCount: 9), .fault(stream: 1, .protocolError),
      .reset(stream: 1), .headers(stream: 3, Self.zeros(1), isLast: true),
    ]
    for size in [1, 2, 3, 7, 9, 10, 24, 33, 1000] {
      var reader = FrameReader()
      var found: [ClientFrame] = []
      var rest = bytes
      while rest.readableBytes > 0 {
        reader.add(rest.readSlice(length: min(size, rest.readableBytes))!)
        while let frame = try reader.next() { found.append(frame) }
      }
      #expect(found == expected, "pieces of \(size)")
    }
  }

  @Test func `the order of sending`() {
    var order = SendOrder()
    func take(_ count: Int) -> [Int] { (0..<count).compactMap { _ in order.next() } }
    var shared = Priority(urgency: 3)
    shared.isIncremental = true
    order.insert(5, Priority(urgency: 3))
    order.insert(1, Priority(urgency: 3))
    #expect(take(2) == [1, 1])
    order.insert(7, shared)
    order.insert(9, shared)
    #expect(take(4).sorted() == [1, 1, 7, 9])
    order.insert(11, Priority(urgency: 0))
    #expect(take(1) == [11])
    order.insert(11, Priority(urgency: 7))
    order.remove(1)
    order.remove(7)
    order.remove(7)
    #expect(take(4).sorted() == [5, 5, 9, 9])
    order.remove(5)
    order.remove(9)
    #expect(take(1) == [11])
    order.remove(11)
    #expect(take(1) == [] && order.count == 0)
  }
}
