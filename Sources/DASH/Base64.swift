/// Bytes in 64 letters (RFC 4648 §4).
enum Base64 {
  private static let letters = Array(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

  static func text(_ bytes: [UInt8]) -> String {
    var text: [UInt8] = []
    text.reserveCapacity((bytes.count + 2) / 3 * 4)
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let group = bytes[start..<min(start + 3, bytes.count)]
      let value = (0..<3).reduce(UInt32(0)) { value, index in
        value << 8 | (index < group.count ? UInt32(group[start + index]) : 0)
      }
      for index in 0..<4 {
        let letter = letters[Int(value >> (18 - 6 * UInt32(index)) & 63)]
        text.append(index <= group.count ? letter : UInt8(ascii: "="))
      }
    }
    return String(decoding: text, as: UTF8.self)
  }

  /// White space is read over.
  /// - Returns: `nil` for what is no base 64.
  static func bytes(_ text: String) -> [UInt8]? {
    var bytes: [UInt8] = []
    var (value, count, padding): (UInt32, Int, Int) = (0, 0, 0)
    for letter in text.utf8
    where letter != 0x20 && letter != 0x0A && letter != 0x0D && letter != 0x09 {
      var digit = 0
      if letter == UInt8(ascii: "=") {
        padding += 1
      } else {
        guard padding == 0, let found = letters.firstIndex(of: letter) else { return nil }
        digit = found
      }
      value = value << 6 | UInt32(digit)
      count += 1
      guard count == 4 else { continue }
      guard padding <= 2 else { return nil }
      bytes += (0..<3 - padding).map { UInt8(truncatingIfNeeded: value >> (16 - 8 * UInt32($0))) }
      (value, count) = (0, 0)
    }
    return count == 0 ? bytes : nil
  }
}
