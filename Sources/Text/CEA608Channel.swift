/// One caption channel of CEA-608, CC1 to CC4 (ANSI/CTA-608-E §6.4 and Annex B).
struct CEA608Channel: Sendable {
  private enum Mode: Equatable {
    case popOn, paintOn, text
    case rollUp(Int)
  }

  /// What begins in the middle of a pop-on caption still shows it at its end.
  private var mode = Mode.popOn
  private var displayed = CEA608Screen.empty
  private var hidden = CEA608Screen.empty
  /// When the displayed memory took the content that it has.
  private var since: Int64 = 0
  private var row = 14
  private var column = 0
  private var style = CaptionStyle()
  private var collector = CueCollector()

  // MARK: Characters

  mutating func append(_ scalar: Unicode.Scalar, at time: Int64) {
    edit(at: time) { screen, row, column, style in
      screen[row, column] = CaptionCell(scalar: scalar, style: style)
      column = min(column + 1, CEA608Screen.columnCount - 1)
    }
  }

  /// An extended character takes the place of the basic one before it (§6.4.2).
  mutating func replace(with scalar: Unicode.Scalar, at time: Int64) {
    backspace(at: time)
    append(scalar, at: time)
  }

  mutating func backspace(at time: Int64) {
    edit(at: time) { screen, row, column, _ in
      let isFull = column == CEA608Screen.columnCount - 1 && screen[row, column] != nil
      if !isFull { column = max(0, column - 1) }
      screen[row, column] = nil
    }
  }

  mutating func deleteToEndOfRow(at time: Int64) {
    edit(at: time) { screen, row, column, _ in screen.clear(row: row, from: column) }
  }

  /// Changes the memory that is written to.
  private mutating func edit(
    at time: Int64,
    _ change: (inout CEA608Screen, Int, inout Int, CaptionStyle) -> Void
  ) {
    switch mode {
    case .text: return
    case .popOn: change(&hidden, row, &column, style)
    case .paintOn, .rollUp:
      if displayed.isEmpty { since = time }
      change(&displayed, row, &column, style)
    }
  }

  // MARK: Codes

  /// A mid-row code takes a cell and sets the style (§6.4.3).
  mutating func midRow(_ code: UInt8, at time: Int64) {
    append(" ", at: time)
    setStyle(code)
  }

  /// Colour or italics in bits 1 to 3, underline in bit 0.
  private mutating func setStyle(_ code: UInt8) {
    let index = Int(code >> 1 & 7)
    if index < CEA608Characters.colours.count {
      style.colour = CEA608Characters.colours[index]
      style.isItalic = false
    } else {
      style.isItalic = true
    }
    style.isUnderlined = code & 1 != 0
  }

  /// A preamble address code (§6.4.4).
  ///
  /// - Parameters:
  ///   - newRow: from 0.
  ///   - code: the low five bits: colour or indent, and underline.
  mutating func preamble(row newRow: Int, _ code: UInt8, at time: Int64) {
    switch mode {
    case .rollUp(let depth):
      if newRow != row, !displayed.isEmpty {
        show(at: time)
        displayed.move(from: row, to: newRow, depth: depth)
      }
    case .paintOn: show(at: time)
    case .popOn, .text: break
    }
    row = newRow
    style = CaptionStyle()
    if code & 0x10 != 0 {
      column = Int(code >> 1 & 7) * 4
      style.isUnderlined = code & 1 != 0
    } else {
      column = 0
      setStyle(code)
    }
  }

  mutating func tab(_ count: Int) {
    column = min(column + count, CEA608Screen.columnCount - 1)
  }

  /// A miscellaneous control code, 20 to 2F (§6.4.5).
  mutating func control(_ code: UInt8, at time: Int64) {
    switch code {
    case 0x20: mode = .popOn
    case 0x21: backspace(at: time)
    case 0x24: deleteToEndOfRow(at: time)
    case 0x25...0x27: beginRollUp(depth: Int(code) - 0x23, at: time)
    case 0x29:
      mode = .paintOn
      style = CaptionStyle()
    case 0x2A, 0x2B: mode = .text
    case 0x2C:
      show(at: time)
      displayed = .empty
    case 0x2D: carriageReturn(at: time)
    case 0x2E: hidden = .empty
    case 0x2F:
      show(at: time)
      swap(&displayed, &hidden)
      mode = .popOn
      column = 0
      style = CaptionStyle()
    default: break
    }
  }

  private mutating func beginRollUp(depth: Int, at time: Int64) {
    if case .rollUp = mode {
    } else {
      // Another style's text goes, and the cursor to the last row (§B.5).
      show(at: time)
      displayed = .empty
      hidden = .empty
      row = CEA608Screen.rowCount - 1
      column = 0
    }
    mode = .rollUp(depth)
    style = CaptionStyle()
  }

  private mutating func carriageReturn(at time: Int64) {
    guard case .rollUp(let depth) = mode else { return }
    show(at: time)
    displayed.rollUp(base: row, depth: depth)
    column = 0
    style = CaptionStyle()
  }

  // MARK: Cues

  /// Writes down what was displayed until now.
  private mutating func show(at time: Int64) {
    if time > since {
      for cue in displayed.cues {
        try? collector.append(start: since, end: time, cue.text, settings: cue.settings)
      }
    }
    since = time
  }

  mutating func finish(at time: Int64) -> CueList {
    show(at: time)
    displayed = .empty
    var list = collector.finish()
    list.cues = TTMLReader.joined(list.cues)
    return list
  }
}
