import ISOBMFF
import NIOCore

/// Reads the samples of a `wvtt` track back to cues (ISO/IEC 14496-30 §6).
struct WVTTReader {
  private var collector = CueCollector()
  /// A cue, with its place among all.
  private typealias Entry = (number: Int, sourceID: Int32?, cue: Cue)

  /// Cues that were shown in the sample before, and may go on.
  private var shown: [Entry] = []
  /// Cues that have ended, in order of their ends.
  private var ended: [Entry] = []
  private var count = 0

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
    reader.ended += reader.shown
    for entry in reader.ended.sorted(by: { $0.number < $1.number }) {
      try reader.collector.append(entry.cue)
    }
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
    var now: [Entry] = []
    var before = shown
    let shownBoxes = boxes.filter { $0.type == "vttc" }
    if shownBoxes.count > CueCollector.maximumShownCount {
      collector.note("more than \(CueCollector.maximumShownCount) cues at a time are left out")
    }
    for box in shownBoxes.prefix(CueCollector.maximumShownCount) {
      let (sourceID, cue) = try Self.cue(box, sample)
      let same = before.firstIndex { entry in
        entry.cue.end == cue.start && entry.sourceID == sourceID && entry.cue.text == cue.text
          && entry.cue.settings == cue.settings && entry.cue.id == cue.id
      }
      if let same {
        var entry = before.remove(at: same)
        entry.cue.end = cue.end
        now.append(entry)
      } else {
        now.append((count, sourceID, cue))
        count += 1
      }
    }
    ended += before
    shown = now
    guard ended.count <= CueList.maximumCount else {
      throw TextError(.limit, "more than \(CueList.maximumCount) cues")
    }
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
