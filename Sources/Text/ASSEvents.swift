/// The lines of a script of SubStation Alpha, as cues.
struct ASSEvents {
  private var collector = CueCollector()
  /// Lines that stand twice in layers: an outline, a shadow.
  private var last: [Cue] = []

  /// Appends a line of a script, as its format tells.
  mutating func append(
    _ dialogue: Substring, of script: ASSScript, line: Int
  ) throws(TextError) {
    let values = Self.fields(of: dialogue, names: script.eventFields)
    guard let start = Self.time(values["start"]), let end = Self.time(values["end"]) else {
      collector.note("line \(line): times that cannot be read; the line is left out")
      return
    }
    try append(values, start: start, end: end, of: script, line: line)
  }

  /// Names of the fields of a line in Matroska.
  private static let matroskaFields = [
    "readorder", "layer", "style", "name", "marginl", "marginr", "marginv", "effect", "text",
  ]

  /// Appends a line as Matroska keeps it, its times beside it.
  mutating func append(
    _ payload: String, start: Int64, end: Int64, of script: ASSScript
  ) throws(TextError) {
    let values = Self.fields(of: payload[...], names: Self.matroskaFields)
    try append(values, start: start, end: end, of: script, line: nil)
  }

  mutating func finish() -> CueList { collector.finish() }

  private static func time(_ text: Substring?) -> Int64? {
    guard let text else { return nil }
    var bytes = Array(text.utf8)[...]
    return SubRipReader.time(&bytes)
  }

  private static func fields(of line: Substring, names: [String]) -> [String: Substring] {
    let parts = line.split(
      separator: ",", maxSplits: names.count - 1, omittingEmptySubsequences: false)
    return Dictionary(zip(names, parts)) { first, _ in first }
  }

  private mutating func append(
    _ values: [String: Substring], start: Int64, end: Int64, of script: ASSScript, line: Int?
  ) throws(TextError) {
    guard let text = values["text"] else {
      collector.note("a line with too few fields is left out")
      return
    }
    let base = script.style(values["style"] ?? "") ?? script.style("Default") ?? ASSScript.Style()
    var margins = base.margins
    for (name, path) in [
      ("marginl", \ASSScript.Margins.left), ("marginr", \.right), ("marginv", \.vertical),
    ] {
      if let value = values[name].flatMap({ Double(ASSScript.trimmed($0)) }), value != 0 {
        margins[keyPath: path] = value
      }
    }
    var reader = ASSText(script: script, base: base)
    reader.read(text)
    for note in reader.notes { collector.note(note) }
    let styled = reader.styled.trimmed()
    guard !styled.isEmpty else { return }
    let settings = Self.settings(
      reader, margins: margins, script: script, lineCount: styled.lineCount)
    let cue = Cue(start: start, end: end, text: styled.plain, settings: settings.rendered)
    if last.first.map({ $0.start != start || $0.end != end }) ?? true { last = [] }
    guard !last.contains(cue) else { return }
    if last.count < CueCollector.maximumShownCount { last.append(cue) }
    try collector.append(
      start: start, end: end, styled, settings: settings.rendered, line: line)
  }

  /// Below this part of the picture a margin is what players leave anyway.
  private static let ordinaryMargin = 12.0

  private static func settings(
    _ text: ASSText, margins: ASSScript.Margins, script: ASSScript, lineCount: Int
  ) -> CueSettings {
    var settings = CueSettings.numberPad(text.alignment, lineCount: lineCount)
    let height = Double(lineCount) * CueSettings.lineHeight
    let left = percent(margins.left, of: script.width)
    let right = percent(margins.right, of: script.width)
    let vertical = percent(margins.vertical, of: script.height)
    if let place = text.place {
      let y = place.y / script.height * 100
      let top =
        switch text.alignment {
        case 7...9: y
        case 4...6: y - height / 2
        default: y - height
        }
      settings.line = .percent(min(max(top, 0), max(0, 100 - height)).rounded())
      settings.position = min(max(place.x / script.width * 100, 0), 100).rounded()
      return settings
    }
    switch text.alignment {
    case 1, 4, 7: settings.position = max(left, 2).rounded()
    case 3, 6, 9: settings.position = min(100 - right, 98).rounded()
    default: break
    }
    switch text.alignment {
    case 7...9 where vertical > ordinaryMargin:
      settings.line = .percent(vertical.rounded())
    case 1...3 where vertical > ordinaryMargin:
      settings.line = .percent(max(0, 100 - vertical - height).rounded())
    default: break
    }
    return settings
  }

  private static func percent(_ margin: Double, of side: Double) -> Double {
    min(max(margin / side * 100, 0), 90)
  }
}
