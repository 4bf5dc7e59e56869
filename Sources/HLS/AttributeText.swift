/// The attributes of one tag, as written: the one place where text becomes part of a playlist.
struct AttributeText {
  private(set) var text = ""

  /// A quoted-string; what it cannot hold is replaced.
  mutating func quoted(_ name: String, _ value: String?) {
    if let value { append(name, "\"\(Self.quotable(value))\"") }
  }

  mutating func quoted(_ name: String, list: [String], separator: String) {
    if !list.isEmpty { quoted(name, list.joined(separator: separator)) }
  }

  /// A tab between each; also of none.
  mutating func quoted(_ name: String, tabbed list: [String]?) {
    if let list { append(name, "\"\(list.map(Self.quotable).joined(separator: "\t"))\"") }
  }

  mutating func uri(_ name: String, _ value: String?) {
    if let value { append(name, "\"\(Self.uri(value))\"") }
  }

  /// An enumerated-string or a number.
  mutating func word(_ name: String, _ value: (some CustomStringConvertible)?) {
    if let value { append(name, value.description) }
  }

  /// A hexadecimal-sequence.
  mutating func bytes(_ name: String, _ bytes: [UInt8]) {
    let digits = bytes.map { byte in
      (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
    }
    append(name, "0x\(digits.joined())")
  }

  private mutating func append(_ name: String, _ value: String) {
    if !text.isEmpty { text += "," }
    text += "\(name)=\(value)"
  }

  /// The text with `'` for `"` and a space for each control character (§4.2, quoted-string); what
  /// would name a variable (§4.3) is broken up, since text of people names none.
  static func quotable(_ value: String) -> String {
    let value = value.contains("{$") ? value.replacing("{$", with: "{ $") : value
    var text = ""
    for scalar in value.unicodeScalars {
      switch scalar.value {
      case 0x22: text += "'"
      case ..<0x20, 0x7F...0x9F: text += " "
      default: text.unicodeScalars.append(scalar)
      }
    }
    return text
  }

  /// The reference with every byte that RFC 3986 allows nowhere in one percent-encoded, and a
  /// leading `#` too, so that it can be a line of its own. References to variables stay.
  static func uri(_ value: String) -> String {
    if value.utf8.allSatisfy(isURIByte), value.utf8.first != UInt8(ascii: "#") { return value }
    let references = DefinedNames.references(in: value).map { "{$\($0)}" }
    guard let reference = references.first, let range = value.firstRange(of: reference) else {
      return encoded(value)
    }
    let rest = value[range.upperBound...]
    return encoded(value[..<range.lowerBound]) + reference + (rest.isEmpty ? "" : uri(String(rest)))
  }

  private static func encoded(_ value: some StringProtocol) -> String {
    var text = ""
    for (index, byte) in value.utf8.enumerated() {
      if isURIByte(byte), index > 0 || byte != UInt8(ascii: "#") {
        text.unicodeScalars.append(Unicode.Scalar(byte))
      } else {
        text += "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
      }
    }
    return text
  }

  private static func isURIByte(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x21, 0x23...0x3B, 0x3D, 0x3F...0x5B, 0x5D, 0x5F, 0x61...0x7A, 0x7E: true
    default: false
    }
  }
}
