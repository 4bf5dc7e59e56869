extension CueList {
  /// The cues on another timeline, their inner timestamps too. A cue that begins before zero then
  /// begins at zero; one that ends there is gone.
  package func shifted(by milliseconds: Int64) -> CueList {
    guard milliseconds != 0 else { return self }
    var shifted = self
    shifted.cues = cues.compactMap { cue in
      let end = cue.end.addingReportingOverflow(milliseconds)
      let start = cue.start.addingReportingOverflow(milliseconds)
      guard !end.overflow, !start.overflow, end.partialValue > 0 else { return nil }
      var cue = cue
      cue.start = max(0, start.partialValue)
      cue.end = end.partialValue
      cue.text = CueText.shiftingTimestamps(in: cue.text, by: milliseconds)
      return cue
    }
    return shifted
  }
}

extension CueText {
  /// The text with each timestamp tag moved; one that would come to lie before zero is at zero.
  static func shiftingTimestamps(in text: String, by milliseconds: Int64) -> String {
    guard milliseconds != 0, hasTimestamps(text) else { return text }
    var shifted: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let open = rest.firstIndex(of: UInt8(ascii: "<")) {
      shifted += rest[...open]
      rest = rest[(open + 1)...]
      var time = rest
      guard let value = WebVTTReader.timestamp(&time), time.first == UInt8(ascii: ">") else {
        continue
      }
      let (moved, overflows) = value.addingReportingOverflow(milliseconds)
      shifted += CueTime.rendered(overflows ? value : moved).utf8
      rest = time
    }
    shifted += rest
    return String(decoding: shifted, as: UTF8.self)
  }
}
