/// Reads Scenarist Closed Captions: a time code, then pairs of bytes of CEA-608, one a frame.
struct SCCReader {
  static func read(_ bytes: [UInt8]) throws(TextError) -> CueList {
    var lines = TextLines(bytes)
    guard let first = lines.next(), first.starts(with: "Scenarist_SCC".utf8) else {
      throw TextError(.notThisFormat, line: 1, "expected Scenarist_SCC V1.0")
    }
    var field = CEA608Field()
    var end: Int64 = 0
    var lastFrame: Int64 = -1
    var notes: [String] = []
    while let line = lines.next() {
      var words = line.split { $0 == 0x20 || $0 == 0x09 }[...]
      guard let code = words.popFirst() else { continue }
      guard var frame = Self.frame(code), frame >= 0 else {
        throw TextError(
          .syntax, line: lines.number, "expected a time code, as 00:00:10:02 or 00:00:10;02")
      }
      if frame < lastFrame {
        if notes.isEmpty { notes.append("line \(lines.number): captions overlap those before") }
      }
      for word in words {
        guard word.count == 4, let pair = UInt16(String(decoding: word, as: UTF8.self), radix: 16)
        else {
          throw TextError(
            .syntax, line: lines.number, "expected four hexadecimal digits for two bytes")
        }
        // 30 frames last 1.001 seconds.
        let time = max(end, (frame * 1001 + 15) / 30)
        field.take(UInt8(pair >> 8), UInt8(pair & 0xFF), at: time)
        end = time
        frame += 1
      }
      lastFrame = frame
    }
    // What is not taken down stands for a while.
    let lists = field.finish(at: end + 4000)
    var list = lists.first { !$0.cues.isEmpty } ?? CueList()
    if lists.allSatisfy({ !$0.cues.isEmpty }) {
      notes.append("the file holds two channels; the first is read")
    }
    list.notes += notes
    return list
  }

  /// The number of the frame that a time code means; nil for what is none.
  ///
  /// Behind a semicolon frames are counted by dropping labels (SMPTE ST 12-1 §5.2.2).
  private static func frame(_ code: ArraySlice<UInt8>) -> Int64? {
    let parts = code.split(
      omittingEmptySubsequences: false,
      whereSeparator: { [0x3A, 0x3B, 0x2C, 0x2E].contains($0) }
    ).map { Int64(String(decoding: $0, as: UTF8.self)) }
    guard parts.count == 4, let hours = parts[0], let minutes = parts[1], let seconds = parts[2],
      let frames = parts[3], (0..<1000).contains(hours), (0..<60).contains(minutes),
      (0..<60).contains(seconds), (0..<60).contains(frames)
    else { return nil }
    let minute = hours * 60 + minutes
    let frame = (minute * 60 + seconds) * 30 + frames
    let dropsLabels = code.contains { $0 == 0x3B || $0 == 0x2C || $0 == 0x2E }
    return dropsLabels ? frame - (minute - minute / 10) * 2 : frame
  }
}
