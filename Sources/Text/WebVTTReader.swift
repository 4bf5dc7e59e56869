/// Reads WebVTT files (W3C WebVTT §6.1).
///
/// Text and settings of cues are kept as they are written. `X-TIMESTAMP-MAP` (RFC 8216bis §3.1.4)
/// is applied to the times, which then count from what the first map says of the media's clock
/// (`CueList.mediaClock`). Several files one behind the other, as segments are
/// when they are put together, are read as one; cues that they repeat are taken once.
struct WebVTTReader {
  private var lines: TextLines
  private var collector = CueCollector()
  /// A line that was looked at and belongs to the next block.
  private var pending: ArraySlice<UInt8>?
  private var hasSeenCue = false
  private var headerCount = 0
  /// Milliseconds that are added to each time.
  private var shift: Int64 = 0
  /// Milliseconds of the media's clock that the first map tells.
  private var mediaClock: Int64?
  private var known: Set<Cue> = []

  static func read(_ bytes: [UInt8]) throws(TextError) -> CueList {
    var reader = WebVTTReader(bytes)
    return try reader.read()
  }

  private init(_ bytes: [UInt8]) { lines = TextLines(bytes) }

  private mutating func next() -> ArraySlice<UInt8>? {
    if let line = pending {
      pending = nil
      return line
    }
    return lines.next()
  }

  private mutating func read() throws(TextError) -> CueList {
    guard let first = next(), Self.isSignature(first) else {
      throw TextError(.notThisFormat, line: 1, "expected WEBVTT")
    }
    readHeader()
    while let line = next() {
      if line.isEmpty { continue }
      if Self.isSignature(line) {
        readHeader()
      } else {
        try readBlock(line)
      }
    }
    var list = collector.finish()
    list.mediaClock = mediaClock
    return list
  }

  /// `WEBVTT`, alone or before white space.
  static func isSignature(_ line: ArraySlice<UInt8>) -> Bool {
    guard line.starts(with: "WEBVTT".utf8) else { return false }
    let after = line.dropFirst(6).first
    return after == nil || after == 0x20 || after == 0x09
  }

  /// To the empty line, or to the first line that holds an arrow.
  private mutating func readHeader() {
    headerCount += 1
    hasSeenCue = false
    shift = 0
    while let line = next(), !line.isEmpty {
      if TextLines.hasArrow(line) {
        pending = line
        return
      }
      if let map = Self.timestampMap(line) {
        let start = mediaClock ?? map.media
        mediaClock = start
        shift = map.media - start - map.local
      }
    }
  }

  /// Milliseconds of the cues' and of the media's clock at one moment:
  /// `X-TIMESTAMP-MAP=LOCAL:00:00:00.000,MPEGTS:900000`.
  static func timestampMap(_ line: ArraySlice<UInt8>) -> (local: Int64, media: Int64)? {
    guard line.starts(with: "X-TIMESTAMP-MAP".utf8) else { return nil }
    let text = String(decoding: line, as: UTF8.self)
    guard let equals = text.firstIndex(of: "=") else { return nil }
    var local: Int64?
    var media: Int64?
    for part in text[text.index(after: equals)...].split(separator: ",") {
      let word = part.filter { $0 != " " && $0 != "\t" }
      if word.hasPrefix("LOCAL:") {
        var time = Array(word.utf8.dropFirst(6))[...]
        local = timestamp(&time)
      } else if word.hasPrefix("MPEGTS:"), let ticks = Int64(word.dropFirst(7)), ticks >= 0,
        ticks < 1 << 34
      {
        media = (ticks + 45) / 90
      }
    }
    guard let local, let media else { return nil }
    return (local, media)
  }

  /// A block that is no header (§6.1, collect a WebVTT block).
  private mutating func readBlock(_ first: ArraySlice<UInt8>) throws(TextError) {
    if TextLines.hasArrow(first) { return try readCue(timings: first, id: nil) }
    if Self.isWord("STYLE", first) || Self.isWord("REGION", first) {
      let number = lines.number
      let (text, cue) = collect()
      if let cue { return try readCue(timings: cue, id: first) }
      guard !hasSeenCue else {
        collector.note("line \(number): a STYLE or REGION block after the first cue is left out")
        return
      }
      let word = String(decoding: TextLines.trimmed(first), as: UTF8.self)
      if !text.isEmpty { collector.append(block: word + "\n" + text.joined(separator: "\n")) }
      return
    }
    guard let second = next(), !second.isEmpty else { return }
    if TextLines.hasArrow(second) { return try readCue(timings: second, id: first) }
    // A comment, or what is not known: to the empty line, or to an arrow.
    if let cue = collect().cue { pending = cue }
  }

  /// Lines to the empty line. A line with an arrow ends them too: it is `cue` if it is the first
  /// of them, else it begins the next block.
  private mutating func collect() -> (lines: [String], cue: ArraySlice<UInt8>?) {
    var text: [String] = []
    var byteCount = 0
    var isFirst = true
    while let line = next(), !line.isEmpty {
      if TextLines.hasArrow(line) {
        if isFirst { return ([], line) }
        pending = line
        break
      }
      isFirst = false
      byteCount += line.count + 1
      if byteCount <= CueCollector.maximumBlockByteCount {
        text.append(String(decoding: line, as: UTF8.self))
      }
    }
    return (text, nil)
  }

  private static func isWord(_ word: String, _ line: ArraySlice<UInt8>) -> Bool {
    line.starts(with: word.utf8) && TextLines.trimmed(line).count == word.utf8.count
  }

  private mutating func readCue(
    timings: ArraySlice<UInt8>, id: ArraySlice<UInt8>?
  ) throws(TextError) {
    let number = lines.number
    var text: [UInt8] = []
    while let line = next(), !line.isEmpty {
      if TextLines.hasArrow(line) {
        pending = line
        break
      }
      if !text.isEmpty { text.append(0x0A) }
      text += line
      guard text.count <= CueList.maximumTextByteCount else {
        throw TextError(
          .limit, line: number, "a cue of more than \(CueList.maximumTextByteCount) bytes")
      }
    }
    guard let (start, end, settings) = Self.timings(timings) else {
      collector.note("line \(number): times that cannot be read; the cue is left out")
      return
    }
    hasSeenCue = true
    let cue = Cue(
      start: start + shift, end: end + shift, id: id.map { String(decoding: $0, as: UTF8.self) },
      text: CueText.shiftingTimestamps(in: String(decoding: text, as: UTF8.self), by: shift),
      settings: settings)
    if headerCount > 1, known.contains(cue) { return }
    known.insert(cue)
    try collector.append(cue, line: number)
  }

  /// Two timestamps and the settings behind them (§6.3).
  static func timings(_ line: ArraySlice<UInt8>)
    -> (start: Int64, end: Int64, settings: String)?
  {
    var rest = skippingSpace(line)
    guard let start = timestamp(&rest) else { return nil }
    rest = skippingSpace(rest)
    guard rest.starts(with: "-->".utf8) else { return nil }
    rest = skippingSpace(rest.dropFirst(3))
    guard let end = timestamp(&rest) else { return nil }
    return (start, end, String(decoding: TextLines.trimmed(rest), as: UTF8.self))
  }

  private static func skippingSpace(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    line.drop { $0 == 0x20 || $0 == 0x09 || $0 == 0x0C }
  }

  /// `MM:SS.mmm` or `HH:MM:SS.mmm` (§6.3, collect a WebVTT timestamp).
  static func timestamp(_ text: inout ArraySlice<UInt8>) -> Int64? {
    guard let (first, firstCount) = digits(&text), take(":", &text),
      let (second, secondCount) = digits(&text), secondCount == 2
    else { return nil }
    var (hours, minutes, seconds): (Int64, Int64, Int64) = (0, first, second)
    if firstCount != 2 || first > 59 || text.first == UInt8(ascii: ":") {
      guard take(":", &text), let (third, thirdCount) = digits(&text), thirdCount == 2 else {
        return nil
      }
      (hours, minutes, seconds) = (first, second, third)
    }
    guard take(".", &text), let (fraction, fractionCount) = digits(&text), fractionCount == 3,
      minutes <= 59, seconds <= 59
    else { return nil }
    return ((hours * 60 + minutes) * 60 + seconds) * 1000 + fraction
  }

  private static func take(_ scalar: Unicode.Scalar, _ text: inout ArraySlice<UInt8>) -> Bool {
    guard text.first == UInt8(ascii: scalar) else { return false }
    text.removeFirst()
    return true
  }

  /// A number of at most nine digits, and how many they are.
  private static func digits(_ text: inout ArraySlice<UInt8>) -> (value: Int64, count: Int)? {
    let digits = text.prefix { (0x30...0x39).contains($0) }
    guard !digits.isEmpty, digits.count <= 9 else { return nil }
    text = text[digits.endIndex...]
    return (digits.reduce(0) { $0 * 10 + Int64($1 - 0x30) }, digits.count)
  }
}
