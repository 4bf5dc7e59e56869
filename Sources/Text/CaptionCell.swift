/// One cell of a screen of captions.
struct CaptionCell: Hashable {
  var scalar: Unicode.Scalar
  var style: CaptionStyle
}

/// The style of a cell, small: there are thousands of cells.
struct CaptionStyle: Hashable {
  static let white: UInt8 = 0x3F

  var isItalic = false
  var isUnderlined = false
  /// Two bits each of red, green and blue; white is the player's.
  var colour = white

  var styled: StyledText.Style {
    var styled = StyledText.Style()
    styled.isItalic = isItalic
    styled.isUnderlined = isUnderlined
    if colour != Self.white {
      let part = { (shift: UInt8) in Int(colour >> shift & 3) * 85 }
      styled.colour = Colour.rendered(part(4), part(2), part(0))
    }
    return styled
  }
}

/// A row of cells, as text and where it stands.
struct CaptionRow: Hashable {
  var text: StyledText
  /// Columns of the first cell that is not empty, and behind the last.
  var first: Int
  var end: Int

  /// - Returns: `nil` for a row without visible characters.
  init?(_ cells: some Collection<CaptionCell?>) {
    var first: Int?
    var end = 0
    for (column, cell) in cells.enumerated() where cell.map({ $0.scalar != " " }) ?? false {
      first = first ?? column
      end = column + 1
    }
    guard let first else { return nil }
    var text = StyledText()
    var style = CaptionStyle()
    var piece = String.UnicodeScalarView()
    for cell in cells.dropFirst(first).prefix(end - first) {
      if let cell, cell.style != style {
        text.append(String(piece), style.styled)
        piece.removeAll()
        style = cell.style
      }
      piece.append(cell?.scalar ?? " ")
    }
    text.append(String(piece), style.styled)
    self.text = text
    self.first = first
    self.end = end
  }

  /// Rows one below the other as one text.
  static func joined(_ rows: [CaptionRow]) -> StyledText {
    var joined = StyledText()
    for (number, row) in rows.enumerated() {
      if number > 0, let style = rows[number - 1].text.runs.last?.style {
        joined.append("\n", style)
      }
      for run in row.text.runs { joined.append(run.text, run.style) }
    }
    return joined.trimmed()
  }

  /// The settings that keep rows where they stand.
  ///
  /// - Parameters:
  ///   - top: percent of the picture's height.
  ///   - left: percent of the picture's width, of column 0.
  ///   - columnWidth: percent of the picture's width.
  /// - Returns: `nil` if the rows stand neither left, right nor centred under each other.
  static func settings(
    _ rows: [CaptionRow], top: Double, left: Double, columnWidth: Double
  ) -> CueSettings? {
    guard let head = rows.first else { return nil }
    var settings = CueSettings()
    settings.line = .percent(min(max(top, 0), 100))
    let place = { (column: Double) in min(max(left + column * columnWidth, 0), 100) }
    if rows.allSatisfy({ $0.first == head.first }) {
      settings.alignment = .left
      settings.position = place(Double(head.first))
    } else if rows.allSatisfy({ abs($0.first + $0.end - head.first - head.end) <= 2 }) {
      let middle = rows.reduce(0) { $0 + $1.first + $1.end }
      settings.position = place(Double(middle) / Double(2 * rows.count))
    } else if rows.allSatisfy({ $0.end == head.end }) {
      settings.alignment = .right
      settings.position = place(Double(head.end))
    } else {
      return nil
    }
    return settings
  }
}
