import NIOCore

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Reads requests as most players and edges send them, GETs without conditions, in one pass over their bytes. It takes
/// only what the general decoder would take in the same way, and leaves the rest to that.
///
///     while let request = Request(plain: &bytes, limits: limits) { … }
///     // what is left in `bytes` goes through the decoder
extension Request {
  /// Moves behind the head of a plain GET; `nil`, with nothing moved, for all else, and for what is not complete.
  init?(plain bytes: inout ByteBuffer, limits: Limits) {
    let read = unsafe bytes.withUnsafeReadableBytes { head -> (Request, Int)? in
      var scan = unsafe PlainScan(head)
      return scan.request(limits: limits).map { ($0, scan.position) }
    }
    guard let (request, byteCount) = read else { return nil }
    bytes.moveReaderIndex(forwardBy: byteCount)
    self = request
  }
}

/// Looks at no byte outside the buffer, which has to outlive it.
@safe private struct PlainScan {
  private let bytes: UnsafeRawBufferPointer
  private(set) var position = 0

  init(_ bytes: UnsafeRawBufferPointer) { unsafe self.bytes = bytes }

  mutating func request(limits: Limits) -> Request? {
    guard skip("GET /") else { return nil }
    let start = position - 1
    while let byte = peek, byte.isInTarget { position += 1 }
    guard position - start <= limits.targetByteCount else { return nil }
    var request = Request(plain: text(start..<position))
    guard skip(" HTTP/1.1\r\n") else { return nil }
    var fieldCount = 0
    var hasHost = false
    while peek != UInt8(ascii: "\r") {
      fieldCount += 1
      guard fieldCount <= limits.headerFieldCount, position <= limits.headByteCount,
        field(&request, &hasHost)
      else { return nil }
    }
    guard hasHost, skip("\r\n"), position <= limits.headByteCount else { return nil }
    return request
  }

  private var peek: UInt8? { unsafe position < bytes.count ? bytes[position] : nil }

  private mutating func skip(_ expected: StaticString) -> Bool {
    let end = position + expected.utf8CodeUnitCount
    guard unsafe end <= bytes.count,
      let start = unsafe bytes.baseAddress.map({ unsafe $0 + position }),
      unsafe memcmp(start, expected.utf8Start, expected.utf8CodeUnitCount) == 0
    else { return false }
    position = end
    return true
  }

  private func text(_ range: Range<Int>) -> String {
    unsafe String(decoding: bytes[range], as: UTF8.self)
  }

  /// - Returns: whether it is a field that a plain GET may have.
  private mutating func field(_ request: inout Request, _ hasHost: inout Bool) -> Bool {
    let start = position
    while let byte = peek, byte.isInFieldName { position += 1 }
    let name = start..<position
    guard !name.isEmpty, skip(":") else { return false }
    while let byte = peek, byte.isBlank { position += 1 }
    let valueStart = position
    while let byte = peek, byte.isInFieldValue { position += 1 }
    let value = valueStart..<position
    guard unsafe value.isEmpty || !bytes[position - 1].isBlank, skip("\r\n") else { return false }
    // Those that `Request.read` looks at; a test holds the two against each other.
    switch name.count {
    case 4 where isName(name, "host"):
      defer { hasHost = true }
      return unsafe !hasHost && RequestTarget.isAuthority(bytes[value])
    case 10 where isName(name, "connection"): return isName(value, "keep-alive")
    case 6 where isName(name, "accept"):
      guard request.accept == nil else { return false }
      request.accept = text(value)
    case 15 where isName(name, "accept-encoding"):
      guard request.acceptEncoding == nil else { return false }
      request.acceptEncoding = text(value)
    case 10 where isName(name, "user-agent"): request.userAgent = text(value)
    case 7 where isName(name, "referer"): request.referrer = text(value)
    case 4 where isName(name, "date") || isName(name, "from"), 3 where isName(name, "dnt"),
      3 where isName(name, "via"), 6 where isName(name, "origin") || isName(name, "pragma"),
      8 where isName(name, "priority"), 13 where isName(name, "cache-control"),
      14
    where isName(name, "sec-fetch-dest") || isName(name, "sec-fetch-mode")
      || isName(name, "sec-fetch-site"),
      15 where isName(name, "accept-language"):
      break
    default: return false
    }
    return true
  }

  /// - Parameter name: in lower case, of letters and "-".
  private func isName(_ range: Range<Int>, _ name: StaticString) -> Bool {
    guard range.count == name.utf8CodeUnitCount else { return false }
    for offset in 0..<range.count {
      let expected = unsafe name.utf8Start[offset]
      let byte = unsafe bytes[range.lowerBound + offset]
      guard byte == expected || (byte | 0x20 == expected && byte.isLetter) else { return false }
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
