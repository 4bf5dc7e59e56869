import NIOHTTP1

/// The path of a request target as decoded segments, from which nothing leads out of the library.
///
///     try RequestTarget("/My%20Film/main.m3u8?x=1").segments  // ["My Film", "main.m3u8"]
///
/// Percent-encoding is decoded exactly once. Segments hold no separator, no control character,
/// and are neither empty nor `.` or `..`.
struct RequestTarget: Hashable, Sendable {
  let segments: [String]

  /// - Throws: 400 for what is no clean path.
  init(_ target: String) throws(Rejection) {
    var rest = Array(target.utf8)[...]
    try Self.dropSchemeAndAuthority(&rest)
    if let query = rest.firstIndex(of: UInt8(ascii: "?")) { rest = rest[..<query] }
    guard rest.first == UInt8(ascii: "/") else {
      throw .badTarget("The request target must begin with '/'.")
    }
    rest = rest.dropFirst()
    guard !rest.isEmpty else {
      segments = []
      return
    }
    var segments: [String] = []
    for segment in rest.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false) {
      segments.append(try Self.decode(segment))
    }
    self.segments = segments
  }

  /// "a server MUST accept the absolute-form in requests" (RFC 9112 §3.2.2).
  private static func dropSchemeAndAuthority(
    _ target: inout ArraySlice<UInt8>
  ) throws(Rejection) {
    guard target.first != UInt8(ascii: "/") else { return }
    for scheme in ["http://", "https://"]
    where target.count > scheme.utf8.count
      && target.prefix(scheme.utf8.count).elementsEqual(scheme.utf8, by: { $0 | 0x20 == $1 | 0x20 })
    {
      target = target.dropFirst(scheme.utf8.count)
      let path = target.firstIndex { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "?") }
      // A URI without a host, or with somebody's name in front of it, is an error (RFC 9110 §4.2.1, §4.2.4).
      let authority = target[..<(path ?? target.endIndex)]
      guard !authority.isEmpty, isAuthority(authority) else {
        throw .badTarget("The request target names no host.")
      }
      target = target[(path ?? target.endIndex)...]
      if target.first != UInt8(ascii: "/") { target = [UInt8(ascii: "/")] }
      return
    }
  }

  /// Whether this is a host with or without a port, or nothing (RFC 9110 §7.2): letters, digits and what names and
  /// addresses may have besides (RFC 3986 §3.2.2); brackets around IPv6.
  static func isAuthority(_ text: some Collection<UInt8>) -> Bool {
    text.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"):
        true
      default: "-._~%!$&'()*+,;=:[]".utf8.contains(byte)
      }
    }
  }

  private static func decode(_ segment: ArraySlice<UInt8>) throws(Rejection) -> String {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(segment.count)
    var next = segment.startIndex
    while next < segment.endIndex {
      var byte = segment[next]
      // What is not ASCII must be percent-encoded (RFC 3986 §2).
      guard byte > 0x20, byte < 0x7f, byte != UInt8(ascii: "\\"), byte != UInt8(ascii: "#") else {
        throw .badTarget("The request target holds a character that must be percent-encoded.")
      }
      next += 1
      if byte == UInt8(ascii: "%") {
        guard segment.endIndex - next >= 2, let high = hexadecimal(segment[next]),
          let low = hexadecimal(segment[next + 1])
        else { throw .badTarget("The request target holds a broken percent-encoding.") }
        byte = high << 4 | low
        next += 2
        guard byte >= 0x20, byte != 0x7f, byte != UInt8(ascii: "/"), byte != UInt8(ascii: "\\")
        else { throw .badTarget("The request target hides a separator or control character.") }
      }
      bytes.append(byte)
    }
    let text = String(decoding: bytes, as: UTF8.self)
    guard !text.isEmpty, text != ".", text != ".." else {
      throw .badTarget("The path holds an empty or relative segment.")
    }
    guard bytes.contains(where: { $0 >= 0x80 }) else { return text }
    guard text.utf8.elementsEqual(bytes) else { throw .badTarget("The path is not UTF-8.") }
    guard text.unicodeScalars.allSatisfy({ isPrintable($0) }) else {
      throw .badTarget("The path holds a control character.")
    }
    return text
  }

  private static func hexadecimal(_ digit: UInt8) -> UInt8? {
    switch digit {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
    default: nil
    }
  }

  private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .lineSeparator, .paragraphSeparator: false
    default: true
    }
  }
}
