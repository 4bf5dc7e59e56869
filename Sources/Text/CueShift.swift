package import MediaCore

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

extension CueList {
  /// Ticks of the MPEG-2 system clock until it begins again: 33 bits at 90 kHz.
  private static let clockPeriod: Int64 = 1 << 33
  private static let clockScale = Timescale(literal: 90000)

  /// Milliseconds between the media's beginning and time 0 of the cues, where the file names the
  /// media's clock; the clock may have begun again between the two.
  ///
  /// - Parameter clock: what the media's clock is at its beginning.
  package func offset(clock: MediaTime) -> Int64 {
    guard let mediaClock else { return 0 }
    let period = Self.clockPeriod
    let begin = clock.rescaled(to: Self.clockScale).value % period
    var ticks = (mediaClock * 90 % period - begin) % period
    if ticks >= period / 2 { ticks -= period }
    if ticks < -period / 2 { ticks += period }
    return rescale(ticks, from: Self.clockScale, to: Timescale(literal: 1000))
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
