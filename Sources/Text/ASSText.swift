/// The text of one line of SubStation Alpha with its overrides in braces.
struct ASSText {
  private(set) var styled = StyledText()
  /// Key of the number pad.
  private(set) var alignment: Int
  /// Where the text's own corner or middle stands, in units of the script's picture.
  private(set) var place: (x: Double, y: Double)?
  private(set) var notes: Set<String> = []

  private let script: ASSScript
  private let base: ASSScript.Style
  private var style: StyledText.Style
  private var isDrawing = false
  private var hasAlignment = false

  /// Characters of one group of overrides, at most.
  private static let maximumOverrideCount = 4096

  init(script: ASSScript, base: ASSScript.Style) {
    self.script = script
    self.base = base
    style = base.text
    alignment = base.alignment
  }

  mutating func read(_ text: Substring) {
    var rest = text.unicodeScalars
    var plain = String.UnicodeScalarView()
    while let scalar = rest.first {
      rest.removeFirst()
      if scalar == "{",
        let close = rest.prefix(Self.maximumOverrideCount).firstIndex(of: "}")
      {
        flush(&plain)
        apply(Substring(rest[..<close]))
        rest = rest[rest.index(after: close)...]
      } else if scalar == "\\", let next = rest.first, "Nnh".unicodeScalars.contains(next) {
        rest.removeFirst()
        plain.append(next == "h" ? "\u{A0}" : next == "N" ? "\n" : " ")
      } else {
        plain.append(scalar)
      }
    }
    flush(&plain)
  }

  private mutating func flush(_ plain: inout String.UnicodeScalarView) {
    if isDrawing {
      if !plain.isEmpty { notes.insert("a drawing is left out") }
    } else {
      styled.append(String(plain), style)
    }
    plain.removeAll()
  }

  /// Commands of one group, each behind a backslash; what stands before the first is a comment.
  private mutating func apply(_ group: Substring) {
    guard let first = group.firstIndex(of: "\\") else { return }
    for command in group[first...].split(separator: "\\") {
      apply(command: ASSScript.trimmed(command))
    }
  }

  private mutating func apply(command: Substring) {
    let name = command.prefix { $0.isLetter }
    let value = command.dropFirst(name.count)
    switch name {
    case "b": style.isBold = Int(value).map { $0 == 1 || $0 >= 600 } ?? base.text.isBold
    case "i": style.isItalic = Int(value).map { $0 != 0 } ?? base.text.isItalic
    case "u": style.isUnderlined = Int(value).map { $0 != 0 } ?? base.text.isUnderlined
    case "c": style.colour = value.isEmpty ? base.text.colour : ASSScript.colour(value)
    case "":
      // `1c` is the colour of the text; 2 to 4 are those of karaoke, outline and shadow.
      if command.hasPrefix("1c") {
        let value = command.dropFirst(2)
        style.colour = value.isEmpty ? base.text.colour : ASSScript.colour(value)
      }
    case "an", "a": align(name, value)
    case "pos", "move":
      let numbers = Self.numbers(value)
      if numbers.count >= 2, place == nil {
        place = (numbers[0], numbers[1])
        if name == "move" { notes.insert("a movement is left out; text stands where it begins") }
      }
    case "p": isDrawing = (Int(value) ?? 0) > 0
    case "k", "K", "kf", "ko": notes.insert("karaoke is left out")
    case _ where command.hasPrefix("r"):
      style = script.style(command.dropFirst())?.text ?? base.text
    default: break
    }
  }

  private mutating func align(_ name: Substring, _ value: Substring) {
    guard !hasAlignment, let number = Int(value) else { return }
    let key = name == "an" ? number : ASSAlignment.numberPad(legacy: number) ?? 0
    guard (1...9).contains(key) else { return }
    alignment = key
    hasAlignment = true
  }

  /// The numbers of `(1,2.5)`.
  private static func numbers(_ text: Substring) -> [Double] {
    text.drop { $0 == "(" }.prefix { $0 != ")" }.split(separator: ",").compactMap {
      Double(ASSScript.trimmed($0))
    }.filter { abs($0) < 1_000_000 }
  }
}
