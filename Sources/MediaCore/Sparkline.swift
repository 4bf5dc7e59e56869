/// A row of numbers as a line of bars: `▂▅▃█`.
package struct Sparkline: Hashable, Sendable, CustomStringConvertible {
  package let description: String

  /// Bars in a line, at most.
  package static let maximumCount = 72
  private static let bars: [Character] = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"]

  /// More values than bars share them, the highest of each group shown.
  /// - Parameter values: 0 and up; the highest is a whole bar.
  package init(_ values: [Int64], limit: Int = Self.maximumCount) {
    let count = min(values.count, max(limit, 1))
    let top = max(values.max() ?? 0, 1)
    description = String(
      (0..<count).map { column in
        let group = values[column * values.count / count..<(column + 1) * values.count / count]
        let share = Double(max(group.max() ?? 0, 0)) / Double(top)
        return Self.bars[min(Int(share * Double(Self.bars.count)), Self.bars.count - 1)]
      })
  }
}
