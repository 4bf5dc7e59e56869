/// A moment as documents write it (ISO 8601, RFC 3339): milliseconds since 1970, in UTC.
package struct UTCTime: Hashable, Sendable, CustomStringConvertible {
  package var millisecondsSince1970: Int64

  package init(millisecondsSince1970: Int64) {
    self.millisecondsSince1970 = millisecondsSince1970
  }

  /// Reads `2026-01-31T23:59:59.123+01:00` (ISO 8601, RFC 3339).
  /// - Returns: `nil` for anything else; digits after the milliseconds are dropped.
  package init?(_ text: some StringProtocol) {
    var rest = Array(text.utf8)[...]
    guard let year = Self.number(&rest, 4), Self.take(&rest, "-"),
      let month = Self.number(&rest, 2), Self.take(&rest, "-"), let day = Self.number(&rest, 2),
      Self.take(&rest, "T"), let hour = Self.number(&rest, 2), Self.take(&rest, ":"),
      let minute = Self.number(&rest, 2), Self.take(&rest, ":"),
      let second = Self.number(&rest, 2), (1...12).contains(month), (1...31).contains(day),
      hour < 24, minute < 60, second < 61
    else { return nil }
    var milliseconds: Int64 = 0
    if Self.take(&rest, ".") {
      let digits = rest.prefix { (0x30...0x39).contains($0) }
      guard !digits.isEmpty else { return nil }
      rest = rest.dropFirst(digits.count)
      for position in 0..<3 {
        let digit = position < digits.count ? digits[digits.startIndex + position] - 0x30 : 0
        milliseconds = milliseconds * 10 + Int64(digit)
      }
    }
    guard let zone = Self.zoneMinutes(&rest), rest.isEmpty else { return nil }
    let days = Self.days(year: year, month: month, day: day)
    let minutes = (days * 24 + hour) * 60 + minute - zone
    millisecondsSince1970 = (minutes * 60 + second) * 1000 + milliseconds
  }

  package var description: String {
    let (days, time) = Self.floorDivide(millisecondsSince1970, 86_400_000)
    let (year, month, day) = Self.date(days: days)
    func padded(_ value: Int64, _ width: Int) -> String {
      let digits = String(value)
      return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
    return "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))T"
      + "\(padded(time / 3_600_000, 2)):\(padded(time / 60_000 % 60, 2)):"
      + "\(padded(time / 1000 % 60, 2)).\(padded(time % 1000, 3))Z"
  }

  private static func take(_ rest: inout ArraySlice<UInt8>, _ character: Unicode.Scalar) -> Bool {
    guard rest.first == UInt8(ascii: character) else { return false }
    rest.removeFirst()
    return true
  }

  private static func number(_ rest: inout ArraySlice<UInt8>, _ width: Int) -> Int64? {
    let digits = rest.prefix(width)
    guard digits.count == width, digits.allSatisfy({ (0x30...0x39).contains($0) }),
      let value = Int64(String(decoding: digits, as: UTF8.self))
    else { return nil }
    rest = rest.dropFirst(width)
    return value
  }

  private static func zoneMinutes(_ rest: inout ArraySlice<UInt8>) -> Int64? {
    if take(&rest, "Z") { return 0 }
    let sign: Int64 = rest.first == UInt8(ascii: "-") ? -1 : 1
    guard take(&rest, "+") || take(&rest, "-"), let hours = number(&rest, 2), hours < 24 else {
      return nil
    }
    _ = take(&rest, ":")
    guard let minutes = number(&rest, 2), minutes < 60 else { return nil }
    return sign * (hours * 60 + minutes)
  }

  private static func floorDivide(_ value: Int64, _ divisor: Int64) -> (Int64, Int64) {
    let (quotient, rest) = value.quotientAndRemainder(dividingBy: divisor)
    return rest < 0 ? (quotient - 1, rest + divisor) : (quotient, rest)
  }

  /// Days since 1970-01-01 in the proleptic Gregorian calendar, whose years here begin in March
  /// so that the leap day is the last one.
  private static func days(year: Int64, month: Int64, day: Int64) -> Int64 {
    let shifted = month <= 2 ? year - 1 : year
    let (era, yearOfEra) = floorDivide(shifted, 400)
    let dayOfYear = (153 * ((month + 9) % 12) + 2) / 5 + day - 1
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
  }

  private static func date(days: Int64) -> (year: Int64, month: Int64, day: Int64) {
    let (era, dayOfEra) = floorDivide(days + 719_468, 146_097)
    let yearOfEra =
      (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shifted = (5 * dayOfYear + 2) / 153
    let month = shifted < 10 ? shifted + 3 : shifted - 9
    let year = era * 400 + yearOfEra + (month <= 2 ? 1 : 0)
    return (year, month, dayOfYear - (153 * shifted + 2) / 5 + 1)
  }
}
