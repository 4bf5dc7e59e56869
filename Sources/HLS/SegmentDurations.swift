package import MediaCore

/// EXTINF of consecutive segments: the differences of their rounded positions.
///
/// Each text has six decimals and is at most a microsecond off, and the texts of any run of
/// segments add up to the rounded length of the run: nothing drifts however long it is.
package enum SegmentDurations {
  static let microsecond = Timescale(literal: 1_000_000)

  /// Microseconds of each EXTINF. Positions are exact within a timescale; each change of the
  /// timescale rounds once. Negative durations count as zero.
  package static func microseconds(_ durations: some Sequence<MediaTime>) -> [Int64] {
    var texts: [Int64] = []
    var (base, ticks, previous): (Int64, Int64, Int64) = (0, 0, 0)
    var timescale: Timescale?
    for duration in durations {
      if timescale != duration.timescale {
        (base, ticks, timescale) = (previous, 0, duration.timescale)
      }
      ticks = saturatingSum(ticks, max(0, duration.value))
      let position = saturatingSum(base, rescale(ticks, from: duration.timescale, to: microsecond))
      texts.append(position - previous)
      previous = position
    }
    return texts
  }

  /// The smallest EXT-X-TARGETDURATION for segments of these EXTINF: each rounded to the nearest
  /// second, halves up, is not above it (draft-pantos-hls-rfc8216bis §4.4.3.1). At least 1.
  package static func targetDuration(microseconds: some Sequence<Int64>) -> Int {
    microseconds.reduce(1) { longest, duration in
      let (seconds, rest) = duration.quotientAndRemainder(dividingBy: 1_000_000)
      return max(longest, Int(seconds) + (rest >= 500_000 ? 1 : 0))
    }
  }

  private static func saturatingSum(_ a: Int64, _ b: Int64) -> Int64 {
    let (sum, overflow) = a.addingReportingOverflow(b)
    return overflow ? .max : sum
  }
}

/// `2.002000`: a decimal-floating-point with six decimals (§4.2). Not negative.
func sixDecimals(_ microseconds: Int64) -> String {
  let (seconds, rest) = microseconds.quotientAndRemainder(dividingBy: 1_000_000)
  return "\(seconds).\(String(rest + 1_000_000).dropFirst())"
}

/// Reads a decimal-integer or decimal-floating-point to the nearest millionth, halves up.
/// - Returns: `nil` unless it is digits, or digits, a point and digits, below a million millions.
func microseconds(_ text: some StringProtocol) -> Int64? {
  let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
  guard let whole = parts.first.flatMap(decimalInteger), whole < 1_000_000_000_000 else {
    return nil
  }
  guard parts.count == 2 else { return whole * 1_000_000 }
  let digits = parts[1].utf8
  guard !digits.isEmpty, digits.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
  var millionths: Int64 = 0
  for position in 0..<6 {
    let index = digits.index(digits.startIndex, offsetBy: position, limitedBy: digits.endIndex)
    let digit = index.flatMap { $0 < digits.endIndex ? digits[$0] - 0x30 : nil } ?? 0
    millionths = millionths * 10 + Int64(digit)
  }
  let roundsUp = digits.count > 6 && digits[digits.index(digits.startIndex, offsetBy: 6)] >= 0x35
  return whole * 1_000_000 + millionths + (roundsUp ? 1 : 0)
}
