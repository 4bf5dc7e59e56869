import NIOCore

/// The head of a GET without conditions, as most players and edges send them: where in the bytes its parts are. Read in
/// one pass, and taken only where the general decoder would take it in the same way.
///
///     while let head = PlainHead(bytes, limits: limits) {
///       … Request(head, in: bytes) …
///       bytes.moveReaderIndex(forwardBy: head.byteCount)
///     }
///     // what is left in `bytes` goes through the decoder
struct PlainHead {
  /// Of the whole head.
  let byteCount: Int
  /// Ranges count from the first byte of the head.
  let target: Range<Int>
  private(set) var accept: Range<Int>?
  private(set) var acceptEncoding: Range<Int>?
  fileprivate var userAgent: Range<Int>?
  fileprivate var referrer: Range<Int>?

  /// `nil` if something else begins here, and while the head is not complete.
  init?(_ buffer: ByteBuffer, limits: Limits) {
    var scan = PlainScan(buffer)
    let bytes = buffer.readableBytesUInt8Span
    guard let target = scan.target(limits, in: bytes) else { return nil }
    self.target = target
    var fieldCount = 0
    var hasHost = false
    while !scan.skip("\r\n", in: bytes) {
      fieldCount += 1
      guard fieldCount <= limits.headerFieldCount, scan.position <= limits.headByteCount,
        let field = scan.field(in: bytes)
      else { return nil }
      switch field {
      case .host:
        if hasHost { return nil }
        hasHost = true
      case .accept(let value):
        if accept != nil { return nil }
        accept = value
      case .acceptEncoding(let value):
        if acceptEncoding != nil { return nil }
        acceptEncoding = value
      case .userAgent(let value): userAgent = value
      case .referrer(let value): referrer = value
      case .ignored: break
      }
    }
    guard hasHost, scan.position <= limits.headByteCount else { return nil }
    byteCount = scan.position
  }
}

extension Request {
  /// - Parameter bytes: those that `head` was read from.
  init(_ head: PlainHead, in bytes: ByteBuffer) {
    func text(_ range: Range<Int>) -> String {
      bytes.getString(at: bytes.readerIndex + range.lowerBound, length: range.count) ?? ""
    }
    self.init(plain: text(head.target))
    accept = head.accept.map(text)
    acceptEncoding = head.acceptEncoding.map(text)
    userAgent = head.userAgent.map(text)
    referrer = head.referrer.map(text)
  }
}

private struct PlainScan {
  /// Fields that a plain GET may have, with where their values are.
  enum Field {
    case host, ignored
    case accept(Range<Int>), acceptEncoding(Range<Int>), userAgent(Range<Int>), referrer(Range<Int>)
  }

  private let buffer: ByteBuffer
  /// Bytes that have been read.
  private(set) var position = 0

  init(_ buffer: ByteBuffer) { self.buffer = buffer }

  /// Of the request line.
  mutating func target(_ limits: Limits, in bytes: Span<UInt8>) -> Range<Int>? {
    guard skip("GET /", in: bytes) else { return nil }
    let start = position - 1
    while position < bytes.count, bytes[position].isInTarget { position += 1 }
    let target = start..<position
    return target.count <= limits.targetByteCount && skip(" HTTP/1.1\r\n", in: bytes) ? target : nil
  }

  mutating func skip(_ expected: String, in bytes: Span<UInt8>) -> Bool {
    let end = position + expected.utf8.count
    guard end <= bytes.count else { return false }
    var place = position
    for byte in expected.utf8 {
      guard bytes[place] == byte else { return false }
      place += 1
    }
    position = end
    return true
  }

  /// `nil` if it is another field, or none.
  mutating func field(in bytes: Span<UInt8>) -> Field? {
    let start = position
    while position < bytes.count, bytes[position].isInFieldName { position += 1 }
    let name = start..<position
    guard !name.isEmpty, skip(":", in: bytes) else { return nil }
    while position < bytes.count, bytes[position].isBlank { position += 1 }
    let valueStart = position
    while position < bytes.count, bytes[position].isInFieldValue { position += 1 }
    let value = valueStart..<position
    guard value.isEmpty || !bytes[position - 1].isBlank, skip("\r\n", in: bytes) else {
      return nil
    }
    func isName(_ expected: String) -> Bool { Self.isName(name, expected, in: bytes) }
    // Those that `Request.read` looks at; a test holds the two against each other.
    switch name.count {
    case 4 where isName("host"):
      let view = buffer.viewBytes(at: buffer.readerIndex + value.lowerBound, length: value.count)
      return view.map(RequestTarget.isAuthority) ?? false ? .host : nil
    case 10 where isName("connection"):
      return Self.isName(value, "keep-alive", in: bytes) ? .ignored : nil
    case 6 where isName("accept"): return .accept(value)
    case 15 where isName("accept-encoding"): return .acceptEncoding(value)
    case 10 where isName("user-agent"): return .userAgent(value)
    case 7 where isName("referer"): return .referrer(value)
    case 3 where isName("dnt") || isName("via"), 6 where isName("origin") || isName("pragma"),
      8 where isName("priority"), 13 where isName("cache-control"),
      14 where isName("sec-fetch-dest") || isName("sec-fetch-mode") || isName("sec-fetch-site"),
      15 where isName("accept-language"):
      return .ignored
    default: return nil
    }
  }

  /// - Parameter expected: in lower case, of letters and "-".
  private static func isName(
    _ range: Range<Int>, _ expected: String, in bytes: Span<UInt8>
  ) -> Bool {
    guard range.count == expected.utf8.count else { return false }
    var place = range.lowerBound
    for byte in expected.utf8 {
      let found = bytes[place]
      guard found == byte || (found | 0x20 == byte && found.isLetter) else { return false }
      place += 1
    }
    return true
  }
}

extension UInt8 {
  fileprivate var isLetter: Bool { (0x61...0x7a).contains(self | 0x20) }

  private var isDigit: Bool { (0x30...0x39).contains(self) }

  fileprivate var isBlank: Bool { self == 0x20 || self == 0x09 }

  fileprivate var isInFieldName: Bool { isLetter || isDigit || self == 0x2d || self == 0x5f }

  fileprivate var isInFieldValue: Bool { self >= 0x20 && self != 0x7f || self == 0x09 }

  /// `pchar`, "/" and "?" of RFC 3986 §3.3 and §3.4.
  fileprivate var isInTarget: Bool {
    switch self {
    case 0x2f, 0x3f, 0x25, 0x2d, 0x2e, 0x5f, 0x7e, 0x21, 0x24, 0x26...0x2c, 0x3a, 0x3b, 0x3d,
      0x40:
      true
    default: isLetter || isDigit
    }
  }
}
