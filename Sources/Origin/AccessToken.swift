package import Protection

/// Says that whoever has it may fetch a URL, or all below a path, until a time: an HMAC-SHA256 over a text that docs/origin.md
/// lays down.
///
///     let keys = try SigningKeys(text: "k1 00112233445566778899aabbccddeeff\n")
///     let token = try keys.token(for: .below(["film"]), expires: 1_767_225_600)
///     // "1767225600.k1.p1.n.5f0c…": expiry, key, scope, whether bound to a client, code
package struct AccessToken: Sendable {
  /// What a token is good for; path segments are decoded.
  package enum Scope: Hashable, Sendable {
    /// This path alone, whatever its query.
    case exactly([String])
    /// All below these segments; of none: all.
    case below([String])

    /// `u`, `p1`.
    var text: String {
      switch self {
      case .exactly: "u"
      case .below(let segments): "p\(segments.count)"
      }
    }

    /// In one spelling, whatever that of the request was: every byte but the unreserved ones percent-encoded.
    var path: String {
      switch self {
      case .exactly(let segments): "/" + segments.map(Pages.percentEncoded).joined(separator: "/")
      case .below(let segments): "/" + segments.map { Pages.percentEncoded($0) + "/" }.joined()
      }
    }
  }

  var expires: Int64
  var keyID: String
  var scope: String
  var isBound: Bool
  var code: String

  /// - Returns: `nil` for what is no token.
  init?(_ text: String) {
    guard text.utf8.count <= Self.maximumByteCount else { return nil }
    let parts = text.split(separator: ".", omittingEmptySubsequences: false).map { String($0) }
    guard parts.count == 5, parts[0].utf8.count <= 12, let expires = Int64(parts[0]), expires >= 0,
      "\(expires)" == parts[0], SigningKeys.isID(parts[1]), ["a", "n"].contains(parts[3]),
      parts[4].utf8.count == 64
    else { return nil }
    (self.expires, keyID, scope, isBound, code) = (
      expires, parts[1], parts[2], parts[3] == "a", parts[4]
    )
  }

  init(_ scope: Scope, expires: Int64, client: String?, by key: SigningKeys.Named) {
    (self.expires, keyID, self.scope, isBound) = (expires, key.id, scope.text, client != nil)
    code = ""
    code = Self.hexadecimal(key.key.authenticationCode(of: signedText(scope, client).utf8))
  }

  var text: String { "\(expires).\(keyID).\(scope).\(isBound ? "a" : "n").\(code)" }

  /// The text that is signed.
  private func signedText(_ scope: Scope, _ client: String?) -> String {
    "dougong-token-1\n\(expires)\n\(keyID)\n\(scope.text)\n\(scope.path)\n\(client ?? "")\n"
  }

  /// The scope that the token claims for a request.
  private func claimed(_ segments: [String]) -> Scope? {
    if scope == "u" { return .exactly(segments) }
    guard scope.first == "p", let count = Int(scope.dropFirst()), "p\(count)" == scope,
      (0...segments.count).contains(count)
    else { return nil }
    return .below(Array(segments[..<count]))
  }

  func isGood(for segments: [String], client: String?, by key: SigningKeys.Named) -> Bool {
    guard let scope = claimed(segments), !isBound || client != nil else { return false }
    let made = Self.hexadecimal(
      key.key.authenticationCode(of: signedText(scope, isBound ? client : nil).utf8))
    return constantTimeEqual(Array(made.utf8), Array(code.utf8))
  }

  private static func hexadecimal(_ bytes: [UInt8]) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }

  /// Bytes of a token, at most.
  static let maximumByteCount = 160
}

/// The keys that tokens are signed with. There are two while one takes the other's place: the first signs, both are
/// believed.
package struct SigningKeys: Sendable {
  package struct Named: Sendable {
    let id: String
    let key: SecretKey
  }

  private let all: [Named]

  package static let maximumCount = 2

  /// - Parameter text: a line `NAME HEXADECIMAL` for each key; empty lines and those that begin with `#` are passed over.
  /// - Throws: what is wrong, without any key.
  package init(text: String) throws(ProtectionError) {
    var all: [Named] = []
    for (number, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
    {
      let words = line.split { $0 == " " || $0 == "\t" || $0 == "\r" }
      guard let name = words.first, !name.hasPrefix("#") else { continue }
      guard words.count == 2, Self.isID(String(name)) else {
        throw ProtectionError(
          "line \(number + 1) is not NAME KEY: a name of letters, digits, - and _, and hexadecimal digits"
        )
      }
      do {
        all.append(Named(id: String(name), key: try SecretKey(hexadecimal: words[1])))
      } catch {
        throw ProtectionError("line \(number + 1): \(error)")
      }
    }
    guard (1...Self.maximumCount).contains(all.count), Set(all.map(\.id)).count == all.count else {
      throw ProtectionError("one key or two with different names are expected, not \(all.count)")
    }
    self.all = all
  }

  static func isID(_ text: String) -> Bool {
    (1...32).contains(text.utf8.count)
      && text.utf8.allSatisfy { byte in
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x5F: true
        default: false
        }
      }
  }

  /// A new token, signed with the first key.
  ///
  /// - Parameters:
  ///   - expires: seconds since 1970; good until then, exclusively.
  ///   - client: address that it is bound to, as the system writes it.
  package func token(for scope: AccessToken.Scope, expires: Int64, client: String? = nil) -> String
  {
    AccessToken(scope, expires: expires, client: client, by: all[0]).text
  }

  /// - Returns: why the token does not do; `nil` if it does.
  func refusal(
    of token: String, for segments: [String], now: Int64, client: String?
  ) -> Rejection? {
    guard let token = AccessToken(token), let key = all.first(where: { $0.id == token.keyID }),
      token.isGood(for: segments, client: client, by: key)
    else { return .wrongToken }
    // Asked last: only who has a good token learns when it ends.
    return now < token.expires ? nil : .expiredToken
  }
}
