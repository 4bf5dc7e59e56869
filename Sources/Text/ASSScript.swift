/// What a script of SubStation Alpha (version 4 and 4+) says before its lines.
struct ASSScript {
  struct Style {
    var text = StyledText.Style()
    /// Key of the number pad.
    var alignment = 2
    /// In units of the script's picture: left, right, vertical.
    var margins = Margins()
  }

  struct Margins {
    var left = 0.0
    var right = 0.0
    var vertical = 0.0
  }

  /// The script's picture: places are told in it.
  private(set) var width = 384.0
  private(set) var height = 288.0
  private(set) var styles: [String: Style] = [:]
  /// Names of the fields of a `Dialogue` line, the last one being `text`.
  private(set) var eventFields = [
    "layer", "start", "end", "style", "name", "marginl", "marginr", "marginv", "effect", "text",
  ]

  /// Styles of a script, at most.
  static let maximumStyleCount = 4096

  private var section = ""
  private var styleFields: [String] = []
  private var statedSize: (width: Double?, height: Double?) = (nil, nil)

  /// Reads a script file.
  static func read(_ bytes: [UInt8]) throws(TextError) -> CueList {
    var script = ASSScript()
    var lines = TextLines(bytes)
    var events = ASSEvents()
    while let line = lines.next() {
      let text = String(decoding: TextLines.trimmed(line), as: UTF8.self)
      if let dialogue = script.take(text) {
        try events.append(dialogue, of: script, line: lines.number)
      }
    }
    return events.finish()
  }

  /// Takes one line.
  /// - Returns: what stands behind `Dialogue:`, if it is one.
  mutating func take(_ line: String) -> Substring? {
    if line.hasPrefix("[") {
      section = line.lowercased()
      return nil
    }
    guard !line.hasPrefix(";"), let colon = line.firstIndex(of: ":") else { return nil }
    let key = line[..<colon].lowercased()
    let value = line[line.index(after: colon)...].drop { $0 == " " }
    switch key {
    case "playresx": setSize(width: Double(value), height: nil)
    case "playresy": setSize(width: nil, height: Double(value))
    case "format":
      let fields = value.split(separator: ",", omittingEmptySubsequences: false).map {
        $0.filter { $0 != " " }.lowercased()
      }
      if section.contains("styles") { styleFields = fields }
      if section.contains("events"), fields.last == "text" { eventFields = fields }
    case "style": appendStyle(value)
    case "dialogue": return value
    default: break
    }
    return nil
  }

  /// A script that states one side only means 4:3, as players take it.
  private mutating func setSize(width: Double?, height: Double?) {
    let isSize = { (value: Double) in value > 0 && value <= 100_000 }
    if let width, isSize(width) { statedSize.width = width }
    if let height, isSize(height) { statedSize.height = height }
    self.width = statedSize.width ?? statedSize.height.map { $0 * 4 / 3 } ?? 384
    self.height = statedSize.height ?? statedSize.width.map { $0 * 3 / 4 } ?? 288
  }

  private mutating func appendStyle(_ line: Substring) {
    guard styles.count < Self.maximumStyleCount else { return }
    var values: [String: Substring] = [:]
    let parts = line.split(separator: ",", omittingEmptySubsequences: false)
    for (field, part) in zip(styleFields, parts) {
      values[field] = Self.trimmed(part)
    }
    var style = Style()
    let isOn = { (name: String) in values[name].flatMap { Int($0) }.map { $0 != 0 } ?? false }
    style.text.isBold = isOn("bold")
    style.text.isItalic = isOn("italic")
    style.text.isUnderlined = isOn("underline")
    style.text.colour = values["primarycolour"].flatMap(Self.colour)
    if let number = values["alignment"].flatMap({ Int($0) }) {
      let isOld = !section.contains("v4+")
      let key = isOld ? ASSAlignment.numberPad(legacy: number) ?? 2 : number
      if (1...9).contains(key) { style.alignment = key }
    }
    let number = { (name: String) in values[name].flatMap { Double($0) } ?? 0 }
    style.margins = Margins(
      left: number("marginl"), right: number("marginr"), vertical: number("marginv"))
    styles[Self.styleName(values["name"] ?? "")] = style
  }

  /// Names are compared without a star in front, which old scripts set.
  static func styleName(_ name: Substring) -> String {
    String(trimmed(name).drop { $0 == "*" })
  }

  func style(_ name: Substring) -> Style? { styles[Self.styleName(name)] }

  static func trimmed(_ text: Substring) -> Substring {
    var text = text.drop { $0 == " " || $0 == "\t" }
    while let last = text.last, last == " " || last == "\t" { text.removeLast() }
    return text
  }

  /// `&HAABBGGRR`, `&HBBGGRR&` or a decimal number; `nil` for white, and for what is no colour.
  static func colour(_ text: Substring) -> String? {
    let digits = text.filter { $0 != "&" }
    let number =
      digits.lowercased().hasPrefix("h")
      ? UInt64(digits.dropFirst().suffix(8), radix: 16)
      : Int64(digits).map { UInt64(truncatingIfNeeded: $0) }
    guard let number else { return nil }
    let colour = Colour.rendered(
      Int(number & 0xFF), Int(number >> 8 & 0xFF), Int(number >> 16 & 0xFF))
    return colour == "ffffff" ? nil : colour
  }
}
