/// Times of cues as text.
enum CueTime {
  /// Milliseconds of a thousand days: later times are not read.
  static let maximum: Int64 = 86_400_000_000

  /// `HH:MM:SS.mmm` of WebVTT §3.1; hours take more digits when they must.
  static func rendered(_ milliseconds: Int64, separator: String = ".") -> String {
    let time = max(milliseconds, 0)
    return padded(time / 3_600_000, 2) + ":" + padded(time / 60_000 % 60, 2) + ":"
      + padded(time / 1000 % 60, 2) + separator + padded(time % 1000, 3)
  }

  static func padded(_ value: Int64, _ count: Int) -> String {
    let digits = String(value)
    return String(repeating: "0", count: max(0, count - digits.utf8.count)) + digits
  }
}
