import NIOCore
import NIOPosix

/// What came back: read by rules simple enough to be no second HTTP implementation.
struct Reply {
  var status: Int
  var fields: [(name: String, value: String)]
  var body: [UInt8]

  subscript(name: String) -> String? {
    fields.first { $0.name.lowercased() == name.lowercased() }?.value
  }

  var text: String { String(decoding: body, as: UTF8.self) }

  /// All fields but those that may differ between two responses to the same request.
  var stableFields: [String] {
    fields.filter { !["date", "connection"].contains($0.name.lowercased()) }
      .map { "\($0.name): \($0.value)" }
  }
}

/// A client that sends exactly the bytes it is told to.
struct RawConnection {
  struct Ended: Error {}
  struct NoReply: Error { var text: String }

  private var inbound: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator
  private let outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
  private var received = ByteBuffer()

  /// - Parameters:
  ///   - receiveBuffer: bytes that the system takes before the client reads.
  ///   - tls: how TLS is spoken, if it is.
  static func open<Result>(
    to address: SocketAddress, receiveBuffer: Int32?, tls: TLSClient? = nil,
    _ body: (inout RawConnection) async throws -> Result
  ) async throws -> Result {
    var bootstrap = ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .connectTimeout(.minutes(10))
      .channelOption(.allowRemoteHalfClosure, value: true)
    if let receiveBuffer {
      bootstrap = bootstrap.channelOption(
        .socketOption(.so_rcvbuf), value: .init(receiveBuffer))
    }
    let channel = try await bootstrap.connect(to: address) { channel in
      channel.eventLoop.makeCompletedFuture {
        try tls?.prepare(channel)
        return try NIOAsyncChannel(
          wrappingChannelSynchronously: channel,
          configuration: .init(
            backPressureStrategy: .init(lowWatermark: 1, highWatermark: 2),
            isOutboundHalfClosureEnabled: true, inboundType: ByteBuffer.self,
            outboundType: ByteBuffer.self))
      }
    }
    return try await channel.executeThenClose { inbound, outbound in
      var connection = RawConnection(
        inbound: inbound.makeAsyncIterator(), outbound: outbound)
      return try await body(&connection)
    }
  }

  func send(_ text: String) async throws { try await outbound.write(ByteBuffer(string: text)) }

  func send(bytes: ByteBuffer) async throws { try await outbound.write(bytes) }

  func send(_ method: String, _ target: String, _ fields: [String] = []) async throws {
    let lines = ["\(method) \(target) HTTP/1.1", "Host: test"] + fields
    try await send(lines.map { $0 + "\r\n" }.joined() + "\r\n")
  }

  /// Says that no more will be sent.
  func finishSending() { outbound.finish() }

  /// Reads one response.
  mutating func reply(hasBody: Bool = true) async throws -> Reply {
    var reply = try await head()
    if hasBody { reply.body = try await body(of: reply) }
    return reply
  }

  /// Reads the body that follows `head`.
  mutating func body(of head: Reply) async throws -> [UInt8] {
    guard head.status != 204, head.status != 304,
      let count = head["Content-Length"].flatMap({ Int($0) })
    else { return [] }
    while received.readableBytes < count { try await readMore() }
    return received.readBytes(length: count) ?? []
  }

  /// Reads the status line and the fields of a response.
  mutating func head() async throws -> Reply {
    let end = Array("\r\n\r\n".utf8)
    while true {
      let view = received.readableBytesView
      if let index = view.indices.first(where: { view[$0...].starts(with: end) }) {
        let text = received.readString(length: index - view.startIndex) ?? ""
        received.moveReaderIndex(forwardBy: 4)
        return try Self.parse(text)
      }
      try await readMore()
    }
  }

  /// Reads so many bytes.
  mutating func bytes(_ count: Int) async throws -> ByteBuffer {
    while received.readableBytes < count { try await readMore() }
    return received.readSlice(length: count) ?? ByteBuffer()
  }

  /// Reads on, expecting nothing but the end.
  mutating func expectEnd() async throws {
    while received.readableBytes == 0 {
      do { try await readMore() } catch is Ended { return }
    }
    throw NoReply(text: String(buffer: received))
  }

  /// All that still comes, however the connection ends.
  mutating func bytesUntilEnd() async -> [UInt8] {
    while (try? await readMore()) != nil {}
    return Array(received.readableBytesView)
  }

  private mutating func readMore() async throws {
    guard var bytes = try await inbound.next() else { throw Ended() }
    received.writeBuffer(&bytes)
  }

  private static func parse(_ head: String) throws -> Reply {
    // Swift takes CR LF for one character.
    let lines = head.split(separator: "\r\n", omittingEmptySubsequences: false)
    let status = lines[0].split(separator: " ")
    guard status.count >= 2, status[0] == "HTTP/1.1", let code = Int(status[1]) else {
      throw NoReply(text: head)
    }
    let fields = try lines.dropFirst().map { line in
      guard let colon = line.firstRange(of: ": ") else { throw NoReply(text: head) }
      return (name: String(line[..<colon.lowerBound]), value: String(line[colon.upperBound...]))
    }
    return Reply(status: code, fields: fields, body: [])
  }
}
