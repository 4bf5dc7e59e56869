package import MediaCore

/// A length of time as `xs:duration` writes it, to the microsecond: `PT10.01S`.
package struct ISODuration: Hashable, Sendable, Comparable, CustomStringConvertible {
  package enum Rounding: Sendable { case nearest, up }

  /// Not negative.
  package var microseconds: Int64

  package init(microseconds: Int64) { self.microseconds = max(0, microseconds) }

  /// Saturates at the ends of `Int64` microseconds; negative times are zero.
  package init(_ time: MediaTime, rounding: Rounding) {
    let scale = UInt128(time.timescale.ticksPerSecond)
    let ticks = UInt128(max(0, time.value)) * 1_000_000
    let add = rounding == .up ? scale - 1 : scale / 2
    microseconds = Int64(clamping: (ticks + add) / scale)
  }

  /// Reads `PnDTnHnMn.nS`. Years and months, which have no fixed length, are not read; digits
  /// after the microseconds are dropped.
  package init?(_ text: some StringProtocol) {
    var rest = Array(text.utf8)[...]
    guard rest.popFirst() == UInt8(ascii: "P"), !rest.isEmpty else { return nil }
    var total: Int64 = 0
    var units: [(letter: UInt8, seconds: Int64, isTime: Bool)] = [
      (UInt8(ascii: "D"), 86_400, false), (UInt8(ascii: "H"), 3600, true),
      (UInt8(ascii: "M"), 60, true), (UInt8(ascii: "S"), 1, true),
    ]
    var isTime = false
    while let first = rest.first {
      if first == UInt8(ascii: "T") {
        guard !isTime, rest.count > 1 else { return nil }
        isTime = true
        rest.removeFirst()
        continue
      }
      let digits = rest.prefix { (0x30...0x39).contains($0) }
      rest = rest.dropFirst(digits.count)
      guard let whole = Int64(String(decoding: digits, as: UTF8.self)) else { return nil }
      var fraction: Int64 = 0
      var hasPoint = false
      if rest.first == UInt8(ascii: ".") {
        hasPoint = true
        rest.removeFirst()
        let decimals = rest.prefix { (0x30...0x39).contains($0) }
        guard !decimals.isEmpty else { return nil }
        rest = rest.dropFirst(decimals.count)
        let six = (decimals + Array(repeating: 0x30, count: 6)).prefix(6)
        fraction = six.reduce(0) { $0 * 10 + Int64($1 - 0x30) }
      }
      guard let letter = rest.popFirst(),
        let index = units.firstIndex(where: { $0.letter == letter && $0.isTime == isTime }),
        !hasPoint || letter == UInt8(ascii: "S")
      else { return nil }
      let part = whole.multipliedReportingOverflow(by: units[index].seconds * 1_000_000)
      let sum = total.addingReportingOverflow(part.partialValue)
      let withFraction = sum.partialValue.addingReportingOverflow(fraction)
      guard !part.overflow, !sum.overflow, !withFraction.overflow else { return nil }
      total = withFraction.partialValue
      units.removeFirst(index + 1)
    }
    microseconds = total
  }

  package var description: String {
    "PT\(decimal)S"
  }

  /// Seconds, as `xs:double` has them: `1.8`.
  package var decimal: String {
    let (seconds, rest) = microseconds.quotientAndRemainder(dividingBy: 1_000_000)
    guard rest > 0 else { return "\(seconds)" }
    var decimals = String(rest + 1_000_000).dropFirst()
    while decimals.last == "0" { decimals.removeLast() }
    return "\(seconds).\(decimals)"
  }

  package static func < (left: Self, right: Self) -> Bool {
    left.microseconds < right.microseconds
  }
}
