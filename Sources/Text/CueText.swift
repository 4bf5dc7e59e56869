/// The text of a WebVTT cue (W3C WebVTT §3.2.1).
enum CueText {
  /// Whether a tag of the text is a time, as `<00:01.000>`.
  static func hasTimestamps(_ text: String) -> Bool {
    var isAfterBracket = false
    for byte in text.utf8 {
      if isAfterBracket, (0x30...0x39).contains(byte) { return true }
      isAfterBracket = byte == UInt8(ascii: "<")
    }
    return false
  }

  /// Whether `-->` stands in the text: it would begin a cue.
  static func hasArrow(_ text: String) -> Bool {
    var dashes = 0
    for byte in text.utf8 {
      if dashes >= 2, byte == UInt8(ascii: ">") { return true }
      dashes = byte == UInt8(ascii: "-") ? dashes + 1 : 0
    }
    return false
  }

  /// The text without control characters, empty lines and `-->`; the same text if it has none.
  static func cleaned(_ text: String) -> String {
    if isClean(text) { return text }
    var lines: [String.UnicodeScalarView] = [String.UnicodeScalarView()]
    var dashes = 0
    for scalar in text.unicodeScalars {
      switch scalar.value {
      case 0x0A, 0x0D, 0x2028, 0x2029:
        lines.append(String.UnicodeScalarView())
        dashes = 0
        continue
      case 0x09: lines[lines.count - 1].append(scalar)
      case ..<0x20, 0x7F...0x9F: continue
      case 0x3E where dashes >= 2: lines[lines.count - 1].append(contentsOf: "&gt;".unicodeScalars)
      default: lines[lines.count - 1].append(scalar)
      }
      dashes = scalar == "-" ? dashes + 1 : 0
    }
    return lines.filter { !$0.isEmpty }.map { String($0) }.joined(separator: "\n")
  }

  private static func isClean(_ text: String) -> Bool {
    var last: UInt8 = 0x0A
    var dashes = 0
    for byte in text.utf8 {
      switch byte {
      case 0x0A: if last == 0x0A { return false }
      case 0x09: break
      case ..<0x20, 0x7F: return false
      // U+0080 to U+009F are C2 80 to C2 9F; U+2028 and U+2029 are E2 80 A8 and E2 80 A9.
      case 0x80...0x9F: if last == 0xC2 { return false }
      case 0xA8, 0xA9: if last == 0x80 { return isCleanBySeparators(text) }
      case UInt8(ascii: ">"): if dashes >= 2 { return false }
      default: break
      }
      dashes = byte == UInt8(ascii: "-") ? dashes + 1 : 0
      last = byte
    }
    return last != 0x0A || text.isEmpty
  }

  /// For text in which the last two bytes of a line separator were met.
  private static func isCleanBySeparators(_ text: String) -> Bool {
    var last: UInt32 = 0x0A
    var dashes = 0
    for scalar in text.unicodeScalars {
      switch scalar.value {
      case 0x0A: if last == 0x0A { return false }
      case 0x09: break
      case ..<0x20, 0x7F...0x9F, 0x2028, 0x2029: return false
      case 0x3E: if dashes >= 2 { return false }
      default: break
      }
      dashes = scalar == "-" ? dashes + 1 : 0
      last = scalar.value
    }
    return last != 0x0A
  }

  /// Plain text as cue text: `&`, `<` and `>` as references.
  static func escaped(_ text: String) -> String {
    guard text.utf8.contains(where: { $0 == 0x26 || $0 == 0x3C || $0 == 0x3E }) else { return text }
    var escaped = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": escaped += "&amp;"
      case "<": escaped += "&lt;"
      case ">": escaped += "&gt;"
      default: escaped.unicodeScalars.append(scalar)
      }
    }
    return escaped
  }
}
