/// Ticks in a second; never zero.
package struct Timescale: Hashable, Sendable, CustomStringConvertible {
  package let ticksPerSecond: UInt32

  /// - Returns: `nil` for zero, which no box or stream may declare (ISO/IEC 14496-12 §8.4.2).
  package init?(_ ticksPerSecond: UInt32) {
    guard ticksPerSecond > 0 else { return nil }
    self.ticksPerSecond = ticksPerSecond
  }

  /// A timescale known when the program is written.
  package init(literal ticksPerSecond: UInt32) {
    precondition(ticksPerSecond > 0, "a timescale of zero")
    self.ticksPerSecond = ticksPerSecond
  }

  package var description: String { "\(ticksPerSecond)" }
}

/// A point or length on a timeline: a whole number of ticks of a timescale.
///
///     let frame = MediaTime(1001, Timescale(literal: 24000))
///     frame.rescaled(to: Timescale(literal: 48000)).value  // 2002
package struct MediaTime: Hashable, Sendable, Comparable, CustomStringConvertible {
  package var value: Int64
  package var timescale: Timescale

  package init(_ value: Int64, _ timescale: Timescale) {
    self.value = value
    self.timescale = timescale
  }

  /// Seconds, for people and for text that carries decimals; never an input of arithmetic.
  package var seconds: Double { Double(value) / Double(timescale.ticksPerSecond) }

  /// Whole milliseconds, for people.
  package var milliseconds: Int64 { rescaled(to: Timescale(literal: 1000)).value }

  /// The same time in another timescale, rounded to the nearest tick, halves away from zero.
  package func rescaled(to other: Timescale) -> MediaTime {
    MediaTime(rescale(value, from: timescale, to: other), other)
  }

  package static func < (left: Self, right: Self) -> Bool {
    let l = left.value.multipliedFullWidth(by: Int64(right.timescale.ticksPerSecond))
    let r = right.value.multipliedFullWidth(by: Int64(left.timescale.ticksPerSecond))
    return l.high != r.high ? l.high < r.high : l.low < r.low
  }

  /// Equal moments in different timescales are equal in `<=` and `>=`, not in `==`.
  package static func <= (left: Self, right: Self) -> Bool { !(right < left) }
  package static func >= (left: Self, right: Self) -> Bool { !(left < right) }

  package var description: String { "\(value)/\(timescale)" }
}

/// The one conversion between timescales: to the nearest tick, halves away from zero.
/// Saturates at the ends of `Int64`.
package func rescale(_ value: Int64, from: Timescale, to: Timescale) -> Int64 {
  if from == to { return value }
  let product = value.magnitude.multipliedFullWidth(by: UInt64(to.ticksPerSecond))
  let half = UInt64(from.ticksPerSecond) / 2
  let (low, carry) = product.low.addingReportingOverflow(half)
  let high = product.high + (carry ? 1 : 0)
  let divisor = UInt64(from.ticksPerSecond)
  guard high < divisor else { return value < 0 ? .min : .max }
  let quotient = divisor.dividingFullWidth((high, low)).quotient
  if value < 0 { return quotient > UInt64(Int64.max) ? .min : -Int64(quotient) }
  return quotient > UInt64(Int64.max) ? .max : Int64(quotient)
}
