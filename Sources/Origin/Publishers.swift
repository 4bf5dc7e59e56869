import NIOHTTP1
package import Protection

/// Who may publish: whoever brings one of these passwords, with its user's name (RFC 7617) or as a token
/// (RFC 6750), or anybody.
package struct Publishers: Sendable {
  /// What `Authorization` has to say; one of these.
  private let fields: [SecretKey]
  private let passwords: [SecretKey]
  private let areAll: Bool

  /// Nobody is asked who he is.
  package static let anybody = Publishers(fields: [], passwords: [], areAll: true)

  private init(fields: [SecretKey], passwords: [SecretKey], areAll: Bool) {
    (self.fields, self.passwords, self.areAll) = (fields, passwords, areAll)
  }

  /// Publishers, at most.
  private static let maximumCount = 256

  /// - Parameter text: `USER PASSWORD` in a line; empty lines and those that begin with `#` are passed over.
  /// - Throws: what is wrong, without any password.
  package init(text: String) throws(ProtectionError) {
    var fields: [SecretKey] = []
    var passwords: [SecretKey] = []
    for line in text.split(whereSeparator: \.isNewline) where !line.hasPrefix("#") {
      let words = line.split(separator: " ")
      guard words.count == 2, !words[0].contains(":"),
        line.utf8.allSatisfy({ (0x20...0x7e).contains($0) })
      else {
        throw ProtectionError(
          "a line is expected to be USER PASSWORD, in ASCII and without a colon")
      }
      let (user, password) = (words[0], words[1])
      passwords.append(try SecretKey(Array(password.utf8)))
      let field = Base64.text(Array("\(user):\(password)".utf8))
      fields.append(try SecretKey(Array(field.utf8)))
    }
    guard (1...Self.maximumCount).contains(fields.count) else {
      throw ProtectionError(
        "1 to \(Self.maximumCount) publishers are expected, not \(fields.count)")
    }
    self.init(fields: fields, passwords: passwords, areAll: false)
  }

  /// - Throws: 401 for nothing, 403 for what is wrong.
  func admit(_ request: Request) throws(Rejection) {
    guard !areAll else { return }
    if let token = request.token {
      guard Self.contain(token.text, passwords) else { throw .unknownPublisher }
      return
    }
    guard let field = request.authorization?.text else { throw .noPublisher }
    let parts = field.split(separator: " ", maxSplits: 1)
    guard parts.count == 2 else { throw .unknownPublisher }
    let known: [SecretKey]
    switch parts[0].lowercased() {
    case "basic": known = fields
    case "bearer": known = passwords
    default: throw .noPublisher
    }
    guard Self.contain(parts[1], known) else { throw .unknownPublisher }
  }

  /// Every one is compared, whichever fits.
  private static func contain(_ text: some StringProtocol, _ keys: [SecretKey]) -> Bool {
    let bytes = Array(text.utf8)
    return keys.reduce(false) { $1.isEqual(to: bytes) || $0 }
  }
}

extension Rejection {
  static let noPublisher = Rejection(
    .unauthorized,
    "Who publishes here has to say who it is: by Basic or Bearer, or a token in the URL.")
  static let unknownPublisher = Rejection(
    .forbidden, "This publisher is not known here, or the password is wrong.")
}

/// Base64 (RFC 4648 §4).
private enum Base64 {
  private static let digits = Array(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

  static func text(_ bytes: [UInt8]) -> String {
    var text: [UInt8] = []
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let three = (0..<3).reduce(0) { word, index in
        word << 8 | (start + index < bytes.count ? Int(bytes[start + index]) : 0)
      }
      for index in 0..<4 {
        let isPadding = start + index > bytes.count
        text.append(isPadding ? UInt8(ascii: "=") : digits[three >> (18 - 6 * index) & 63])
      }
    }
    return String(decoding: text, as: UTF8.self)
  }
}
