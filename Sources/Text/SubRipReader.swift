/// Reads SubRip files (`.srt`): a number, a line of times, lines of text, an empty line.
///
/// The form has no specification. Read are: numbers that are missing or out of order, dots for
/// commas, one to three digits of a fraction, empty lines inside a text, missing empty lines.
struct SubRipReader {
  private var lines: TextLines
  private var collector = CueCollector()
  private var current: (start: Int64, end: Int64, line: Int)?
  /// Lines of text since the last line of times.
  private var text: [ArraySlice<UInt8>] = []
  private var textByteCount = 0

  static func read(_ bytes: [UInt8]) throws(TextError) -> CueList {
    var reader = SubRipReader(lines: TextLines(bytes))
    return try reader.read()
  }

  private init(lines: TextLines) { self.lines = lines }

  private mutating func read() throws(TextError) -> CueList {
    while let line = lines.next() {
      if let times = Self.times(line) {
        try finishCue()
        if times.hasPlace { collector.note("a position in pixels (X1 to Y2) is left out") }
        current = (times.start, times.end, lines.number)
      } else if TextLines.hasArrow(line) {
        try finishCue()
        collector.note("line \(lines.number): times that cannot be read; the cue is left out")
        current = nil
      } else if current != nil {
        text.append(TextLines.trimmed(line))
        textByteCount += line.count + 1
        guard textByteCount <= CueList.maximumTextByteCount else {
          throw TextError(
            .limit, line: lines.number,
            "a cue of more than \(CueList.maximumTextByteCount) bytes")
        }
      }
    }
    isAtEnd = true
    try finishCue()
    guard collector.count > 0 || sawTimes else {
      throw TextError(.notThisFormat, "no line of times, as 00:00:01,000 --> 00:00:02,000")
    }
    return collector.finish()
  }

  private var isAtEnd = false
  private var sawTimes = false

  private mutating func finishCue() throws(TextError) {
    defer {
      text.removeAll(keepingCapacity: true)
      textByteCount = 0
    }
    guard let cue = current else { return }
    sawTimes = true
    // The number of the cue that begins stands right above its times.
    if !isAtEnd, let last = text.last, !last.isEmpty,
      last.allSatisfy({ (0x30...0x39).contains($0) })
    {
      text.removeLast()
    }
    let joined = text.filter { !$0.isEmpty }.map { String(decoding: $0, as: UTF8.self) }
      .joined(separator: "\n")
    try SubRipMarkup.append(
      joined, start: cue.start, end: cue.end, line: cue.line, to: &collector)
  }

  /// A line of times: `00:00:01,000 --> 00:00:02,000`, and what may follow.
  static func times(_ line: ArraySlice<UInt8>)
    -> (start: Int64, end: Int64, hasPlace: Bool)?
  {
    guard let arrow = TextLines.arrow(in: line) else { return nil }
    var front = line[..<arrow]
    var back = line[(arrow + 3)...]
    guard let start = time(&front), TextLines.trimmed(front).isEmpty, let end = time(&back) else {
      return nil
    }
    return (start, end, back.contains(UInt8(ascii: ":")))
  }

  /// Hours, minutes, seconds and a fraction; hours and the fraction may be missing.
  static func time(_ text: inout ArraySlice<UInt8>) -> Int64? {
    while let first = text.first, first == 0x20 || first == 0x09 { text.removeFirst() }
    let isNegative = text.first == UInt8(ascii: "-")
    if isNegative { text.removeFirst() }
    var parts: [Int64] = []
    while parts.count < 3 {
      guard let part = number(&text) else { return nil }
      parts.append(part)
      guard text.first == UInt8(ascii: ":") else { break }
      text.removeFirst()
    }
    guard parts.count >= 2 else { return nil }
    var time = parts.reduce(0) { $0 * 60 + $1 } * 1000
    if let mark = text.first, mark == UInt8(ascii: ",") || mark == UInt8(ascii: ".") {
      text.removeFirst()
      var unit: Int64 = 100
      while let digit = text.first, (0x30...0x39).contains(digit) {
        time += Int64(digit - 0x30) * unit
        unit /= 10
        text.removeFirst()
      }
    }
    return isNegative ? -time : time
  }

  /// Digits, spaces around them passed over; at most nine.
  private static func number(_ text: inout ArraySlice<UInt8>) -> Int64? {
    while text.first == 0x20 { text.removeFirst() }
    var value: Int64?
    var count = 0
    while let digit = text.first, (0x30...0x39).contains(digit), count < 9 {
      value = (value ?? 0) * 10 + Int64(digit - 0x30)
      text.removeFirst()
      count += 1
    }
    return value
  }
}
