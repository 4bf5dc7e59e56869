/// The settings of a WebVTT cue (W3C WebVTT §3.3.2), as far as other forms know them.
struct CueSettings: Hashable {
  enum Alignment: String { case start, center, end, left, right }
  enum Edge: String { case start, center, end }

  enum Line: Hashable {
    /// Lines of text from the top, or from the bottom below zero.
    case number(Int)
    /// Of the picture's height.
    case percent(Double)
  }

  /// `rl` or `lr`.
  var vertical: String?
  var line: Line?
  /// Which edge of the cue `line` places.
  var lineEdge = Edge.start
  /// Percent of the picture's width.
  var position: Double?
  /// `line-left`, `center` or `line-right`.
  var positionAnchor: String?
  /// Percent of the picture's width.
  var size: Double?
  var alignment = Alignment.center
  var region: String?

  /// Bytes of a cue's settings, at most.
  static let maximumByteCount = 1024

  /// Height of a line of text in percent of the picture's: WebVTT's 5vh, with its leading.
  static let lineHeight = 5.33

  init() {}

  /// Reads settings; what is not understood is passed over (§6.3).
  init(_ text: String) {
    for word in text.split(whereSeparator: { $0 == " " || $0 == "\t" }) {
      guard let colon = word.firstIndex(of: ":") else { continue }
      let value = word[word.index(after: colon)...]
      let parts = value.split(separator: ",", maxSplits: 1, omittingEmptySubsequences: false)
      switch word[..<colon] {
      case "vertical": if value == "rl" || value == "lr" { vertical = String(value) }
      case "line":
        guard let first = parts.first else { continue }
        if first.hasSuffix("%") {
          guard let percent = Self.percent(first) else { continue }
          line = .percent(percent)
        } else if let number = Int(first), abs(number) < 1000 {
          line = .number(number)
        } else {
          continue
        }
        lineEdge = parts.count > 1 ? Edge(rawValue: String(parts[1])) ?? .start : .start
      case "position":
        guard let percent = parts.first.flatMap(Self.percent) else { continue }
        position = percent
        positionAnchor = parts.count > 1 ? String(parts[1]) : nil
      case "size": size = Self.percent(value) ?? size
      case "align": alignment = Alignment(rawValue: String(value)) ?? alignment
      case "region": region = String(value)
      default: break
      }
    }
  }

  /// `12.5%`: digits, at most one dot, from 0 to 100 (§6.3, parse a percentage string).
  static func percent(_ text: Substring) -> Double? {
    guard text.hasSuffix("%") else { return nil }
    let digits = text.dropLast()
    guard digits.utf8.count < 24,
      digits.utf8.allSatisfy({ $0 == 0x2E || (0x30...0x39).contains($0) }),
      let value = Double(digits), value >= 0, value <= 100
    else { return nil }
    return value
  }

  /// At most two digits behind the dot, none that say nothing.
  static func rendered(percent: Double) -> String {
    let hundredths = Int((min(max(percent, 0), 100) * 100).rounded())
    let rest = hundredths % 100
    if rest == 0 { return "\(hundredths / 100)%" }
    let digits = rest % 10 == 0 ? "\(rest / 10)" : CueTime.padded(Int64(rest), 2)
    return "\(hundredths / 100).\(digits)%"
  }

  /// As it is written in a file; nothing that is the default.
  var rendered: String {
    var words: [String] = []
    if let vertical { words.append("vertical:\(vertical)") }
    if let region { words.append("region:\(region)") }
    let edge = lineEdge == .start ? "" : ",\(lineEdge.rawValue)"
    switch line {
    case .number(let number): words.append("line:\(number)\(edge)")
    case .percent(let percent): words.append("line:\(Self.rendered(percent: percent))\(edge)")
    case nil: break
    }
    if let position {
      let anchor = positionAnchor.map { ",\($0)" } ?? ""
      words.append("position:\(Self.rendered(percent: position))\(anchor)")
    }
    if let size { words.append("size:\(Self.rendered(percent: size))") }
    if alignment != .center { words.append("align:\(alignment.rawValue)") }
    return words.joined(separator: " ")
  }

  /// Settings on one line, without what would end them, or stand around them.
  static func cleaned(_ text: String) -> String {
    let isClean = { (byte: UInt8) in byte >= 0x20 && byte != 0x7F }
    if text.utf8.allSatisfy(isClean), text.utf8.first != 0x20, text.utf8.last != 0x20 {
      return CueText.hasArrow(text) ? "" : text
    }
    let words = text.unicodeScalars.split { $0.value <= 0x20 || $0.value == 0x7F }
    let clean = words.map { String($0) }.joined(separator: " ")
    return CueText.hasArrow(clean) ? "" : clean
  }

  /// Where text stands by the keys of a number pad: 1 is the bottom left, 9 the top right.
  ///
  /// - Parameter lineCount: lines of the text, to keep its lower edge or middle in place.
  static func numberPad(_ key: Int, lineCount: Int) -> CueSettings {
    var settings = CueSettings()
    switch key {
    case 7...9: settings.line = .number(0)
    case 4...6:
      settings.line = .percent(max(0, 50 - Double(lineCount) * lineHeight / 2))
    default: break
    }
    switch key {
    case 1, 4, 7: (settings.alignment, settings.position) = (.left, 5)
    case 3, 6, 9: (settings.alignment, settings.position) = (.right, 95)
    default: break
    }
    return settings
  }
}
