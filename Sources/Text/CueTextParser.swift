/// Reads the text of a WebVTT cue to runs of one style (W3C WebVTT §6.4).
///
/// Voices and timestamps are passed over: a run has no place for them.
struct CueTextParser {
  private var rest: Substring.UnicodeScalarView
  private var styled = StyledText()
  private var open: [(name: String, style: StyledText.Style)] = []
  private var style = StyledText.Style()

  /// Tags in each other, and scalars of a tag, at most.
  private static let maximumDepth = 64
  private static let maximumTagCount = 1024

  static func parse(_ text: String) -> StyledText {
    var parser = CueTextParser(rest: text[...].unicodeScalars)
    parser.parse()
    return parser.styled
  }

  private init(rest: Substring.UnicodeScalarView) { self.rest = rest }

  private mutating func parse() {
    var plain = String.UnicodeScalarView()
    while let scalar = rest.first {
      if scalar == "<" {
        styled.append(String(plain), style)
        plain.removeAll()
        let tag = rest.dropFirst().prefix(Self.maximumTagCount).prefix { $0 != ">" }
        rest = rest[tag.endIndex...].dropFirst()
        apply(Substring(tag))
      } else if scalar == "&", let (character, count) = reference() {
        plain.append(character)
        rest.removeFirst(count)
      } else {
        plain.append(scalar)
        rest.removeFirst()
      }
    }
    styled.append(String(plain), style)
  }

  private static let references: [String: Unicode.Scalar] = [
    "amp": "&", "lt": "<", "gt": ">", "nbsp": "\u{A0}", "lrm": "\u{200E}", "rlm": "\u{200F}",
    "quot": "\"", "apos": "'",
  ]

  /// A named or numbered character at the front, and the scalars that it takes.
  private func reference() -> (Unicode.Scalar, Int)? {
    let name = rest.dropFirst().prefix(10).prefix { $0 != ";" && $0 != " " && $0 != "&" }
    guard name.endIndex < rest.endIndex, rest[name.endIndex] == ";" else { return nil }
    let text = String(name)
    if let known = Self.references[text] { return (known, name.count + 2) }
    guard text.hasPrefix("#") else { return nil }
    let isHexadecimal = text.hasPrefix("#x") || text.hasPrefix("#X")
    guard
      let value = UInt32(text.dropFirst(isHexadecimal ? 2 : 1), radix: isHexadecimal ? 16 : 10),
      let scalar = Unicode.Scalar(value), scalar.value >= 0x20
    else { return nil }
    return (scalar, name.count + 2)
  }

  private mutating func apply(_ tag: Substring) {
    if tag.hasPrefix("/") {
      close(String(tag.dropFirst()))
      return
    }
    let isSpace = { (character: Character) in
      character == " " || character == "\t" || character == "\n"
    }
    let words = tag.prefix { !isSpace($0) }
    let parts = words.split(separator: ".", omittingEmptySubsequences: false)
    guard let name = parts.first, open.count < Self.maximumDepth,
      ["c", "b", "i", "u", "v", "lang", "ruby", "rt"].contains(name)
    else { return }
    open.append((String(name), style))
    for part in parts.dropFirst() {
      if part.hasPrefix("bg_") {
        style.background = StyledText.colour(ofClass: part.dropFirst(3)) ?? style.background
      } else {
        style.colour = StyledText.colour(ofClass: part) ?? style.colour
      }
    }
    switch name {
    case "b": style.isBold = true
    case "i": style.isItalic = true
    case "u": style.isUnderlined = true
    case "lang":
      let language = tag.dropFirst(words.count).filter { !isSpace($0) }
      style.language = language.isEmpty ? nil : language
    case "ruby": style.ruby = .base
    case "rt": if style.ruby == .base { style.ruby = .text }
    default: break
    }
  }

  /// Closes the innermost tag, if it is this one; `</ruby>` closes `<rt>` too (§6.4).
  private mutating func close(_ name: String) {
    if name == "ruby", open.last?.name == "rt" { close("rt") }
    guard let last = open.last, last.name == name else { return }
    style = last.style
    open.removeLast()
  }
}
