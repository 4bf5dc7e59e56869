import NIOCore

/// Frames that are written to the system together, and whose they are.
struct FrameBatch {
  struct Batch {
    /// In their order, at least one.
    var parts: [ByteBuffer]
    /// Bytes of bodies.
    var bodyByteCount: Int
    /// Streams whose responses end here.
    var ended: [HTTP2Stream]
    /// Those that something of the body is here of, and not the end.
    var moved: [HTTP2Stream]
  }

  /// Whether all becomes one part: TLS makes at least a record of each.
  private let joinsAll: Bool
  private var parts: [ByteBuffer] = []
  private var open = ByteBuffer()
  private(set) var bodyByteCount = 0
  var ended: [HTTP2Stream] = []
  private var moved: [HTTP2Stream] = []

  init(joinsAll: Bool) { self.joinsAll = joinsAll }

  var isEmpty: Bool { parts.isEmpty && open.readableBytes == 0 }

  mutating func write(_ body: (inout ByteBuffer) -> Void) { body(&open) }

  /// The next bytes of a response's body, as DATA frames.
  mutating func write(_ bytes: ByteBuffer, of stream: HTTP2Stream) {
    bodyByteCount += bytes.readableBytes
    if !stream.isResponseOver { moved.append(stream) }
    guard !joinsAll, bytes.readableBytes >= Self.ownPartByteCount else {
      for (payload, flags) in Self.payloads(bytes, of: stream) {
        open.writeFrameHeader(.data, flags, stream: stream.id, byteCount: payload.readableBytes)
        open.writeImmutableBuffer(payload)
      }
      return
    }
    // All headers in one buffer, whose slices stand between those of the body.
    let payloads = Self.payloads(bytes, of: stream)
    var headers = ByteBuffer()
    headers.reserveCapacity(payloads.count * FrameReader.headerByteCount)
    for (payload, flags) in payloads {
      headers.writeFrameHeader(.data, flags, stream: stream.id, byteCount: payload.readableBytes)
    }
    close()
    for (payload, _) in payloads {
      if let header = headers.readSlice(length: FrameReader.headerByteCount) {
        parts.append(header)
      }
      parts.append(payload)
    }
  }

  /// Bytes from which copying costs more than a part of its own.
  private static let ownPartByteCount = 8 * 1024

  private static func payloads(
    _ bytes: ByteBuffer, of stream: HTTP2Stream
  ) -> [(ByteBuffer, FrameFlags)] {
    // The end of a body that nobody knew the length of.
    guard bytes.readableBytes > 0 else { return [(bytes, stream.isResponseOver ? .endStream : [])] }
    var bytes = bytes
    var payloads: [(ByteBuffer, FrameFlags)] = []
    while let payload = bytes.readSlice(
      length: min(bytes.readableBytes, FrameReader.payloadByteCount)),
      payload.readableBytes > 0
    {
      let isLast = stream.isResponseOver && bytes.readableBytes == 0
      payloads.append((payload, isLast ? .endStream : []))
    }
    return payloads
  }

  private mutating func close() {
    guard open.readableBytes > 0 else { return }
    parts.append(open)
    open = ByteBuffer()
  }

  /// - Returns: `nil` if there is none.
  mutating func take() -> Batch? {
    close()
    guard !parts.isEmpty else { return nil }
    defer { (parts, bodyByteCount, ended, moved) = ([], 0, [], []) }
    return Batch(parts: parts, bodyByteCount: bodyByteCount, ended: ended, moved: moved)
  }
}
