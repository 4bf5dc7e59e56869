/// A memory of captions: 15 rows of 32 cells (ANSI/CTA-608-E §6.2).
struct CEA608Screen: Hashable {
  static let rowCount = 15
  static let columnCount = 32

  /// Rows from the top; one without a cell has no elements, any other has 32.
  private(set) var rows = [[CaptionCell?]](repeating: [], count: rowCount)

  static let empty = CEA608Screen()

  var isEmpty: Bool { rows.allSatisfy { $0.allSatisfy { $0 == nil } } }

  subscript(row: Int, column: Int) -> CaptionCell? {
    get { rows[row].isEmpty ? nil : rows[row][column] }
    set {
      if rows[row].isEmpty {
        rows[row] = [CaptionCell?](repeating: nil, count: Self.columnCount)
      }
      rows[row][column] = newValue
    }
  }

  mutating func clear(row: Int, from column: Int = 0) {
    guard column > 0 else {
      rows[row] = []
      return
    }
    for column in column..<max(column, rows[row].count) { rows[row][column] = nil }
  }

  /// Moves rows `top...base` up by one; what stands elsewhere goes.
  mutating func rollUp(base: Int, depth: Int) {
    let top = max(0, base - depth + 1)
    for row in 0..<Self.rowCount {
      if row >= top, row < base {
        rows[row] = rows[row + 1]
      } else {
        clear(row: row)
      }
    }
  }

  /// Moves `depth` rows that end at one base row, to another.
  mutating func move(from base: Int, to newBase: Int, depth: Int) {
    let old = self
    self = .empty
    for offset in 0..<depth where base - offset >= 0 && newBase - offset >= 0 {
      rows[newBase - offset] = old.rows[base - offset]
    }
  }

  /// The text as cues: rows that follow each other are one if they stand in line.
  ///
  /// Rows and columns lie in the middle 80 percent of the picture.
  var cues: [(text: StyledText, settings: String)] {
    var groups: [(row: Int, rows: [CaptionRow])] = []
    for (number, cells) in rows.enumerated() {
      guard let row = CaptionRow(cells) else { continue }
      if let last = groups.last, last.row + last.rows.count == number {
        groups[groups.count - 1].rows.append(row)
      } else {
        groups.append((number, [row]))
      }
    }
    return groups.flatMap { group -> [(text: StyledText, settings: String)] in
      if let settings = Self.settings(group.rows, at: group.row) {
        return [(CaptionRow.joined(group.rows), settings.rendered)]
      }
      return group.rows.enumerated().map { offset, row in
        (
          CaptionRow.joined([row]),
          Self.settings([row], at: group.row + offset)?.rendered ?? ""
        )
      }
    }
  }

  private static func settings(_ rows: [CaptionRow], at row: Int) -> CueSettings? {
    CaptionRow.settings(
      rows, top: 10 + Double(row) * 80 / Double(rowCount), left: 10, columnWidth: 2.5)
  }
}
