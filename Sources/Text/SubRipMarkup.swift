/// The text of one SubRip cue: tags of HTML, and the overrides of SubStation Alpha that players of
/// SubRip know.
enum SubRipMarkup {
  static func append(
    _ text: String, start: Int64, end: Int64, line: Int? = nil, to collector: inout CueCollector
  ) throws(TextError) {
    var reader = Reader(text)
    reader.read()
    for note in reader.notes { collector.note(note) }
    let styled = reader.styled.trimmed()
    let settings = CueSettings.numberPad(reader.place ?? 2, lineCount: styled.lineCount)
    try collector.append(
      start: start, end: end, styled, settings: settings.rendered, line: line)
  }

  private struct Reader {
    private var rest: Substring.UnicodeScalarView
    private(set) var styled = StyledText()
    /// Key of the number pad.
    private(set) var place: Int?
    private(set) var notes: [String] = []
    private var style = StyledText.Style()
    /// Tags that are open, with the style before each.
    private var open: [(name: String, style: StyledText.Style)] = []

    /// Characters of a tag, and tags in each other, at most.
    private static let maximumTagCount = 256
    private static let maximumDepth = 32

    init(_ text: String) { rest = text[...].unicodeScalars }

    mutating func read() {
      var plain = String.UnicodeScalarView()
      while let scalar = rest.first {
        if scalar == "<", let tag = take(until: ">", isTag: Self.isTag) {
          flush(&plain)
          apply(tag: tag)
        } else if scalar == "{", let tag = take(until: "}", isTag: Self.isOverride) {
          flush(&plain)
          apply(override: tag)
        } else if scalar == "&", let character = takeReference() {
          plain.append(character)
        } else if scalar == "\\", let next = rest.dropFirst().first,
          "Nnh".unicodeScalars.contains(next)
        {
          plain.append(next == "h" ? "\u{A0}" : "\n")
          rest.removeFirst(2)
        } else {
          plain.append(scalar)
          rest.removeFirst()
        }
      }
      flush(&plain)
    }

    private mutating func flush(_ plain: inout String.UnicodeScalarView) {
      styled.append(String(plain), style)
      plain.removeAll()
    }

    /// What stands between the first character and `end`, if it is a tag; takes both too.
    private mutating func take(
      until end: Unicode.Scalar, isTag: (Substring) -> Bool
    ) -> Substring? {
      let window = rest.dropFirst().prefix(Self.maximumTagCount)
      guard let close = window.firstIndex(of: end) else { return nil }
      let tag = Substring(window[..<close])
      guard isTag(tag) else { return nil }
      rest = rest[rest.index(after: close)...]
      return tag
    }

    private static func isTag(_ tag: Substring) -> Bool {
      let name = (tag.hasPrefix("/") ? tag.dropFirst() : tag).prefix { $0 != " " && $0 != "\n" }
        .lowercased()
      return ["b", "i", "u", "s", "font", "br", "br/", "ruby", "rt", "c", "v"].contains(name)
    }

    private static func isOverride(_ tag: Substring) -> Bool {
      if tag.hasPrefix("\\") { return true }
      return ["b", "i", "u", "s", "/b", "/i", "/u", "/s"].contains(tag.lowercased())
    }

    private mutating func takeReference() -> Unicode.Scalar? {
      let window = rest.prefix(8)
      guard let close = window.firstIndex(of: ";") else { return nil }
      let known: [String: Unicode.Scalar] = [
        "&amp": "&", "&lt": "<", "&gt": ">", "&quot": "\"", "&nbsp": "\u{A0}", "&lrm": "\u{200E}",
        "&rlm": "\u{200F}", "&apos": "'", "&#39": "'",
      ]
      guard let scalar = known[String(window[..<close])] else { return nil }
      rest = rest[rest.index(after: close)...]
      return scalar
    }

    private mutating func apply(tag: Substring) {
      if tag.hasPrefix("/") {
        close(tag.dropFirst().prefix { $0 != " " }.lowercased())
        return
      }
      let name = tag.prefix { $0 != " " && $0 != "\n" && $0 != "/" }.lowercased()
      guard name != "br" else {
        styled.append("\n", style)
        return
      }
      guard open.count < Self.maximumDepth else { return }
      open.append((name, style))
      switch name {
      case "b": style.isBold = true
      case "i": style.isItalic = true
      case "u": style.isUnderlined = true
      case "font":
        if let value = Self.attribute("color", of: tag) {
          let colour = Colour.read(value) ?? Colour.hexadecimal(value)
          if colour == nil { notes.append("a font colour that cannot be read is left out") }
          style.colour = colour == "ffffff" ? nil : colour
        }
        if Self.attribute("face", of: tag) != nil || Self.attribute("size", of: tag) != nil {
          notes.append("a font's face or size is left out")
        }
      case "s": notes.append("text that is struck out is kept plain")
      default: break
      }
    }

    private mutating func close(_ name: String) {
      guard let index = open.lastIndex(where: { $0.name == name }) else { return }
      var closed = style
      let before = open[index].style
      // Only what this tag has set goes back: tags that cross each other are common.
      switch name {
      case "b": closed.isBold = before.isBold
      case "i": closed.isItalic = before.isItalic
      case "u": closed.isUnderlined = before.isUnderlined
      case "font": closed.colour = before.colour
      default: break
      }
      style = closed
      open.remove(at: index)
    }

    private static func attribute(_ name: String, of tag: Substring) -> Substring? {
      for word in tag.split(whereSeparator: { $0 == " " || $0 == "\n" }).dropFirst() {
        guard let equals = word.firstIndex(of: "="), word[..<equals].lowercased() == name else {
          continue
        }
        let value = word[word.index(after: equals)...]
        return value.drop { $0 == "\"" || $0 == "'" }.prefix { $0 != "\"" && $0 != "'" }
      }
      return nil
    }

    private mutating func apply(override tag: Substring) {
      guard tag.hasPrefix("\\") else {
        if tag.hasPrefix("/") { close(tag.dropFirst().lowercased()) } else { apply(tag: tag) }
        return
      }
      for command in tag.split(separator: "\\") {
        switch command {
        case "i1": style.isItalic = true
        case "i0": style.isItalic = false
        case "b1": style.isBold = true
        case "b0": style.isBold = false
        case "u1": style.isUnderlined = true
        case "u0": style.isUnderlined = false
        default:
          if command.hasPrefix("an"), let key = Int(command.dropFirst(2)), (1...9).contains(key) {
            place = place ?? key
          } else if command.hasPrefix("a"), let key = Int(command.dropFirst()),
            let numberPad = ASSAlignment.numberPad(legacy: key)
          {
            place = place ?? numberPad
          } else {
            notes.append("an override of SubStation Alpha in SubRip is left out")
          }
        }
      }
    }
  }
}

/// Where SubStation Alpha places text.
enum ASSAlignment {
  /// The key of the number pad of an alignment of version 4: 1 to 3 below, 4 more at the top, 8
  /// more in the middle.
  static func numberPad(legacy: Int) -> Int? {
    switch legacy {
    case 1...3: legacy
    case 5...7: legacy + 2
    case 9...11: legacy - 5
    default: nil
    }
  }
}
