import MediaCore

/// An absolute `http` or `https` URL (RFC 3986), in the pieces that a request is made of.
///
///     let playlist = try WebAddress("http://127.0.0.1:8080/film/main.m3u8")
///     try playlist.resolved("video/1.m4s?x=1").target  // "/film/video/1.m4s?x=1"
package struct WebAddress: Hashable, Sendable, CustomStringConvertible {
  package let isSecure: Bool
  /// Without the brackets of an IPv6 address.
  package let host: String
  package let port: Int
  /// Path and query, as they stand in a request.
  package let target: String

  /// - Throws: `ProbeError` for any other scheme, a user's name, or what is no URL.
  package init(_ text: String) throws(ProbeError) {
    func refused(_ reason: String) -> ProbeError {
      ProbeError(.input, "\(SafeText.quoted(text)) is no address to probe: \(reason)")
    }
    guard text.utf8.count <= Limits.addressByteCount else {
      throw refused("it has more than \(Limits.addressByteCount) bytes")
    }
    guard let colon = text.firstRange(of: "://") else {
      throw refused("http:// or https:// is expected")
    }
    switch text[..<colon.lowerBound].lowercased() {
    case "http": isSecure = false
    case "https": isSecure = true
    default: throw refused("http:// or https:// is expected")
    }
    let rest = text[colon.upperBound...]
    let end = rest.firstIndex { "/?#".contains($0) } ?? rest.endIndex
    let authority = rest[..<end]
    guard !authority.contains("@") else { throw refused("names and passwords are not sent") }
    var name = authority
    var digits: Substring?
    if authority.hasPrefix("["), let close = authority.firstIndex(of: "]") {
      name = authority[authority.index(after: authority.startIndex)..<close]
      let after = authority[authority.index(after: close)...]
      guard after.isEmpty || after.hasPrefix(":") else { throw refused("its host is not whole") }
      digits = after.isEmpty ? nil : after.dropFirst()
    } else if let colon = authority.lastIndex(of: ":") {
      name = authority[..<colon]
      digits = authority[authority.index(after: colon)...]
    }
    let isPlain = name.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: "\"") }
    guard !name.isEmpty, isPlain else { throw refused("its host cannot be read") }
    host = String(name)
    if let digits, !digits.isEmpty {
      guard let number = Int(digits), (1...65_535).contains(number) else {
        throw refused("its port is none")
      }
      port = number
    } else {
      port = isSecure ? 443 : 80
    }
    let pathAndQuery = rest[end...].prefix { $0 != "#" }
    target = Self.encoded(pathAndQuery.hasPrefix("/") ? pathAndQuery : "/" + pathAndQuery)
  }

  private init(_ base: WebAddress, target: String) {
    (isSecure, host, port) = (base.isSecure, base.host, base.port)
    self.target = target
  }

  /// Another document of the same server.
  /// - Parameter target: as it stands in a request.
  func with(target: String) -> WebAddress { WebAddress(self, target: target) }

  /// Host and port, as `Host` has them.
  package var authority: String {
    let name = host.contains(":") ? "[\(host)]" : host
    return port == (isSecure ? 443 : 80) ? name : "\(name):\(port)"
  }

  package var description: String { "\(isSecure ? "https" : "http")://\(authority)\(target)" }

  private var path: Substring { target.prefix { $0 != "?" } }

  /// What a reference in this document means (RFC 3986 §5.2).
  package func resolved(_ reference: String) throws(ProbeError) -> WebAddress {
    let text = reference.prefix { $0 != "#" }
    guard text.utf8.count <= Limits.addressByteCount else {
      throw ProbeError(
        .input, "a reference in \(self) has more than \(Limits.addressByteCount) bytes")
    }
    if let colon = text.firstRange(of: "://"), !text[..<colon.lowerBound].contains("/") {
      return try WebAddress(String(text))
    }
    if text.hasPrefix("//") {
      return try WebAddress("\(isSecure ? "https" : "http"):\(text)")
    }
    if text.isEmpty { return self }
    if text.hasPrefix("?") { return WebAddress(self, target: path + Self.encoded(text)) }
    let query = text.firstIndex(of: "?") ?? text.endIndex
    var whole = String(text[..<query])
    if !text.hasPrefix("/") {
      whole = path[...(path.lastIndex(of: "/") ?? path.startIndex)] + whole
    }
    return WebAddress(
      self, target: Self.encoded(Self.withoutDots(whole)[...] + text[query...]))
  }

  /// The same with parameters added to its query.
  func adding(_ parameters: [(name: String, value: String)]) -> WebAddress {
    guard !parameters.isEmpty else { return self }
    let text = parameters.map { "\($0.name)=\($0.value)" }.joined(separator: "&")
    return WebAddress(self, target: target + (target.contains("?") ? "&" : "?") + text)
  }

  /// "remove_dot_segments" (§5.2.4).
  private static func withoutDots(_ path: String) -> String {
    var kept: [Substring] = []
    let segments = path.split(separator: "/", omittingEmptySubsequences: false)
    for (index, segment) in segments.enumerated() {
      let isLast = index == segments.count - 1
      switch segment {
      case ".": if isLast { kept.append("") }
      case "..":
        if kept.count > 1 { kept.removeLast() }
        if isLast { kept.append("") }
      default: kept.append(segment)
      }
    }
    return kept.joined(separator: "/")
  }

  /// With what no request line may carry as percent signs and digits.
  private static func encoded(_ text: Substring) -> String {
    if text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) { return String(text) }
    let digits = Array("0123456789ABCDEF".utf8)
    var bytes: [UInt8] = []
    for byte in text.utf8 {
      if byte > 0x20 && byte < 0x7f {
        bytes.append(byte)
      } else {
        bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
