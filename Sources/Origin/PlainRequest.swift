import NIOCore

/// Reads requests as most players and edges send them, GETs without conditions, in one pass over their bytes. It takes
/// only what the general decoder would take in the same way, and leaves the rest to that.
///
///     while let request = Request(plain: &bytes, limits: limits) { … }
///     // what is left in `bytes` goes through the decoder
extension Request {
  /// Moves behind the head of a plain GET; `nil`, with nothing moved, for all else, and for what is not complete.
  init?(plain bytes: inout ByteBuffer, limits: Limits) {
    var scan = PlainScan(bytes)
    guard let request = scan.request(limits: limits) else { return nil }
    bytes.moveReaderIndex(forwardBy: scan.position)
    self = request
  }
}

private struct PlainScan {
  private let buffer: ByteBuffer
  /// Bytes that have been read.
  private(set) var position = 0

  init(_ buffer: ByteBuffer) { self.buffer = buffer }

  mutating func request(limits: Limits) -> Request? {
    let buffer = buffer
    let bytes = buffer.readableBytesUInt8Span
    guard skip("GET /", in: bytes) else { return nil }
    let start = position - 1
    while position < bytes.count, bytes[position].isInTarget { position += 1 }
    let target = start..<position
    guard target.count <= limits.targetByteCount, skip(" HTTP/1.1\r\n", in: bytes) else {
      return nil
    }
    var request = Request(plain: text(target))
    var fieldCount = 0
    var hasHost = false
    while !skip("\r\n", in: bytes) {
      fieldCount += 1
      guard fieldCount <= limits.headerFieldCount, position <= limits.headByteCount,
        field(&request, &hasHost, in: bytes)
      else { return nil }
    }
    return hasHost && position <= limits.headByteCount ? request : nil
  }

  private mutating func skip(_ expected: String, in bytes: Span<UInt8>) -> Bool {
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

  private func text(_ range: Range<Int>) -> String {
    buffer.getString(at: buffer.readerIndex + range.lowerBound, length: range.count) ?? ""
  }

  /// - Returns: whether it is a field that a plain GET may have.
  private mutating func field(
    _ request: inout Request, _ hasHost: inout Bool, in bytes: Span<UInt8>
  ) -> Bool {
    let start = position
    while position < bytes.count, bytes[position].isInFieldName { position += 1 }
    let name = start..<position
    guard !name.isEmpty, skip(":", in: bytes) else { return false }
    while position < bytes.count, bytes[position].isBlank { position += 1 }
    let valueStart = position
    while position < bytes.count, bytes[position].isInFieldValue { position += 1 }
    let value = valueStart..<position
    guard value.isEmpty || !bytes[position - 1].isBlank, skip("\r\n", in: bytes) else {
      return false
    }
    func isName(_ expected: String) -> Bool { Self.isName(name, expected, in: bytes) }
    // Those that `Request.read` looks at; a test holds the two against each other.
    switch name.count {
    case 4 where isName("host"):
      defer { hasHost = true }
      let view = buffer.viewBytes(at: buffer.readerIndex + value.lowerBound, length: value.count)
      return !hasHost && view.map(RequestTarget.isAuthority) ?? false
    case 10 where isName("connection"): return Self.isName(value, "keep-alive", in: bytes)
    case 6 where isName("accept"):
      guard request.accept == nil else { return false }
      request.accept = text(value)
    case 15 where isName("accept-encoding"):
      guard request.acceptEncoding == nil else { return false }
      request.acceptEncoding = text(value)
    case 10 where isName("user-agent"): request.userAgent = text(value)
    case 7 where isName("referer"): request.referrer = text(value)
    case 3 where isName("dnt") || isName("via"), 6 where isName("origin") || isName("pragma"),
      8 where isName("priority"), 13 where isName("cache-control"),
      14 where isName("sec-fetch-dest") || isName("sec-fetch-mode") || isName("sec-fetch-site"),
      15 where isName("accept-language"):
      break
    default: return false
    }
    return true
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
