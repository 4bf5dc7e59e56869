import NIOHTTP1

/// "… the request … is malformed", and the stream ends with PROTOCOL_ERROR (RFC 9113 §8.1.1).
struct MalformedFieldSection: Error {}

/// What a field of HTTP/2 may be (RFC 9113 §8.2).
enum FieldRules {
  /// A token (RFC 9110 §5.6.2) without upper case.
  static func isGood(name: String) -> Bool {
    guard !name.isEmpty else { return false }
    return name.utf8.allSatisfy { nameBytes[Int($0)] }
  }

  /// "A field value MUST NOT contain the zero value, line feed, or carriage return at any position", nor "start or end with
  /// an ASCII whitespace character" (§8.2.1).
  static func isGood(value: String) -> Bool {
    let bytes = value.utf8
    guard let first = bytes.first, let last = bytes.last else { return true }
    guard !isSpace(first), !isSpace(last) else { return false }
    return bytes.allSatisfy { $0 > 0x0d || ($0 != 0 && $0 != 0x0a && $0 != 0x0d) }
  }

  private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }

  /// Fields of HTTP/1.1 that are of the connection (§8.2.2).
  static func isOfConnection(_ name: String, _ value: String) -> Bool {
    switch name.utf8.count {
    case 2: name == "te" && value != "trailers"
    case 7: name == "upgrade"
    case 10: name == "connection" || name == "keep-alive"
    case 16: name == "proxy-connection"
    case 17: name == "transfer-encoding"
    default: false
    }
  }

  private static let nameBytes: [Bool] = (0..<256).map { byte in
    switch UInt8(byte) {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
    default: "!#$%&'*+-.^_`|~".utf8.contains(UInt8(byte))
    }
  }
}

/// The pseudo-header fields of a request (RFC 9113 §8.3.1).
struct PseudoFields {
  private var method: String?
  private var scheme: String?
  private var path: String?
  private(set) var authority: String?

  mutating func take(_ name: String, _ value: String) throws(MalformedFieldSection) {
    switch name {
    case ":method": try Self.set(&method, value)
    case ":scheme": try Self.set(&scheme, value)
    case ":path": try Self.set(&path, value)
    case ":authority": try Self.set(&authority, value)
    default: throw MalformedFieldSection()
    }
  }

  private static func set(_ field: inout String?, _ value: String) throws(MalformedFieldSection) {
    guard field == nil else { throw MalformedFieldSection() }
    field = value
  }

  /// - Throws: if one is missing, or there where it may not be (§8.5).
  func checked() throws(MalformedFieldSection) -> (method: String, path: String?) {
    guard let method, !method.isEmpty else { throw MalformedFieldSection() }
    if method == "CONNECT" {
      guard scheme == nil, path == nil, authority != nil else { throw MalformedFieldSection() }
      return (method, nil)
    }
    guard scheme != nil, let path, !path.isEmpty else { throw MalformedFieldSection() }
    return (method, path)
  }
}
