/// What a size of picture comes to at several bit rates, found by trial.
package struct RateQuality: Hashable, Sendable {
  package struct Point: Hashable, Sendable {
    package var bitsPerSecond: Double
    /// The higher the better, as decibels of similarity.
    package var quality: Double

    package init(bitsPerSecond: Double, quality: Double) {
      self.bitsPerSecond = bitsPerSecond
      self.quality = quality
    }
  }

  /// By rising bit rate; at least one.
  package let points: [Point]

  /// - Returns: `nil` without points.
  package init?(_ points: [Point]) {
    guard !points.isEmpty else { return nil }
    self.points = points.sorted { $0.bitsPerSecond < $1.bitsPerSecond }
  }

  /// Quality at a bit rate: on straight lines between the points over the logarithm of the rate, and on
  /// the first of them below it; no better than the last.
  package func quality(at bitsPerSecond: Double) -> Double {
    guard points.count > 1, let last = points.last, bitsPerSecond < last.bitsPerSecond else {
      return points.last?.quality ?? 0
    }
    let upper = max(1, points.firstIndex { $0.bitsPerSecond >= bitsPerSecond } ?? points.count - 1)
    let (one, two) = (points[upper - 1], points[upper])
    let (a, b) = (Self.logarithm(one.bitsPerSecond), Self.logarithm(two.bitsPerSecond))
    guard b > a else { return two.quality }
    let share = (Self.logarithm(bitsPerSecond) - a) / (b - a)
    return one.quality + share * (two.quality - one.quality)
  }

  /// Structural similarity in decibels: 20 for 0.99.
  package static func decibels(_ similarity: Double) -> Double {
    -10 * logarithm10(max(1 - similarity, 1e-6))
  }

  private static func logarithm10(_ value: Double) -> Double {
    logarithm(value) * 0.301_029_995_663_981_2
  }

  /// Base 2, to a hundredth: enough to interpolate, and the same on all machines.
  static func logarithm(_ value: Double) -> Double {
    guard value > 0 else { return -64 }
    return Double(value.exponent) + (value.significand - 1)
  }
}
