import NIOCore
import NIOHPACK

/// A frame of HTTP/2, as it is on the wire.
struct Frame: Equatable {
  enum Kind: UInt8 {
    case data, headers, priority, reset, settings, pushPromise, ping, goAway, windowUpdate
    case continuation
    case priorityUpdate = 0x10
    case unknown = 0xee
  }

  var kind: Kind
  /// END_STREAM or ACK is 1, END_HEADERS 4, PADDED 8.
  var flags: UInt8 = 0
  var stream = 0
  var payload = ByteBuffer()

  /// - Parameter count: what the header says, where that is not true.
  func bytes(count: Int? = nil) -> ByteBuffer {
    var bytes = ByteBuffer()
    let count = count ?? payload.readableBytes
    bytes.writeMultipleIntegers(UInt32(count) << 8 | UInt32(kind.rawValue), flags, UInt32(stream))
    bytes.writeImmutableBuffer(payload)
    return bytes
  }

  static func settings(_ settings: [(UInt16, UInt32)]) -> Frame {
    var payload = ByteBuffer()
    for (name, value) in settings { payload.writeMultipleIntegers(name, value) }
    return Frame(kind: .settings, payload: payload)
  }

  static func windowUpdate(_ increment: UInt32, stream: Int = 0) -> Frame {
    Frame(kind: .windowUpdate, stream: stream, payload: ByteBuffer(integer: increment))
  }

  static func reset(_ stream: Int) -> Frame {
    Frame(kind: .reset, stream: stream, payload: ByteBuffer(integer: UInt32(8)))
  }

  static func priorityUpdate(_ stream: UInt32, _ field: String) -> Frame {
    var payload = ByteBuffer(integer: stream)
    payload.writeString(field)
    return Frame(kind: .priorityUpdate, payload: payload)
  }

  /// Of GOAWAY, behind the last stream, and of RST_STREAM.
  var errorCode: UInt32? {
    payload.getInteger(at: payload.readerIndex + (kind == .goAway ? 4 : 0))
  }

  /// Of GOAWAY.
  var lastStream: UInt32? { payload.getInteger(at: payload.readerIndex) }
}

/// A client of HTTP/2 that sends the frames it is told to, and reads those that come by rules simple enough to be no second
/// implementation.
struct FrameConnection {
  var connection: RawConnection
  private var encoder = HPACKEncoder(allocator: ByteBufferAllocator())
  private var decoder = HPACKDecoder(allocator: ByteBufferAllocator())
  /// Fields that came last, by the number of the stream: each section has to be decoded, whether anybody asks or not.
  private(set) var fields: [Int: [(name: String, value: String)]] = [:]
  /// Responses as far as they came, by the number of the stream.
  private var received: [Int: Reply] = [:]
  /// Streams whose last frame came.
  private var ended: Set<Int> = []

  static let preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"

  init(_ connection: RawConnection) { self.connection = connection }

  /// Says the preface, and hears that of the origin.
  mutating func open(_ settings: [(UInt16, UInt32)] = []) async throws -> Frame {
    try await connection.send(Self.preface)
    try await send(.settings(settings))
    let frame = try await frame()
    try await send(Frame(kind: .settings, flags: 1))
    return frame
  }

  func send(_ frame: Frame) async throws { try await connection.send(bytes: frame.bytes()) }

  /// Reads one.
  mutating func frame() async throws -> Frame {
    var head = try await connection.bytes(9)
    let (first, flags, stream) =
      head.readMultipleIntegers(as: (UInt32, UInt8, UInt32).self) ?? (0, 0, 0)
    let payload = try await connection.bytes(Int(first >> 8))
    let frame = Frame(
      kind: Frame.Kind(rawValue: UInt8(first & 0xff)) ?? .unknown, flags: flags,
      stream: Int(stream),
      payload: payload)
    switch frame.kind {
    case .headers:
      var section = payload
      let fields = try decoder.decodeHeaders(from: &section).map {
        (name: $0.name, value: $0.value)
      }
      self.fields[frame.stream] = fields
      if let status = fields.first.flatMap({ Int($0.value) }) {
        received[frame.stream] = Reply(status: status, fields: Array(fields.dropFirst()), body: [])
      }
    case .data: received[frame.stream]?.body += Array(payload.readableBytesView)
    default: return frame
    }
    if flags & 1 == 1 { ended.insert(frame.stream) }
    return frame
  }

  /// Reads on until one of a kind comes.
  mutating func frame(_ kind: Frame.Kind) async throws -> Frame {
    while true {
      let frame = try await frame()
      if frame.kind == kind { return frame }
    }
  }

  mutating func section(_ fields: [(String, String)]) throws -> ByteBuffer {
    var bytes = ByteBuffer()
    try encoder.encode(headers: HPACKHeaders(fields), to: &bytes)
    return bytes
  }

  mutating func request(
    _ target: String, stream: Int, method: String = "GET", _ fields: [(String, String)] = [],
    isWhole: Bool = true
  ) async throws {
    let payload = try section(
      [(":method", method), (":scheme", "http"), (":authority", "test"), (":path", target)] + fields
    )
    try await send(Frame(kind: .headers, flags: isWhole ? 5 : 4, stream: stream, payload: payload))
  }

  /// Reads until the responses of all `streams` are whole; gives back to the origin what it sends. What came while something
  /// else was waited for counts.
  mutating func replies(_ streams: [Int]) async throws -> [Int: Reply] {
    while let stream = streams.first(where: { !ended.contains($0) }) {
      let frame = try await frame()
      switch frame.kind {
      case .headers where received[frame.stream] == nil:
        throw RawConnection.Ended()
      case .data where frame.payload.readableBytes > 0:
        try await send(.windowUpdate(UInt32(frame.payload.readableBytes)))
        if frame.flags & 1 == 0 {
          try await send(.windowUpdate(UInt32(frame.payload.readableBytes), stream: frame.stream))
        }
      // The end of a request that nobody reads any more is none of a response.
      case .reset where !streams.contains(frame.stream) || ended.contains(frame.stream): continue
      case .goAway, .reset: throw RawConnection.NoReply(text: "stream \(stream): \(frame)")
      default: continue
      }
    }
    return received.filter { streams.contains($0.key) }
  }
}

extension RunningOrigin {
  /// A connection of HTTP/2 whose prefaces have been exchanged.
  func speakHTTP2<Result>(
    _ settings: [(UInt16, UInt32)] = [], receiveBuffer: Int32? = nil,
    _ body: (inout FrameConnection) async throws -> Result
  ) async throws -> Result {
    try await connect(receiveBuffer: receiveBuffer) { connection in
      var frames = FrameConnection(connection)
      _ = try await frames.open(settings)
      return try await body(&frames)
    }
  }
}
