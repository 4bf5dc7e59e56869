import MediaCore

/// The attributes that EXT-X-STREAM-INF and EXT-X-I-FRAME-STREAM-INF have in common (§4.4.6.2).
extension AttributeList {
  func resolution(_ name: String) throws(HLSError) -> Resolution? {
    guard let text = try word(name) else { return nil }
    let sides = text.split(separator: "x", omittingEmptySubsequences: false).map(decimalInteger)
    guard sides.count == 2, let width = sides[0], let height = sides[1], width > 0, height > 0
    else { throw error(.syntax, "\(name)=\(text) is not WIDTHxHEIGHT") }
    return Resolution(width: Int(width), height: Int(height))
  }

  func frameRate(_ name: String) throws(HLSError) -> Rational? {
    guard let text = try word(name) else { return nil }
    guard let micros = microseconds(text), micros > 0, let rate = Rational(micros, 1_000_000)
    else { throw error(.syntax, "\(name)=\(text) is no positive decimal number") }
    return rate
  }

  func videoRange(_ name: String) throws(HLSError) -> VideoRange? {
    guard let text = try word(name) else { return nil }
    guard let range = VideoRange(rawValue: text) else {
      throw error(.unsupported, "\(name)=\(text) is none of SDR, HLG, PQ")
    }
    return range
  }

  func closedCaptions(_ name: String) throws(HLSError) -> ClosedCaptions? {
    if isQuoted(name) { return try string(name).map { .group($0) } }
    guard let text = try word(name) else { return nil }
    guard text == "NONE" else { throw error(.syntax, "\(name)=\(text): expected NONE or a group") }
    return .absent
  }

  /// View presentation entries: `CH-STEREO/PROJ-HEQU` (§4.4.6.2).
  func videoLayout(_ name: String) throws(HLSError) -> [String] {
    try list(name, separator: ",")
  }

  /// A stable identifier: letters, digits and `+/=.-_` (§4.4.6.1, §4.4.6.2).
  func stableID(_ name: String) throws(HLSError) -> String? {
    guard let text = try string(name) else { return nil }
    guard StableID.isValid(text) else {
      throw error(.syntax, "\(name)=\"\(text)\": letters, digits and +/=.-_ are expected")
    }
    return text
  }

  /// A decimal-floating-point, to the thousandth.
  func score(_ name: String) throws(HLSError) -> Rational? {
    guard let text = try word(name) else { return nil }
    guard let micros = microseconds(text), let score = Rational(micros, 1_000_000) else {
      throw error(.syntax, "\(name)=\(text) is no positive decimal number")
    }
    return score
  }
}

/// Identifiers that stay the same however often a playlist is made.
package enum StableID {
  package static func isValid(_ text: String) -> Bool {
    !text.isEmpty
      && text.utf8.allSatisfy { byte in
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2B, 0x2D...0x2F, 0x3D, 0x5F: true
        default: false
        }
      }
  }
}

/// `23.976` of 24000/1001: to the nearest thousandth, halves up.
func threeDecimals(_ rate: Rational) -> String {
  let (whole, rest) = rate.numerator.quotientAndRemainder(dividingBy: rate.denominator)
  let denominator = UInt128(rate.denominator)
  let thousandths = (UInt128(rest) * 2000 + denominator) / (2 * denominator)
  let total = UInt128(whole) * 1000 + thousandths
  return "\(total / 1000).\(String(total % 1000 + 1000).dropFirst())"
}
