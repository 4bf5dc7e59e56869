/// The hops of a request as `Forwarded` (RFC 7239) or `X-Forwarded-For` tells them.
struct ForwardedFor: Hashable, Sendable {
  /// The client first; `nil`: one that hides, or that cannot be read.
  var hops: [IPAddress?]

  /// - Parameter field: values of `X-Forwarded-For`, joined by commas: addresses, some with ports.
  init(addresses field: String) {
    hops = Self.last(field.split(separator: ",", omittingEmptySubsequences: false)).map {
      Self.address($0.trimmed)
    }
  }

  /// - Parameter field: values of `Forwarded`, joined by commas.
  init(elements field: String) {
    hops = Self.last(Self.split(field, at: ",")).map { element in
      for pair in Self.split(element, at: ";") {
        let parts = pair.split(separator: "=", maxSplits: 1).map(\.trimmed)
        guard parts.count == 2, parts[0].lowercased() == "for" else { continue }
        let isQuoted = parts[1].count > 1 && parts[1].hasPrefix("\"") && parts[1].hasSuffix("\"")
        return Self.address(isQuoted ? parts[1].dropFirst().dropLast() : parts[1])
      }
      return nil
    }
  }

  private static func last<Member>(_ members: [Member]) -> ArraySlice<Member> {
    members.suffix(Limits.forwardedHopCount)
  }

  /// Splits where `separator` does not stand between quotation marks.
  private static func split(_ text: some StringProtocol, at separator: Character) -> [Substring] {
    var isQuoted = false
    return Substring(text).split(omittingEmptySubsequences: false) { character in
      if character == "\"" { isQuoted.toggle() }
      return character == separator && !isQuoted
    }
  }

  /// With or without a port: `192.0.2.1:443`, `[2001:db8::1]:443`, `2001:db8::1`.
  private static func address(_ text: Substring) -> IPAddress? {
    if text.hasPrefix("["), let end = text.firstIndex(of: "]") {
      return IPAddress(text[..<end].dropFirst())
    }
    if let address = IPAddress(text) { return address }
    return text.firstIndex(of: ":").flatMap { IPAddress(text[..<$0]) }
  }
}
