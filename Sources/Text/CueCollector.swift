/// Makes a list of cues that are safe to render, whatever a file says.
struct CueCollector {
  /// Cues shown at the same time, at most: each sample and segment says all of them again.
  static let maximumShownCount = 128
  /// Bytes of text shown at the same time, at most.
  static let maximumShownByteCount = CueList.maximumTextByteCount
  /// Kinds of notes, at most.
  static let maximumNoteCount = 16
  /// Bytes of all `STYLE` and `REGION` blocks, at most: each segment says them again.
  static let maximumBlockByteCount = 64 << 10
  /// Colours that have no name in WebVTT, at most.
  static let maximumColourCount = 64

  private var blocks: [String] = []
  private var blockByteCount = 0
  private var cues: [Cue] = []
  private var notes: [(text: String, count: Int)] = []
  private var colours: Set<String> = []

  var count: Int { cues.count }

  /// Remembers what could not be kept; the same again is counted.
  mutating func note(_ text: String) {
    if let index = notes.firstIndex(where: { $0.text == text }) {
      notes[index].count += 1
    } else if notes.count < Self.maximumNoteCount {
      notes.append((text, 1))
    }
  }

  mutating func append(block: String) {
    guard !blocks.contains(block) else { return }
    blockByteCount += block.utf8.count
    guard CueText.cleaned(block) == block, !block.isEmpty,
      blockByteCount <= Self.maximumBlockByteCount
    else {
      note("a STYLE or REGION block that is damaged or too large is left out")
      return
    }
    blocks.append(block)
  }

  /// - Throws: `.limit` with the line when a cue or the list is too large.
  mutating func append(_ cue: Cue, line: Int? = nil) throws(TextError) {
    guard cue.text.utf8.count <= CueList.maximumTextByteCount,
      cue.settings.utf8.count <= CueSettings.maximumByteCount,
      (cue.id ?? "").utf8.count <= CueList.maximumTextByteCount
    else {
      throw TextError(
        .limit, line: line,
        "a cue of \(cue.text.utf8.count) bytes; at most \(CueList.maximumTextByteCount) are read")
    }
    guard cues.count < CueList.maximumCount else {
      throw TextError(.limit, line: line, "more than \(CueList.maximumCount) cues")
    }
    guard cue.end > cue.start else {
      note("a cue whose end is not after its start is left out")
      return
    }
    guard cue.end > 0, cue.end <= CueTime.maximum else {
      note("a cue before the start, or after a thousand days, is left out")
      return
    }
    var cue = cue
    cue.start = max(cue.start, 0)
    cue.text = CueText.cleaned(cue.text)
    cue.settings = CueSettings.cleaned(cue.settings)
    cue.id = cue.id.flatMap(Self.cleaned(id:))
    guard !cue.text.isEmpty else {
      note("a cue without text is left out")
      return
    }
    cues.append(cue)
  }

  /// As `append(_: Cue)`, of text with styles; colours without a name become classes.
  mutating func append(
    start: Int64, end: Int64, _ text: StyledText, settings: String = "", line: Int? = nil
  ) throws(TextError) {
    for colour in text.unnamedColours where !colours.contains(colour) {
      guard colours.count < Self.maximumColourCount else { break }
      colours.insert(colour)
    }
    let rendered = text.rendered(colours: colours)
    try append(Cue(start: start, end: end, text: rendered, settings: settings), line: line)
  }

  /// An identifier on one line, that no reader takes for another block; `nil` if there is none.
  private static func cleaned(id: String) -> String? {
    let clean = CueText.cleaned(id)
    let isOther = ["NOTE", "STYLE", "REGION", "WEBVTT"].contains { clean.hasPrefix($0) }
    guard clean == id, !id.isEmpty, !isOther, !id.utf8.contains(0x0A) else { return nil }
    return id
  }

  /// The cues in order, with no more at the same time than is written.
  mutating func finish() -> CueList {
    if !zip(cues, cues.dropFirst()).allSatisfy({ $0.start <= $1.start }) {
      cues = cues.enumerated().sorted {
        ($0.element.start, $0.offset) < ($1.element.start, $1.offset)
      }.map(\.element)
    }
    dropBeyondShownLimits()
    for colour in colours.sorted() {
      append(
        block: "STYLE\n::cue(.\(StyledText.className(ofColour: colour))) { color: #\(colour) }")
    }
    let told = notes.map { $0.count == 1 ? $0.text : "\($0.text) (\($0.count) times)" }
    return CueList(blocks: blocks, cues: cues, notes: told)
  }

  private mutating func dropBeyondShownLimits() {
    // Cues that are shown, at most `maximumShownCount`; looked through whole for each cue.
    var shown: [(end: Int64, byteCount: Int)] = []
    var shownByteCount = 0
    var kept: [Cue] = []
    var dropCount = 0
    for (number, cue) in cues.enumerated() {
      shown.removeAll { entry in
        guard entry.end <= cue.start else { return false }
        shownByteCount -= entry.byteCount
        return true
      }
      let byteCount = cue.text.utf8.count
      if shown.count < Self.maximumShownCount,
        shownByteCount + byteCount <= Self.maximumShownByteCount
      {
        shown.append((cue.end, byteCount))
        shownByteCount += byteCount
        if dropCount > 0 { kept.append(cue) }
      } else {
        if dropCount == 0 { kept = Array(cues[..<number]) }
        dropCount += 1
      }
    }
    guard dropCount > 0 else { return }
    cues = kept
    note(
      "\(dropCount) cues are left out: at most \(Self.maximumShownCount) cues with "
        + "\(Self.maximumShownByteCount) bytes are shown at the same time")
  }
}
