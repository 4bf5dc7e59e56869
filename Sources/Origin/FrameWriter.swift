import NIOCore

/// Frames of HTTP/2 on their way out (RFC 9113 §6).
extension ByteBuffer {
  mutating func writeFrameHeader(
    _ kind: FrameKind, _ flags: FrameFlags = [], stream: Int = 0, byteCount: Int
  ) {
    writeMultipleIntegers(
      UInt32(byteCount) << 8 | UInt32(kind.rawValue), flags.rawValue, UInt32(stream))
  }

  mutating func writeSettings(_ settings: [Setting]) {
    writeFrameHeader(.settings, byteCount: 6 * settings.count)
    for setting in settings { writeMultipleIntegers(setting.name, setting.value) }
  }

  mutating func writeSettingsAcknowledgement() {
    writeFrameHeader(.settings, .acknowledgement, byteCount: 0)
  }

  /// The answer to PING.
  mutating func writePong(_ data: UInt64) {
    writeFrameHeader(.ping, .acknowledgement, byteCount: 8)
    writeInteger(data)
  }

  mutating func writeReset(_ stream: Int, _ code: HTTP2Code) {
    writeFrameHeader(.reset, stream: stream, byteCount: 4)
    writeInteger(code.rawValue)
  }

  mutating func writeGoAway(lastStream: Int, _ code: HTTP2Code) {
    writeFrameHeader(.goAway, byteCount: 8)
    writeMultipleIntegers(UInt32(lastStream), code.rawValue)
  }

  mutating func writeWindowUpdate(_ byteCount: Int, stream: Int = 0) {
    writeFrameHeader(.windowUpdate, stream: stream, byteCount: 4)
    writeInteger(UInt32(byteCount))
  }

  /// A field section, in as many frames as it needs.
  ///
  /// - Parameter isFirst: of the connection. It says that the table of fields, which is never used, has no room: a client
  ///   that makes its table smaller is owed that (RFC 7541 §4.2).
  mutating func writeHeaders(_ block: ByteBuffer, stream: Int, isLast: Bool, isFirst: Bool) {
    var block = block
    if isFirst {
      var whole = ByteBuffer(integer: FieldBlockBuffer.emptyTable)
      whole.writeBuffer(&block)
      block = whole
    }
    var kind = FrameKind.headers
    var flags: FrameFlags = isLast ? .endStream : []
    repeat {
      let count = min(block.readableBytes, FrameReader.payloadByteCount)
      if count == block.readableBytes { flags.insert(.endHeaders) }
      writeFrameHeader(kind, flags, stream: stream, byteCount: count)
      writeImmutableBuffer(block.readSlice(length: count) ?? block)
      (kind, flags) = (.continuation, [])
    } while block.readableBytes > 0
  }
}

extension Limits {
  /// "… the length of the name and value … plus an overhead of 32 bytes for each field" (RFC 9113 §6.5.2).
  var fieldSectionByteCount: Int { headByteCount + 32 * headerFieldCount }

  /// What a client of HTTP/2 is told of them.
  var settings: [Setting] {
    [
      Setting(.maxConcurrentStreams, streamCount),
      Setting(.maxHeaderListSize, fieldSectionByteCount), Setting(.noOldPriorities, 1),
    ]
  }
}

/// A field section of a response, compressed (RFC 7541) without a memory of earlier ones, so that all connections share it:
/// names by the static table where it has them, "literal header field without indexing" (§6.2.2).
struct FieldBlockBuffer: FieldWriter {
  private(set) var bytes = ByteBuffer()

  /// "Dynamic table size update" to 0 (§6.3).
  static let emptyTable: UInt8 = 0x20

  /// - Parameter status: of the response.
  init(status: UInt) {
    bytes.reserveCapacity(Limits.headReserve)
    // Index 8 is `:status: 200`, and stands for the name otherwise (appendix A).
    if status == 200 {
      bytes.writeInteger(UInt8(0x88))
    } else {
      bytes.writeInteger(UInt8(0x08))
      Self.write(String(status), to: &bytes)
    }
  }

  mutating func write(_ name: FieldName, _ value: String) {
    bytes.writeBytes(name.compressed)
    Self.write(value, to: &bytes)
  }

  mutating func write(_ block: FieldBlock) { bytes.writeBytes(block.compressed) }

  /// A string as it is (§5.2).
  static func write(_ text: String, to bytes: inout ByteBuffer) {
    writeInteger(text.utf8.count, prefixBitCount: 7, to: &bytes)
    bytes.writeString(text)
  }

  /// §5.1, with zeros before it.
  static func writeInteger(_ value: Int, prefixBitCount: Int, to bytes: inout ByteBuffer) {
    let limit = 1 << prefixBitCount - 1
    guard value >= limit else { return _ = bytes.writeInteger(UInt8(value)) }
    bytes.writeInteger(UInt8(limit))
    var rest = value - limit
    while rest >= 0x80 {
      bytes.writeInteger(UInt8(rest & 0x7f | 0x80))
      rest >>= 7
    }
    bytes.writeInteger(UInt8(rest))
  }
}
