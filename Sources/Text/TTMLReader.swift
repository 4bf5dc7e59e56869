import NIOCore

/// Reads documents of TTML: DFXP, EBU-TT-D, and the text profiles of IMSC.
struct TTMLReader {
  /// Pieces of text of all paragraphs, each once for each interval it is looked at in, at most.
  private static let maximumWorkCount = 16 << 20

  private typealias Attributes = TTMLStyles.Attributes

  /// When something is shown: milliseconds, `end` counted out.
  private struct Interval {
    var start: Int64
    var end: Int64
  }

  /// What an element hands down.
  private struct Context {
    var interval: Interval
    var attributes: Attributes
    var region: String?
    var language: String?
    var keepsSpace: Bool
  }

  /// Text of a paragraph that is shown as one.
  private struct Piece {
    var text: String
    var style: StyledText.Style
    var interval: Interval
  }

  private let time: TTMLTime
  private var styles: TTMLStyles
  private var collector: CueCollector
  private var window: Interval
  private var workCount = 0
  private var rootLanguage: String?

  /// Reads a document.
  static func read(_ bytes: [UInt8]) throws(TextError) -> CueList {
    var collector = CueCollector()
    try read(bytes, from: 0, to: CueTime.maximum, into: &collector)
    return collector.finish()
  }

  /// Reads the documents of a track; each counts while its sample lasts. Cues that go on over
  /// samples are joined.
  static func read(_ samples: [SubtitleSamples.Sample]) throws(TextError) -> CueList {
    var collector = CueCollector()
    for (number, sample) in samples.enumerated() where sample.payload.readableBytes > 0 {
      do {
        try read(
          TextLines.decoded(sample.payload), from: sample.start, to: sample.end, into: &collector)
      } catch {
        throw TextError(
          error.code, line: error.line, "sample \(number + 1) of stpp: \(error.message)")
      }
    }
    var list = collector.finish()
    list.cues = joined(list.cues)
    return list
  }

  private static func read(
    _ bytes: [UInt8], from: Int64, to: Int64, into collector: inout CueCollector
  ) throws(TextError) {
    let root = try TTMLParser.parse(bytes)
    guard root.name == "tt" else {
      throw TextError(.notThisFormat, line: root.line, "the root element is not tt")
    }
    let profile = (root["profile"] ?? "") + " " + (root["contentProfiles"] ?? "")
    guard !profile.contains("/image") else { throw imageProfile(root.line) }
    var reader = TTMLReader(root, from: from, to: to, collector: collector)
    guard let body = root.child("body") else { return }
    let context = Context(
      interval: Interval(start: 0, end: CueTime.maximum), attributes: reader.styles.initial,
      region: nil, language: nil, keepsSpace: root["space"] == "preserve")
    _ = try reader.take(body, in: context, reference: 0, isSequential: false)
    collector = reader.collector
  }

  private init(_ root: TTMLElement, from: Int64, to: Int64, collector: CueCollector) {
    time = TTMLTime(root)
    styles = TTMLStyles(root)
    window = Interval(start: from, end: to)
    rootLanguage = root["lang"]
    self.collector = collector
    if root["timeBase"] == "clock" {
      self.collector.note("times of the day (timeBase clock) are read as times of the media")
    }
  }

  private static func imageProfile(_ line: Int) -> TextError {
    TextError(
      .unsupported, line: line,
      "the image profile of IMSC: its subtitles are pictures, and only text is packaged")
  }

  /// - Parameters:
  ///   - reference: the time that `begin` and `end` count from.
  ///   - isSequential: whether the element's siblings follow each other (`timeContainer`).
  /// - Returns: when the element ends.
  private mutating func take(
    _ element: TTMLElement, in context: Context, reference: Int64, isSequential: Bool
  ) throws(TextError) -> Int64 {
    guard let interval = try interval(of: element, in: context, reference, isSequential) else {
      return reference
    }
    let inner = try self.context(element, in: context, interval)
    if element.name == "p" {
      return try takeParagraph(element, inner)
    }
    let follows = element["timeContainer"] == "seq"
    var last = interval.start
    for child in element.children {
      switch child.name {
      case "div", "p":
        let end = try take(
          child, in: inner, reference: follows ? last : interval.start, isSequential: follows)
        last = follows ? end : max(last, end)
      case "set": collector.note("an animation (set) is left out")
      case "image": throw Self.imageProfile(child.line)
      default: break
      }
    }
    return hasEnd(element) || !isSequential ? interval.end : min(last, interval.end)
  }

  private func hasEnd(_ element: TTMLElement) -> Bool {
    element["end"] != nil || element["dur"] != nil
  }

  /// When an element is shown (TTML1 §10.4); `nil` if its times cannot be read.
  private mutating func interval(
    of element: TTMLElement, in context: Context, _ reference: Int64, _ isSequential: Bool
  ) throws(TextError) -> Interval? {
    var times: [String: Int64] = [:]
    for name in ["begin", "end", "dur"] {
      guard let text = element[name] else { continue }
      guard let value = time.milliseconds(text) else {
        collector.note(
          "line \(element.line): a time that cannot be read; what it is for is left out")
        return nil
      }
      times[name] = value
    }
    let start = reference + (times["begin"] ?? 0)
    var end = context.interval.end
    if let value = times["end"] { end = min(end, reference + value) }
    if let value = times["dur"] { end = min(end, start + value) }
    return Interval(start: start, end: max(start, end))
  }

  private mutating func context(
    _ element: TTMLElement, in context: Context, _ interval: Interval
  ) throws(TextError) -> Context {
    if element["backgroundImage"] != nil { throw Self.imageProfile(element.line) }
    var inner = context
    inner.interval = interval
    if let region = element["region"], region != context.region {
      inner.region = region
      // Content inherits from its region too, below what stands between.
      if let attributes = styles.regions[region] {
        inner.attributes.merge(attributes) { own, _ in own }
      }
    }
    inner.attributes = styles.computed(element, in: inner.attributes)
    if let language = element["lang"] {
      inner.language = language == rootLanguage || language.isEmpty ? nil : language
    }
    if let space = element["space"] { inner.keepsSpace = space == "preserve" }
    return inner
  }

  private mutating func takeParagraph(
    _ element: TTMLElement, _ context: Context
  ) throws(TextError) -> Int64 {
    var pieces: [Piece] = []
    var region = context.region
    let end = try collect(element, context, into: &pieces, region: &region)
    var edges: Set<Int64> = []
    for piece in pieces {
      edges.insert(max(piece.interval.start, window.start))
      edges.insert(min(piece.interval.end, window.end))
    }
    workCount += edges.count * pieces.count
    guard workCount <= Self.maximumWorkCount else {
      throw TextError(
        .limit, line: element.line,
        "more than \(Self.maximumWorkCount) pieces of text in intervals of time")
    }
    let times = edges.sorted()
    for (start, end) in zip(times, times.dropFirst()) {
      var styled = StyledText()
      for piece in pieces where piece.interval.start <= start && piece.interval.end >= end {
        append(piece, to: &styled)
      }
      styled = styled.trimmed()
      guard !styled.isEmpty else { continue }
      let settings = styles.settings(
        region: region.flatMap { styles.regions[$0] },
        alignment: context.attributes["textAlign"], lineCount: styled.lineCount)
      try collector.append(
        start: start, end: end, styled, settings: settings.rendered, line: element.line)
    }
    return end
  }

  /// A space behind a space, over the borders of spans, goes.
  private func append(_ piece: Piece, to styled: inout StyledText) {
    let last = styled.runs.last?.text.unicodeScalars.last
    let collapses = piece.text.hasPrefix(" ") && (last == " " || last == "\n")
    styled.append(collapses ? String(piece.text.dropFirst()) : piece.text, piece.style)
  }

  /// - Returns: when the element ends.
  private mutating func collect(
    _ element: TTMLElement, _ context: Context, into pieces: inout [Piece],
    region: inout String?
  ) throws(TextError) -> Int64 {
    if context.attributes["display"] == "none"
      || context.attributes["visibility"] == "hidden"
    {
      return context.interval.end
    }
    let style = TTMLStyles.style(context.attributes, language: context.language)
    let follows = element["timeContainer"] == "seq"
    var last = context.interval.start
    for node in element.nodes {
      switch node {
      case .text(let text):
        let shown = context.keepsSpace ? text : Self.collapsed(text)
        // In a sequence bare text lasts no time (TTML1 §10.4).
        if !follows { pieces.append(Piece(text: shown, style: style, interval: context.interval)) }
      case .element(let child) where child.name == "br":
        pieces.append(Piece(text: "\n", style: style, interval: context.interval))
      case .element(let child) where child.name == "span":
        let reference = follows ? last : context.interval.start
        guard let interval = try interval(of: child, in: context, reference, follows) else {
          continue
        }
        let inner = try self.context(child, in: context, interval)
        if let own = inner.region { region = region ?? own }
        last = try collect(child, inner, into: &pieces, region: &region)
      case .element(let child) where child.name == "image":
        throw Self.imageProfile(child.line)
      case .element(let child):
        if child.name == "set" { collector.note("an animation (set) is left out") }
      }
    }
    return context.interval.end
  }

  /// White space as one space each.
  private static func collapsed(_ text: String) -> String {
    var collapsed = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      let isSpace = scalar == " " || scalar == "\n" || scalar == "\t" || scalar == "\r"
      if !isSpace {
        collapsed.append(scalar)
      } else if collapsed.last != " " {
        collapsed.append(" ")
      }
    }
    return String(collapsed)
  }

  /// Cues of one text that follow each other without a gap, as one.
  static func joined(_ cues: [Cue]) -> [Cue] {
    struct Key: Hashable {
      var end: Int64
      var text: String
      var settings: String
      var id: String?
    }
    var joined: [Cue] = []
    var ends: [Key: Int] = [:]
    for cue in cues {
      var key = Key(end: cue.start, text: cue.text, settings: cue.settings, id: cue.id)
      if let index = ends.removeValue(forKey: key) {
        joined[index].end = cue.end
        key.end = cue.end
        ends[key] = index
      } else {
        key.end = cue.end
        ends[key] = joined.count
        joined.append(cue)
      }
    }
    return joined
  }
}
