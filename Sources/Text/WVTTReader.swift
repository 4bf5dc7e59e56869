import ISOBMFF
import NIOCore

/// Reads the samples of a `wvtt` track back to cues (ISO/IEC 14496-30 §6).
struct WVTTReader {
  private var collector = CueCollector()
  /// Cues that were shown in the sample before, and may go on.
  private var shown: [(sourceID: Int32?, cue: Cue)] = []

  /// - Parameter configuration: the payload of `vttC`.
  static func read(
    _ samples: [SubtitleSamples.Sample], configuration: ByteBuffer
  ) throws(TextError) -> CueList {
    var reader = WVTTReader()
    appendBlocks(of: configuration, to: &reader.collector)
    for (number, sample) in samples.enumerated() {
      do {
        try reader.take(sample, boxes: Box.sequence(in: sample.payload, path: "wvtt/"))
      } catch let error as TextError {
        throw error
      } catch {
        throw TextError(.syntax, "sample \(number + 1) of wvtt: \(error)")
      }
    }
    try reader.emit(reader.shown)
    return reader.collector.finish()
  }

  /// The blocks of a WebVTT header.
  static func appendBlocks(of header: ByteBuffer, to collector: inout CueCollector) {
    let text = SubtitleSamples.text(header)
    guard let list = try? WebVTTReader.read(Array(text.utf8)) else { return }
    for block in list.blocks { collector.append(block: block) }
  }

  private mutating func take(
    _ sample: SubtitleSamples.Sample, boxes: [Box]
  ) throws {
    var now: [(sourceID: Int32?, cue: Cue)] = []
    var before = shown
    for box in boxes where box.type == "vttc" {
      var (sourceID, cue) = try Self.cue(box, sample)
      let same = before.firstIndex { entry in
        entry.cue.end == cue.start && entry.sourceID == sourceID && entry.cue.text == cue.text
          && entry.cue.settings == cue.settings && entry.cue.id == cue.id
      }
      if let same { cue.start = before.remove(at: same).cue.start }
      now.append((sourceID, cue))
    }
    try emit(before)
    shown = now
  }

  private mutating func emit(_ cues: [(sourceID: Int32?, cue: Cue)]) throws(TextError) {
    for entry in cues { try collector.append(entry.cue) }
  }

  private static func cue(
    _ box: Box, _ sample: SubtitleSamples.Sample
  ) throws -> (Int32?, Cue) {
    var sourceID: Int32?
    var cue = Cue(start: sample.start, end: sample.end, text: "")
    for child in try box.children() {
      switch child.type {
      case "vsid": sourceID = child.payload.getInteger(at: child.payload.readerIndex)
      case "iden": cue.id = SubtitleSamples.text(child.payload)
      case "sttg": cue.settings = SubtitleSamples.text(child.payload)
      case "payl": cue.text = SubtitleSamples.text(child.payload)
      default: break
      }
    }
    return (sourceID, cue)
  }
}
