extension Duration {
  /// For plots and arithmetic of rates; never summed.
  var inSeconds: Double { self / .seconds(1) }

  /// Whole microseconds, rounded toward zero; saturates at the ends of `Int64`.
  var inMicroseconds: Int64 {
    let (seconds, attoseconds) = components
    let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000)
    guard !overflow else { return seconds < 0 ? .min : .max }
    let (sum, isBeyond) = whole.addingReportingOverflow(attoseconds / 1_000_000_000_000)
    return isBeyond ? (seconds < 0 ? .min : .max) : sum
  }

  /// Seconds that were read from outside, to the microsecond. `nil` for what is no length of time, or
  /// longer than thirty years.
  init?(readSeconds text: some StringProtocol) {
    guard let value = Double(text), value >= 0, value < 1e9 else { return nil }
    self = .microseconds(Int64((value * 1_000_000).rounded()))
  }
}

/// A decimal number with so many digits after the point, as text for people.
func fixed(_ value: Double, _ digits: Int) -> String {
  guard value.isFinite, abs(value) < 1e15 else { return "–" }
  var scale: Int64 = 1
  for _ in 0..<digits { scale *= 10 }
  let scaled = Int64((value * Double(scale)).rounded())
  let (whole, rest) = scaled.magnitude.quotientAndRemainder(dividingBy: UInt64(scale))
  let sign = scaled < 0 ? "-" : ""
  guard digits > 0 else { return "\(sign)\(whole)" }
  let decimals = String(rest)
  return "\(sign)\(whole)." + String(repeating: "0", count: digits - decimals.count) + decimals
}
