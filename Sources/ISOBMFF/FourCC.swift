/// A four-character code: the type of a box, a brand, a sample entry (ISO/IEC 14496-12 §4.2).
package struct FourCC: RawRepresentable, Hashable, Sendable, ExpressibleByStringLiteral,
  CustomStringConvertible
{
  package let rawValue: UInt32

  package init(rawValue: UInt32) { self.rawValue = rawValue }

  package init(stringLiteral text: String) {
    let bytes = Array(text.utf8)
    precondition(bytes.count == 4, "a four-character code of \(bytes.count) bytes")
    rawValue = bytes.reduce(0) { $0 << 8 | UInt32($1) }
  }

  /// Printable characters as they are, others as `\xNN`.
  package var description: String {
    (0..<4).map { index -> String in
      let byte = UInt8(truncatingIfNeeded: rawValue >> UInt32(24 - 8 * index))
      if byte >= 0x20, byte < 0x7f { return String(Unicode.Scalar(byte)) }
      return "\\x" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }.joined()
  }
}
