/// Character data and attribute values of XML 1.0, as written and as read: what the MPD and TTML have
/// in common.
package enum XMLText {
  /// Markup characters as entities, tabs and line ends as references, so that they are read back
  /// (§2.11, §3.3.3); what XML 1.0 cannot hold at all becomes U+FFFD (§2.2).
  package static func escaped(_ text: String) -> String {
    let plain: (UInt8) -> Bool = { $0 >= 0x20 && $0 < 0x7F && !"&<>\"".utf8.contains($0) }
    if text.utf8.allSatisfy(plain) { return text }
    var escaped = ""
    for scalar in text.unicodeScalars {
      switch scalar.value {
      case 0x26: escaped += "&amp;"
      case 0x3C: escaped += "&lt;"
      case 0x3E: escaped += "&gt;"
      case 0x22: escaped += "&quot;"
      case 0x9, 0xA, 0xD: escaped += "&#\(scalar.value);"
      case ..<0x20, 0xFFFE, 0xFFFF: escaped += "\u{FFFD}"
      default: escaped.unicodeScalars.append(scalar)
      }
    }
    return escaped
  }

  /// The text of some bytes between markup.
  /// - Returns: `nil` for an `&` that begins no reference which is known without a DTD (§4.1, §4.6).
  package static func unescaped(_ bytes: ArraySlice<UInt8>) -> String? {
    var rest = bytes
    guard rest.contains(UInt8(ascii: "&")) else { return String(decoding: rest, as: UTF8.self) }
    var text = ""
    while let mark = rest.firstIndex(of: UInt8(ascii: "&")) {
      text += String(decoding: rest[..<mark], as: UTF8.self)
      guard let end = rest[mark...].prefix(longestReference).firstIndex(of: UInt8(ascii: ";")),
        let scalar = reference(String(decoding: rest[(mark + 1)..<end], as: UTF8.self))
      else { return nil }
      text.unicodeScalars.append(scalar)
      rest = rest[(end + 1)...]
    }
    return text + String(decoding: rest, as: UTF8.self)
  }

  /// Bytes of a reference, `&` and `;` included, at most.
  private static let longestReference = 12

  private static func reference(_ name: String) -> Unicode.Scalar? {
    switch name {
    case "amp": return "&"
    case "lt": return "<"
    case "gt": return ">"
    case "quot": return "\""
    case "apos": return "'"
    default:
      let isHexadecimal = name.hasPrefix("#x")
      guard name.hasPrefix("#") else { return nil }
      let digits = name.dropFirst(isHexadecimal ? 2 : 1)
      guard digits.first != "+", let value = UInt32(digits, radix: isHexadecimal ? 16 : 10),
        value >= 0x20 || [0x9, 0xA, 0xD].contains(value)
      else { return nil }
      return Unicode.Scalar(value)
    }
  }
}
