/// A fraction of positive whole numbers in lowest terms: a frame rate, an aspect ratio.
package struct Rational: Hashable, Sendable, CustomStringConvertible {
  package let numerator: Int64
  package let denominator: Int64

  /// - Returns: `nil` unless both parts are positive.
  package init?(_ numerator: Int64, _ denominator: Int64) {
    guard numerator > 0, denominator > 0 else { return nil }
    var (a, b) = (numerator, denominator)
    while b != 0 { (a, b) = (b, a % b) }
    self.numerator = numerator / a
    self.denominator = denominator / a
  }

  package static let one = Rational(literal: 1, 1)

  /// A fraction known when the program is written.
  package init(literal numerator: Int64, _ denominator: Int64) {
    guard let made = Rational(numerator, denominator) else {
      preconditionFailure("not a positive fraction: \(numerator)/\(denominator)")
    }
    self = made
  }

  package var value: Double { Double(numerator) / Double(denominator) }

  /// `"25"` or `"24000/1001"`, the form of `@frameRate` (ISO/IEC 23009-1 §5.3.7.2).
  package var description: String {
    denominator == 1 ? "\(numerator)" : "\(numerator)/\(denominator)"
  }
}
