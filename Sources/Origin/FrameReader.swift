import NIOCore

/// A frame of a client, as far as it means something to an origin (RFC 9113 §6, RFC 9218 §7.1).
enum ClientFrame: Hashable {
  /// - Parameter flowByteCount: bytes that it takes of the windows: padding counts (§6.9.1).
  case data(stream: Int, ByteBuffer, flowByteCount: Int, isLast: Bool)
  /// A whole field section, CONTINUATION frames included.
  case headers(stream: Int, ByteBuffer, isLast: Bool)
  case priority
  case reset(stream: Int)
  case settings([Setting])
  case ping(UInt64)
  case windowUpdate(stream: Int, byteCount: Int)
  case priorityUpdate(PriorityUpdate)
  /// What concerns one stream only and breaks its rules.
  case fault(stream: Int, HTTP2Code)
}

/// A parameter of SETTINGS (RFC 9113 §6.5.1).
struct Setting: Hashable {
  var name: UInt16
  var value: UInt32

  init(name: UInt16, value: UInt32) { (self.name, self.value) = (name, value) }

  init(_ name: SettingName, _ value: Int) {
    self.init(name: name.rawValue, value: UInt32(clamping: value))
  }
}

/// Names of RFC 9113 §6.5.2 and RFC 9218 §2.1.
enum SettingName: UInt16 {
  case headerTableSize = 1
  case enablePush, maxConcurrentStreams, initialWindowSize, maxFrameSize, maxHeaderListSize
  /// SETTINGS_NO_RFC7540_PRIORITIES
  case noOldPriorities = 9
}

/// Another priority for a request, which may not even have come (RFC 9218 §7.1).
struct PriorityUpdate: Hashable, Sendable {
  /// Number of the stream.
  var stream: Int
  var field: String
}

/// Codes of RFC 9113 §7 that an origin has a use for.
enum HTTP2Code: UInt32, Hashable {
  case noError = 0
  case protocolError = 1
  case internalError = 2
  case flowControlError = 3
  case streamClosed = 5
  case frameSizeError = 6
  case refusedStream = 7
  case cancel = 8
  case compressionError = 9
  case enhanceYourCalm = 11
}

/// What ends a connection (RFC 9113 §5.4.1).
struct HTTP2Fault: Error, Hashable {
  var code: HTTP2Code

  init(_ code: HTTP2Code) { self.code = code }
}

/// Types of frames (RFC 9113 §6, RFC 9218 §7.1).
enum FrameKind: UInt8 {
  case data, headers, priority, reset, settings, pushPromise, ping, goAway, windowUpdate
  case continuation
  case priorityUpdate = 0x10
}

/// Flags of frames.
struct FrameFlags: OptionSet {
  var rawValue: UInt8

  /// Of DATA and HEADERS.
  static let endStream = FrameFlags(rawValue: 1)
  /// Of SETTINGS and PING.
  static let acknowledgement = FrameFlags(rawValue: 1)
  static let endHeaders = FrameFlags(rawValue: 4)
  static let padded = FrameFlags(rawValue: 8)
  static let priority = FrameFlags(rawValue: 0x20)
}

/// Makes frames of the bytes of a client, whatever the pieces are in which they come: the preface first, then frame by
/// frame with what can be said against each by itself (RFC 9113 §4, §6). Knows no streams.
///
///     reader.add(bytes)
///     while let frame = try reader.next() { … }
struct FrameReader {
  private var rest = ByteBuffer()
  private var isPrefaceRead = false
  private var isFirst = true
  /// A field section that goes on.
  private var section: (stream: Int, isLast: Bool, block: ByteBuffer, continuationCount: Int)?
  private var emptyCount = 0

  static let headerByteCount = 9
  /// SETTINGS_MAX_FRAME_SIZE, as nobody has changed it.
  static let payloadByteCount = 16_384

  mutating func add(_ bytes: ByteBuffer) {
    if rest.readableBytes == 0 { rest = bytes } else { rest.writeImmutableBuffer(bytes) }
  }

  /// - Returns: `nil` until more has come.
  mutating func next() throws(HTTP2Fault) -> ClientFrame? {
    guard try readPreface() else { return nil }
    while let (kind, flags, stream, payload) = try readFrame() {
      if let frame = try frame(kind, flags, stream, payload) { return frame }
    }
    return nil
  }

  private mutating func readPreface() throws(HTTP2Fault) -> Bool {
    guard !isPrefaceRead else { return true }
    guard let begins = ConnectionPreface.begins(rest) else { return false }
    guard begins else { throw HTTP2Fault(.protocolError) }
    rest.moveReaderIndex(forwardBy: ConnectionPreface.bytes.count)
    isPrefaceRead = true
    return true
  }

  private mutating func readFrame() throws(HTTP2Fault)
    -> (FrameKind?, FrameFlags, stream: Int, ByteBuffer)?
  {
    guard
      let (head, flags, stream) = rest.peekMultipleIntegers(as: (UInt32, UInt8, UInt32).self)
    else { return nil }
    let count = Int(head >> 8)
    guard count <= Self.payloadByteCount else { throw HTTP2Fault(.frameSizeError) }
    guard rest.readableBytes >= Self.headerByteCount + count else { return nil }
    rest.moveReaderIndex(forwardBy: Self.headerByteCount)
    guard let payload = rest.readSlice(length: count) else { return nil }
    if rest.readableBytes == 0 { rest = ByteBuffer() }
    let kind = FrameKind(rawValue: UInt8(head & 0xff))
    // "… the client connection preface MUST … be followed by a SETTINGS frame" (§3.4).
    if isFirst, kind != .settings { throw HTTP2Fault(.protocolError) }
    isFirst = false
    return (kind, FrameFlags(rawValue: flags), Int(stream & 0x7fff_ffff), payload)
  }

  /// - Returns: `nil` if there is nothing to do.
  private mutating func frame(
    _ kind: FrameKind?, _ flags: FrameFlags, _ stream: Int, _ payload: ByteBuffer
  ) throws(HTTP2Fault) -> ClientFrame? {
    // "… MUST be treated as a connection error … of type PROTOCOL_ERROR" (§6.10), unknown types too (§5.5).
    guard section == nil || kind == .continuation else { throw HTTP2Fault(.protocolError) }
    switch kind {
    case .data: return try data(flags, stream, payload)
    case .headers: return try headers(flags, stream, payload)
    case .continuation: return try continuation(flags, stream, payload)
    case .priority:
      try Self.check(stream != 0, .protocolError)
      guard payload.readableBytes == 5 else { return .fault(stream: stream, .frameSizeError) }
      return .priority
    case .reset:
      try Self.check(stream != 0, .protocolError)
      try Self.check(payload.readableBytes == 4, .frameSizeError)
      return .reset(stream: stream)
    case .settings: return try settings(flags, stream, payload)
    case .pushPromise: throw HTTP2Fault(.protocolError)
    case .ping:
      try Self.check(stream == 0, .protocolError)
      guard payload.readableBytes == 8,
        let data = payload.getInteger(at: payload.readerIndex, as: UInt64.self)
      else { throw HTTP2Fault(.frameSizeError) }
      return flags.contains(.acknowledgement) ? nil : .ping(data)
    case .goAway:
      // Whoever goes asks for nothing more.
      try Self.check(stream == 0, .protocolError)
      try Self.check(payload.readableBytes >= 8, .frameSizeError)
      return nil
    case .windowUpdate:
      guard payload.readableBytes == 4,
        let increment = payload.getInteger(at: payload.readerIndex, as: UInt32.self)
      else { throw HTTP2Fault(.frameSizeError) }
      let byteCount = Int(increment & 0x7fff_ffff)
      try Self.check(byteCount > 0 || stream != 0, .protocolError)
      guard byteCount > 0 else { return .fault(stream: stream, .protocolError) }
      return .windowUpdate(stream: stream, byteCount: byteCount)
    case .priorityUpdate:
      guard stream == 0, (4...4 + Limits.priorityFieldByteCount).contains(payload.readableBytes),
        let id = payload.getInteger(at: payload.readerIndex, as: UInt32.self),
        id & 0x7fff_ffff != 0,
        let field = payload.getString(
          at: payload.readerIndex + 4, length: payload.readableBytes - 4)
      else { throw HTTP2Fault(.protocolError) }
      return .priorityUpdate(PriorityUpdate(stream: Int(id & 0x7fff_ffff), field: field))
    case nil: return nil
    }
  }

  private mutating func data(
    _ flags: FrameFlags, _ stream: Int, _ payload: ByteBuffer
  ) throws(HTTP2Fault) -> ClientFrame {
    try Self.check(stream != 0, .protocolError)
    let data = try Self.withoutPadding(payload, flags)
    let isLast = flags.contains(.endStream)
    emptyCount = data.readableBytes > 0 || isLast ? 0 : emptyCount + 1
    try Self.check(emptyCount <= Limits.emptyFrameCount, .enhanceYourCalm)
    return .data(stream: stream, data, flowByteCount: payload.readableBytes, isLast: isLast)
  }

  private mutating func headers(
    _ flags: FrameFlags, _ stream: Int, _ payload: ByteBuffer
  ) throws(HTTP2Fault) -> ClientFrame? {
    try Self.check(stream != 0, .protocolError)
    var block = try Self.withoutPadding(payload, flags)
    if flags.contains(.priority) {
      try Self.check(block.readableBytes >= 5, .frameSizeError)
      block.moveReaderIndex(forwardBy: 5)
    }
    let isLast = flags.contains(.endStream)
    guard flags.contains(.endHeaders) else {
      section = (stream, isLast, block, 0)
      return nil
    }
    return .headers(stream: stream, block, isLast: isLast)
  }

  private mutating func continuation(
    _ flags: FrameFlags, _ stream: Int, _ payload: ByteBuffer
  ) throws(HTTP2Fault) -> ClientFrame? {
    guard var section, section.stream == stream else { throw HTTP2Fault(.protocolError) }
    section.continuationCount += 1
    try Self.check(
      section.continuationCount <= Limits.continuationFrameCount, .enhanceYourCalm)
    section.block.writeImmutableBuffer(payload)
    guard flags.contains(.endHeaders) else {
      self.section = section
      return nil
    }
    self.section = nil
    return .headers(stream: stream, section.block, isLast: section.isLast)
  }

  private func settings(
    _ flags: FrameFlags, _ stream: Int, _ payload: ByteBuffer
  ) throws(HTTP2Fault) -> ClientFrame? {
    try Self.check(stream == 0, .protocolError)
    if flags.contains(.acknowledgement) {
      try Self.check(payload.readableBytes == 0, .frameSizeError)
      return nil
    }
    try Self.check(payload.readableBytes.isMultiple(of: 6), .frameSizeError)
    var payload = payload
    var settings: [Setting] = []
    while let (name, value) = payload.readMultipleIntegers(as: (UInt16, UInt32).self) {
      settings.append(Setting(name: name, value: value))
    }
    return .settings(settings)
  }

  private static func withoutPadding(
    _ payload: ByteBuffer, _ flags: FrameFlags
  ) throws(HTTP2Fault) -> ByteBuffer {
    guard flags.contains(.padded) else { return payload }
    var payload = payload
    guard let padding = payload.readInteger(as: UInt8.self),
      let rest = payload.readSlice(length: payload.readableBytes - Int(padding))
    else { throw HTTP2Fault(.protocolError) }
    return rest
  }

  private static func check(_ holds: Bool, _ code: HTTP2Code) throws(HTTP2Fault) {
    if !holds { throw HTTP2Fault(code) }
  }
}
