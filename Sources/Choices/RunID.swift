/// The UUID of a run, as its 16 bytes (RFC 9562).
package struct RunID: Hashable, Sendable, CustomStringConvertible {
  package let bytes: [UInt8]

  /// `nil` unless spelt as 8-4-4-4-12 hexadecimal digits.
  package init?(_ text: String) {
    let characters = Array(text.utf8)
    guard characters.count == 36 else { return nil }
    var digits: [UInt8] = []
    for (index, character) in characters.enumerated() {
      if [8, 13, 18, 23].contains(index) {
        guard character == UInt8(ascii: "-") else { return nil }
      } else {
        guard character != UInt8(ascii: "+"), character != UInt8(ascii: "-"),
          let digit = UInt8(String(UnicodeScalar(character)), radix: 16)
        else { return nil }
        digits.append(digit)
      }
    }
    bytes = stride(from: 0, to: 32, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
  }

  package var description: String {
    var text = ""
    for (index, byte) in bytes.enumerated() {
      if [4, 6, 8, 10].contains(index) { text += "-" }
      text += (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }
    return text
  }
}
