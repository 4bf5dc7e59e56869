import NIOCore

/// A strong entity tag (RFC 9110 §8.8.3), a function of the content alone, so that every
/// origin gives the same one.
struct EntityTag: Hashable, Sendable, CustomStringConvertible {
  /// With its quotation marks.
  let description: String

  /// Without them.
  var opaque: Substring { description.dropFirst().dropLast() }

  /// - Parameter opaque: letters, digits, `-`, `_`, `.` only.
  init(opaque: String) { description = "\"\(opaque)\"" }

  /// The tag of a text: FNV-1a of 64 bits over its bytes, and its length.
  init(contentOf bytes: ByteBuffer) {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in bytes.readableBytesView {
      hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3
    }
    let digits = String(hash, radix: 16)
    let length = String(bytes.readableBytes, radix: 16)
    self.init(opaque: String(repeating: "0", count: 16 - digits.count) + digits + "-" + length)
  }

  /// Whether a list as in `If-None-Match` names this tag, or any. Weak comparison: `W/` is
  /// passed over (RFC 9110 §13.1.2).
  func isNamed(in list: String) -> Bool {
    list.split(separator: ",").contains { member in
      var member = member[...].trimmed
      if member == "*" { return true }
      if member.hasPrefix("W/") { member = member.dropFirst(2) }
      return member == description
    }
  }

  /// Whether a list as in `If-Match` names this tag, or any. Strong comparison: a weak tag
  /// never matches (RFC 9110 §13.1.1).
  func isStronglyNamed(in list: String) -> Bool {
    list.split(separator: ",").contains { $0.trimmed == "*" || $0.trimmed == description }
  }
}

extension Substring {
  /// Without optional white space (RFC 9110 §5.6.3) at either end.
  var trimmed: Substring {
    var rest = self
    while let first = rest.first, first == " " || first == "\t" { rest.removeFirst() }
    while let last = rest.last, last == " " || last == "\t" { rest.removeLast() }
    return rest
  }
}
