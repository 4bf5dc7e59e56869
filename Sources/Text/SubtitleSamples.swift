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
    switch coding {
    case .subRip: try subRip(samples)
    case .webVTT: try webVTT(samples, header: record)
    case .wvtt: try WVTTReader.read(samples, configuration: record)
    case .tx3g: try TX3GReader.read(samples, record: record)
    case .ass, .ttml, .cea608:
      throw TextError(.unsupported, "\(coding.rawValue) is not read")
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

  /// UTF-8; what is not becomes U+FFFD. Zeros at the end go.
  static func text(_ payload: ByteBuffer) -> String {
    let bytes = payload.readableBytesView
    let count = (bytes.lastIndex { $0 != 0 } ?? bytes.startIndex - 1) + 1 - bytes.startIndex
    return String(decoding: bytes.prefix(count), as: UTF8.self)
  }
}
