#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// `Date` of a response: `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110 §5.6.7).
enum HTTPDate {
  private static let days = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
  private static let months = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
  ]

  /// - Parameter seconds: since 1970, not negative.
  static func text(secondsSince1970 seconds: Int) -> String {
    let (dayNumber, second) = seconds.quotientAndRemainder(dividingBy: 86_400)
    let (year, month, day) = civil(dayNumber)
    return "\(days[dayNumber % 7]), \(twoDigits(day)) \(months[month - 1]) \(year) "
      + clock(second) + " GMT"
  }

  /// As access logs have it: `06/Nov/1994:08:49:37 +0000`.
  static func logText(secondsSince1970 seconds: Int) -> String {
    let (dayNumber, second) = max(0, seconds).quotientAndRemainder(dividingBy: 86_400)
    let (year, month, day) = civil(dayNumber)
    return "\(twoDigits(day))/\(months[month - 1])/\(year):\(clock(second)) +0000"
  }

  private static func clock(_ second: Int) -> String {
    [second / 3600, second / 60 % 60, second % 60].map(twoDigits).joined(separator: ":")
  }

  private static func twoDigits(_ number: Int) -> String {
    number < 10 ? "0\(number)" : "\(number)"
  }

  /// Year, month from 1, day from 1 of a day counted from 1 January 1970, by the proleptic
  /// Gregorian calendar. Years are taken to begin in March, so that the leap day is the last.
  private static func civil(_ dayNumber: Int) -> (Int, Int, Int) {
    let shifted = dayNumber + 719_468  // days since 1 March of year 0
    let era = shifted / 146_097
    let dayOfEra = shifted % 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
    let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
  }
}

/// The current `Date`, rendered once a second.
struct DateCache {
  private var second = -1
  private var text = ""

  mutating func current() -> String {
    let now = max(0, Int(time(nil)))
    if now != second {
      second = now
      text = HTTPDate.text(secondsSince1970: now)
    }
    return text
  }
}
