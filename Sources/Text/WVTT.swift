import ISOBMFF
package import NIOCore

/// WebVTT in an ISO base media file (ISO/IEC 14496-30 §6).
package enum WVTT {
  /// What is shown between two changes.
  package struct Sample: Hashable, Sendable {
    /// Milliseconds.
    package var start: Int64
    /// Milliseconds; above zero.
    package var duration: Int64
    /// `vttc` boxes, one for each cue that is shown, or one `vtte`.
    package var payload: ByteBuffer

    package init(start: Int64, duration: Int64, payload: ByteBuffer) {
      self.start = start
      self.duration = duration
      self.payload = payload
    }
  }

  /// A sample in which no cue is shown: `vtte` (§6.6).
  package static let emptyCue = ByteBuffer(bytes: [0, 0, 0, 8] + Array("vtte".utf8))

  /// The payload of `vttC`: the file's header with its blocks (§6.4).
  package static func configuration(_ list: CueList) -> ByteBuffer {
    ByteBuffer(string: (["WEBVTT"] + list.blocks).joined(separator: "\n\n"))
  }

  /// Samples that cover `[from, to)` without gaps (§6.6).
  ///
  /// A cue that is in more than one sample has the same `vsid` in all of them: also across calls
  /// that cover neighbouring ranges.
  ///
  /// - Parameter sourceIDs: what `vsid` says of each cue; without them: its number in the list.
  package static func samples(
    _ index: CueIndex, from: Int64, to: Int64, sourceIDs: [Int] = []
  ) -> [Sample] {
    let cues = index.list.cues
    let numbers = index.numbers(from: from, to: to)
    var times: Set<Int64> = [from, to]
    for number in numbers {
      times.insert(max(cues[number].start, from))
      times.insert(min(cues[number].end, to))
    }
    var samples: [Sample] = []
    var next = numbers[...]
    var shown: [(number: Int, boxes: ByteBuffer)] = []
    let edges = times.sorted()
    for (start, end) in zip(edges, edges.dropFirst()) {
      shown.removeAll { cues[$0.number].end <= start }
      while let number = next.first, cues[number].start <= start {
        next.removeFirst()
        let isSplit = cues[number].start < start || cues[number].end > end
        let sourceID = sourceIDs.isEmpty ? number : sourceIDs[number]
        shown.append((number, boxes(cues[number], sourceID: isSplit ? sourceID : nil)))
      }
      var payload = ByteBuffer()
      for cue in shown { write(cue.boxes, of: cues[cue.number], at: start, to: &payload) }
      if shown.isEmpty { payload.writeBox("vtte") { _ in } }
      samples.append(Sample(start: start, duration: end - start, payload: payload))
    }
    return samples
  }

  /// As `samples(_: CueIndex, …)`; for many ranges of one list, make the index once.
  package static func samples(_ list: CueList, from: Int64, to: Int64) -> [Sample] {
    samples(CueIndex(list), from: from, to: to)
  }

  /// Everything in `vttc` but `ctim`, in the order of §6.6.
  private static func boxes(_ cue: Cue, sourceID: Int?) -> ByteBuffer {
    var boxes = ByteBuffer()
    if let sourceID {
      boxes.writeBox("vsid") { $0.writeInteger(Int32(truncatingIfNeeded: sourceID)) }
    }
    if let id = cue.id, !id.isEmpty { boxes.writeBox("iden") { $0.writeString(id) } }
    if !cue.settings.isEmpty { boxes.writeBox("sttg") { $0.writeString(cue.settings) } }
    boxes.writeBox("payl") { $0.writeString(cue.text) }
    return boxes
  }

  /// A cue with timestamps inside says what the time at the sample's start is (§6.6, `ctim`).
  private static func write(
    _ boxes: ByteBuffer, of cue: Cue, at start: Int64, to payload: inout ByteBuffer
  ) {
    payload.writeBox("vttc") {
      $0.writeImmutableBuffer(boxes)
      if CueText.hasTimestamps(cue.text) {
        $0.writeBox("ctim") { $0.writeString(CueTime.rendered(start)) }
      }
    }
  }
}
