/// One window of a service of CEA-708 (ANSI/CTA-708 §8.4).
struct CEA708Window: Sendable {
  private enum Justification: Sendable { case left, right, center }

  /// Rows and columns of a window, at most (§8.4.6).
  private static let maximumRowCount = 15
  private static let maximumColumnCount = 42

  var isVisible = false
  /// Milliseconds since which the text is shown that is there now.
  var since: Int64 = 0

  private var isDefined = false
  private var rowCount = 1
  private var columnCount = 32
  private var rows: [[CaptionCell?]] = [[]]
  /// Percent of the picture.
  private var anchor = (x: 0.0, y: 0.0)
  /// 0 to 8: the corner, side or middle that the anchor holds, row by row.
  private var anchorPoint = 0
  private var justification = Justification.left
  private var row = 0
  private var column = 0
  private var style = CaptionStyle()

  var isEmpty: Bool { rows.allSatisfy { $0.allSatisfy { $0 == nil } } }

  /// DefineWindow (§8.10.5.2): what a window that is there already says stays.
  mutating func define(_ parameters: [UInt8]) {
    isVisible = parameters[0] & 0x20 != 0
    let vertical = Double(parameters[1] & 0x7F)
    let horizontal = Double(parameters[2])
    let isRelative = parameters[1] & 0x80 != 0
    // Cells of the safe area: 75 by 210 in pictures of 16:9.
    let x = isRelative ? horizontal / 99 : horizontal / 209
    let y = isRelative ? vertical / 99 : vertical / 74
    anchor = (10 + 80 * min(x, 1), 10 + 80 * min(y, 1))
    anchorPoint = min(Int(parameters[3] >> 4), 8)
    rowCount = min(Int(parameters[3] & 0x0F) + 1, Self.maximumRowCount)
    columnCount = min(Int(parameters[4] & 0x3F) + 1, Self.maximumColumnCount)
    // Predefined styles 3 and 6 are centred (§8.4.12).
    let windowStyle = parameters[5] >> 3 & 7
    if windowStyle != 0 || !isDefined {
      justification = windowStyle == 3 || windowStyle == 6 ? .center : .left
    }
    if !isDefined {
      isDefined = true
      clear()
    }
    resize()
    if parameters[5] & 7 != 0 { style = CaptionStyle() }
  }

  private mutating func resize() {
    if rows.count > rowCount { rows.removeFirst(rows.count - rowCount) }
    while rows.count < rowCount { rows.append([]) }
    row = min(row, rowCount - 1)
  }

  mutating func clear() {
    rows = [[CaptionCell?]](repeating: [], count: rowCount)
    row = 0
    column = 0
  }

  mutating func clearRow() {
    rows[row] = []
    column = 0
  }

  mutating func append(_ scalar: Unicode.Scalar) {
    // What runs over the right side is kept: players wrap or widen.
    guard column < Self.maximumColumnCount else { return }
    while rows[row].count <= column { rows[row].append(nil) }
    rows[row][column] = CaptionCell(scalar: scalar, style: style)
    column += 1
  }

  mutating func backspace() {
    guard column > 0 else { return }
    column -= 1
    if column < rows[row].count { rows[row][column] = nil }
  }

  mutating func carriageReturn() {
    column = 0
    if row + 1 < rowCount {
      row += 1
    } else {
      rows.removeFirst()
      rows.append([])
    }
  }

  mutating func setPen(row newRow: UInt8, column newColumn: UInt8) {
    row = min(Int(newRow & 0x0F), rowCount - 1)
    column = min(Int(newColumn & 0x3F), Self.maximumColumnCount - 1)
  }

  /// The second byte of SetPenAttributes: italics in bit 7, underline in bit 6.
  mutating func setPen(attributes: UInt8) {
    style.isItalic = attributes & 0x80 != 0
    style.isUnderlined = attributes & 0x40 != 0
  }

  /// The first byte of SetPenColor: two bits each of red, green and blue.
  mutating func setPen(colour: UInt8) {
    style.colour = colour & CaptionStyle.white
  }

  /// SetWindowAttributes: justification in the low bits of the third byte.
  mutating func setAttributes(_ parameters: [UInt8]) {
    switch parameters[2] & 3 {
    case 1: justification = .right
    case 2: justification = .center
    default: justification = .left
    }
  }

  /// What the window shows; `nil` if that is nothing.
  var cue: (text: StyledText, settings: String)? {
    let filled = rows.enumerated().compactMap { number, cells in
      CaptionRow(cells).map { (number: number, row: $0) }
    }
    guard let first = filled.first, let last = filled.last else { return nil }
    let text = CaptionRow.joined(filled.map(\.row))
    let lineHeight = CueSettings.lineHeight
    let height = Double(rowCount) * lineHeight
    var top = anchor.y
    switch anchorPoint / 3 {
    case 1: top -= height / 2
    case 2: top -= height
    default: break
    }
    top += Double(first.number) * lineHeight
    let textHeight = Double(last.number - first.number + 1) * lineHeight
    // 42 columns lie in 80 percent of the picture's width.
    let columnWidth = 80.0 / 42
    let width = Double(columnCount) * columnWidth
    var left = anchor.x
    switch anchorPoint % 3 {
    case 1: left -= width / 2
    case 2: left -= width
    default: break
    }
    var settings = CueSettings()
    settings.line = .percent(min(max(top, 0), 100 - min(textHeight, 100)))
    let place = { (x: Double) in min(max(x, 0), 100) }
    switch justification {
    case .left:
      let indent = filled.map(\.row.first).min() ?? 0
      settings.alignment = .left
      settings.position = place(left + Double(indent) * columnWidth)
    case .right:
      settings.alignment = .right
      settings.position = place(left + width)
    case .center: settings.position = place(left + width / 2)
    }
    return (text, settings.rendered)
  }
}
