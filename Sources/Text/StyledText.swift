/// Text in runs of one style each: what all forms but WebVTT are read into.
struct StyledText: Hashable {
  struct Style: Hashable {
    var isBold = false
    var isItalic = false
    var isUnderlined = false
    /// `rrggbb`; `nil` for the player's.
    var colour: String?
    /// `rrggbb`; `nil` for the player's.
    var background: String?
    /// BCP 47; `nil` for the track's.
    var language: String?
    /// Whether the run stands above the run before it.
    var ruby = Ruby.none

    enum Ruby: Hashable { case none, base, text }
  }

  struct Run: Hashable {
    /// Plain text; lines end with one line feed.
    var text: String
    var style: Style
  }

  private(set) var runs: [Run] = []

  /// The colours that WebVTT names (§5, default text colours).
  static let names = [
    "ffffff": "white", "00ff00": "lime", "00ffff": "cyan", "ff0000": "red", "ffff00": "yellow",
    "ff00ff": "magenta", "0000ff": "blue", "000000": "black",
  ]

  mutating func append(_ text: String, _ style: Style) {
    guard !text.isEmpty else { return }
    if let last = runs.indices.last, runs[last].style == style {
      runs[last].text += text
    } else {
      runs.append(Run(text: text, style: style))
    }
  }

  var isEmpty: Bool { runs.isEmpty }

  /// Lines that hold text.
  var lineCount: Int {
    plain.split(separator: "\n").count
  }

  var plain: String { runs.map(\.text).joined() }

  /// Colours that need a class of their own.
  var unnamedColours: [String] {
    runs.compactMap(\.style.colour).filter { Self.names[$0] == nil }
  }

  static func className(ofColour colour: String) -> String { "color\(colour)" }

  /// `rrggbb` of a class that `className(ofColour:)` or WebVTT's names gave.
  static func colour(ofClass name: Substring) -> String? {
    if let named = names.first(where: { $0.value == name }) { return named.key }
    guard name.hasPrefix("color"), name.utf8.count == 11 else { return nil }
    return Colour.hexadecimal(name.dropFirst(5))
  }

  /// Without white space at the ends of lines, and without empty lines.
  func trimmed() -> StyledText {
    guard needsTrimming else { return self }
    var trimmed = StyledText()
    var isLineStart = true
    // A line end, and white space, that are kept only if text follows.
    var lineEnd: Style?
    var spaces: [Run] = []
    for run in runs {
      for piece in run.text.unicodeScalars {
        switch piece {
        case "\n":
          if !isLineStart { lineEnd = run.style }
          spaces = []
          isLineStart = true
        case " ", "\t":
          if !isLineStart { spaces.append(Run(text: String(piece), style: run.style)) }
        default:
          if let style = lineEnd { trimmed.append("\n", style) }
          for space in spaces { trimmed.append(space.text, space.style) }
          (lineEnd, spaces) = (nil, [])
          trimmed.append(String(piece), run.style)
          isLineStart = false
        }
      }
    }
    return trimmed
  }

  private var needsTrimming: Bool {
    var last: UInt8 = 0x0A
    for run in runs {
      for byte in run.text.utf8 {
        let isSpace = byte == 0x20 || byte == 0x09
        if last == 0x0A, isSpace || byte == 0x0A { return true }
        if byte == 0x0A, last == 0x20 || last == 0x09 { return true }
        last = byte
      }
    }
    return last == 0x0A || last == 0x20 || last == 0x09
  }

  /// WebVTT text; of colours without a name only those of `colours` are kept.
  func rendered(colours: Set<String>) -> String {
    var text = ""
    var open: [String] = []
    for run in runs {
      let tags = Self.tags(run.style, colours: colours)
      var common = 0
      while common < min(open.count, tags.count), open[common] == tags[common] { common += 1 }
      Self.close(open[common...], in: &text)
      for tag in tags[common...] { text += "<\(tag)>" }
      open = tags
      text += CueText.escaped(run.text)
    }
    Self.close(open[...], in: &text)
    return text
  }

  private static func close(_ tags: ArraySlice<String>, in text: inout String) {
    for tag in tags.reversed() { text += "</\(tag.prefix { $0 != "." && $0 != " " })>" }
  }

  private static func tags(_ style: Style, colours: Set<String>) -> [String] {
    var tags: [String] = []
    if let language = style.language { tags.append("lang \(language)") }
    if style.ruby != .none { tags.append("ruby") }
    if style.ruby == .text { tags.append("rt") }
    var classes = ""
    if let colour = style.colour {
      if let name = names[colour] {
        classes += ".\(name)"
      } else if colours.contains(colour) {
        classes += ".\(className(ofColour: colour))"
      }
    }
    if let background = style.background, let name = names[background] { classes += ".bg_\(name)" }
    if !classes.isEmpty { tags.append("c\(classes)") }
    if style.isBold { tags.append("b") }
    if style.isItalic { tags.append("i") }
    if style.isUnderlined { tags.append("u") }
    return tags
  }
}

/// Colours as `rrggbb` in lower case.
enum Colour {
  /// Six hexadecimal digits.
  static func hexadecimal(_ digits: Substring) -> String? {
    guard digits.utf8.count == 6, digits.utf8.allSatisfy({ isHexadecimalDigit($0) }) else {
      return nil
    }
    return digits.lowercased()
  }

  static func isHexadecimalDigit(_ byte: UInt8) -> Bool {
    (0x30...0x39).contains(byte) || (0x41...0x46).contains(byte) || (0x61...0x66).contains(byte)
  }

  static func rendered(_ red: Int, _ green: Int, _ blue: Int) -> String {
    [red, green, blue].map { value in
      let digits = String(min(max(value, 0), 255), radix: 16)
      return digits.utf8.count == 1 ? "0" + digits : digits
    }.joined()
  }

  /// `#rgb`, `#rrggbb`, `#rrggbbaa`, `rgb(…)`, `rgba(…)`, or a name of CSS 2 and TTML.
  static func read(_ text: Substring) -> String? {
    let text = text.lowercased()
    if let name = names[text] { return name }
    if text.hasPrefix("#") {
      let digits = text.dropFirst()
      switch digits.utf8.count {
      case 3:
        let doubled = String(digits.flatMap { [$0, $0] })
        return hexadecimal(doubled[...])
      case 6, 8: return hexadecimal(digits.prefix(6))
      default: return nil
      }
    }
    guard text.hasPrefix("rgb"), let open = text.firstIndex(of: "("), text.hasSuffix(")") else {
      return nil
    }
    let values = text[text.index(after: open)...].dropLast().split(separator: ",").map { part in
      Int(part.filter { $0 != " " })
    }
    guard values.count >= 3, let red = values[0], let green = values[1], let blue = values[2] else {
      return nil
    }
    return rendered(red, green, blue)
  }

  private static let names = [
    "white": "ffffff", "lime": "00ff00", "cyan": "00ffff", "aqua": "00ffff", "red": "ff0000",
    "yellow": "ffff00", "magenta": "ff00ff", "fuchsia": "ff00ff", "blue": "0000ff",
    "black": "000000", "green": "008000", "gray": "808080", "grey": "808080", "silver": "c0c0c0",
    "maroon": "800000", "purple": "800080", "olive": "808000", "navy": "000080", "teal": "008080",
    "orange": "ffa500", "pink": "ffc0cb", "brown": "a52a2a",
  ]
}
