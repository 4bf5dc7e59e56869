package import MediaCore
package import NIOCore

/// A subtitle track inside a container.
package enum SubtitleSamples {
  package struct Sample: Hashable, Sendable {
    /// Milliseconds.
    package var start: Int64
    /// Milliseconds.
    package var end: Int64
    package var payload: ByteBuffer

    package init(start: Int64, end: Int64, payload: ByteBuffer) {
      self.start = start
      self.end = end
      self.payload = payload
    }
  }

  /// The cues of a track.
  ///
  /// - Parameter record: what the track says once for all samples, as `coding` tells.
  package static func read(
    _ samples: [Sample], coding: TextCoding, record: ByteBuffer
  ) throws(TextError) -> CueList {
    // Times beyond what is read are nothing to calculate with.
    let range = -CueTime.maximum...CueTime.maximum
    let samples = samples.filter { range.contains($0.start) && range.contains($0.end) }
    switch coding {
    case .subRip: return try subRip(samples)
    case .webVTT: return try webVTT(samples, header: record)
    case .wvtt: return try WVTTReader.read(samples, configuration: record)
    case .tx3g: return try TX3GReader.read(samples, record: record)
    case .ass: return try ass(samples, header: record)
    case .ttml: return try TTMLReader.read(samples)
    case .cea608: return LineTwentyOneSamples.read(samples)
    }
  }

  private static func subRip(_ samples: [Sample]) throws(TextError) -> CueList {
    var collector = CueCollector()
    for sample in samples {
      try SubRipMarkup.append(
        text(sample.payload), start: sample.start, end: sample.end, to: &collector)
    }
    return collector.finish()
  }

  /// WebM and Matroska: the text alone (`S_TEXT/WEBVTT`, as FFmpeg delivers it), or behind two
  /// lines of identifier and settings (`D_WEBVTT/…`), which FFmpeg takes off as side data.
  private static func webVTT(
    _ samples: [Sample], header: ByteBuffer
  ) throws(TextError) -> CueList {
    var collector = CueCollector()
    WVTTReader.appendBlocks(of: header, to: &collector)
    for sample in samples {
      let cue = Cue(start: sample.start, end: sample.end, text: text(sample.payload))
      try collector.append(cue)
    }
    return collector.finish()
  }

  private static func ass(
    _ samples: [Sample], header: ByteBuffer
  ) throws(TextError) -> CueList {
    var script = ASSScript()
    var lines = TextLines(Array(text(header).utf8))
    while let line = lines.next() {
      _ = script.take(String(decoding: TextLines.trimmed(line), as: UTF8.self))
    }
    var events = ASSEvents()
    for sample in samples {
      try events.append(text(sample.payload), start: sample.start, end: sample.end, of: script)
    }
    return events.finish()
  }

  /// UTF-8; what is not becomes U+FFFD. Zeros at the end go.
  static func text(_ payload: ByteBuffer) -> String {
    let bytes = payload.readableBytesView
    let count = (bytes.lastIndex { $0 != 0 } ?? bytes.startIndex - 1) + 1 - bytes.startIndex
    return String(decoding: bytes.prefix(count), as: UTF8.self)
  }
}
