/// An address of the Internet Protocol as 128 bits; one of version 4 is the same whether or not it is written as one
/// of version 6 (`::ffff:192.0.2.1`, RFC 4291 §2.5.5.2).
///
///     IPAddress("2001:DB8:0::1")?.description  // "2001:db8::1"
package struct IPAddress: Hashable, Sendable {
  let high: UInt64
  let low: UInt64

  private init(high: UInt64, low: UInt64) { (self.high, self.low) = (high, low) }

  /// - Returns: `nil` for what is no address; there is no name to look up, no port and no zone.
  package init?(_ text: some StringProtocol) {
    // The longest has 45 characters.
    guard text.utf8.count <= 45 else { return nil }
    let bytes = Array(text.utf8)[...]
    if let address = Self.dotted(bytes) {
      self.init(high: 0, low: Self.mapped | UInt64(address))
      return
    }
    guard let groups = Self.groups(bytes) else { return nil }
    func joined(_ part: ArraySlice<UInt16>) -> UInt64 { part.reduce(0) { $0 << 16 | UInt64($1) } }
    self.init(high: joined(groups[..<4]), low: joined(groups[4...]))
  }

  var isVersion4: Bool { high == 0 && low & ~0xffff_ffff == Self.mapped }

  /// Of the machine itself (RFC 1122 §3.2.1.3, RFC 4291 §2.5.3).
  var isLoopback: Bool { isVersion4 ? low >> 24 & 0xff == 127 : high == 0 && low == 1 }

  /// Without the bits behind the first `count`; of version 4 they count from its own first one.
  ///
  /// - Parameter count: at most 32 or 128.
  func network(_ count: Int) -> IPAddress {
    let count = isVersion4 ? count + 96 : count
    return IPAddress(
      high: high & Self.mask(count), low: low & Self.mask(count - 64))
  }

  /// Who it is counted as: with version 6 a household has all of a /64 and may come from any address in it.
  var household: IPAddress { isVersion4 ? self : network(64) }

  private static let mapped: UInt64 = 0xffff_0000_0000

  private static func mask(_ count: Int) -> UInt64 {
    count <= 0 ? 0 : count >= 64 ? .max : ~(UInt64.max >> UInt64(count))
  }
}

// MARK: Text

extension IPAddress {
  /// Four decimal numbers, without zeros in front: some take those for octal.
  private static func dotted(_ text: ArraySlice<UInt8>) -> UInt32? {
    let parts = text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    guard parts.count == 4 else { return nil }
    var address: UInt32 = 0
    for part in parts {
      guard (1...3).contains(part.count), part.count == 1 || part.first != UInt8(ascii: "0"),
        part.allSatisfy({ (0x30...0x39).contains($0) })
      else { return nil }
      let number = part.reduce(0) { $0 * 10 + UInt32($1 - 0x30) }
      guard number < 256 else { return nil }
      address = address << 8 | number
    }
    return address
  }

  /// Eight groups of hexadecimal digits (RFC 4291 §2.2), once with `::` in place of some, and with a dotted end for
  /// the last two.
  private static func groups(_ text: ArraySlice<UInt8>) -> [UInt16]? {
    let colon = UInt8(ascii: ":")
    let parts = text.split(separator: colon, omittingEmptySubsequences: false)
    guard parts.count >= 3 else { return nil }
    var groups: [UInt16] = []
    var gap: Int?
    for (place, part) in parts.enumerated() {
      if part.isEmpty {
        // A colon at either end stands with another; elsewhere two of them enclose nothing.
        if place == 0 { if parts[1].isEmpty { continue } else { return nil } }
        if place == parts.count - 1 { if parts[place - 1].isEmpty { continue } else { return nil } }
        guard gap == nil else { return nil }
        gap = groups.count
      } else if place == parts.count - 1, let address = dotted(part) {
        groups += [UInt16(address >> 16), UInt16(truncatingIfNeeded: address)]
      } else {
        guard part.count <= 4, let group = hexadecimal(part) else { return nil }
        groups.append(group)
      }
    }
    guard let gap else { return groups.count == 8 ? groups : nil }
    guard groups.count < 8 else { return nil }
    groups.insert(contentsOf: repeatElement(0, count: 8 - groups.count), at: gap)
    return groups
  }

  private static func hexadecimal(_ digits: ArraySlice<UInt8>) -> UInt16? {
    var number: UInt16 = 0
    for digit in digits {
      guard let value = Character(Unicode.Scalar(digit)).hexDigitValue else { return nil }
      number = number << 4 | UInt16(value)
    }
    return number
  }
}

extension IPAddress: CustomStringConvertible {
  /// As systems write it (RFC 5952): lower case, and `::` for the longest run of zeros, the first of equals.
  package var description: String {
    if isVersion4 {
      return stride(from: 24, through: 0, by: -8).map { "\(low >> UInt64($0) & 0xff)" }
        .joined(separator: ".")
    }
    let groups = [high, low].flatMap { half in
      stride(from: 48, through: 0, by: -16).map { half >> UInt64($0) & 0xffff }
    }
    var gap = 0..<0
    for start in groups.indices {
      let run = start..<(groups[start...].firstIndex { $0 != 0 } ?? groups.endIndex)
      if run.count > max(1, gap.count) { gap = run }
    }
    func text(_ part: ArraySlice<UInt64>) -> String {
      part.map { String($0, radix: 16) }.joined(separator: ":")
    }
    return gap.isEmpty
      ? text(groups[...]) : text(groups[..<gap.lowerBound]) + "::" + text(groups[gap.upperBound...])
  }
}
