import ISOBMFF
import NIOCore

/// Reads tracks of CEA-608 (QuickTime's `c608`).
///
/// Samples hold boxes: `cdat` with pairs of bytes of the first field, `cdt2` of the second. FFmpeg
/// delivers them as triplets of `cc_data`. The first channel that says something is read.
enum LineTwentyOneSamples {
  static func read(_ samples: [SubtitleSamples.Sample]) -> CueList {
    var decoder = CaptionDecoder()
    for sample in samples {
      if let triplets = triplets(sample.payload) {
        for field in 0...1 {
          take(
            triplets.filter { $0.field == field }.map { ($0.first, $0.second) }, sample, field,
            &decoder)
        }
        continue
      }
      for box in (try? Box.sequence(in: sample.payload, path: "c608/")) ?? [] {
        guard box.type == "cdat" || box.type == "cdt2" else { continue }
        var bytes = box.payload
        var pairs: [(UInt8, UInt8)] = []
        while let first = bytes.readInteger(as: UInt8.self),
          let second = bytes.readInteger(as: UInt8.self)
        {
          pairs.append((first, second))
        }
        take(pairs, sample, box.type == "cdat" ? 0 : 1, &decoder)
      }
    }
    let channels = decoder.finish(at: samples.map(\.end).max() ?? 0)
    guard var list = channels.first?.cues else { return CueList() }
    if channels.count > 1 {
      let others = channels.dropFirst().map(\.id).joined(separator: ", ")
      list.notes.append("of the caption channels only \(channels[0].id) is read, not \(others)")
    }
    return list
  }

  private typealias Triplet = (field: Int, first: UInt8, second: UInt8)

  /// The triplets of a sample that holds nothing else.
  private static func triplets(_ payload: ByteBuffer) -> [Triplet]? {
    guard payload.readableBytes > 0, payload.readableBytes % 3 == 0 else { return nil }
    var bytes = payload
    var triplets: [Triplet] = []
    while let head = bytes.readInteger(as: UInt8.self),
      let first = bytes.readInteger(as: UInt8.self), let second = bytes.readInteger(as: UInt8.self)
    {
      guard head >= 0xF8 else { return nil }
      if head & 4 != 0, head & 2 == 0 { triplets.append((Int(head & 1), first, second)) }
    }
    return triplets
  }

  /// One pair belongs to each frame of 1001/30 ms, from the sample's start on.
  private static func take(
    _ pairs: [(UInt8, UInt8)], _ sample: SubtitleSamples.Sample, _ field: Int,
    _ decoder: inout CaptionDecoder
  ) {
    // At most an hour, which no sample lasts.
    let duration = min(max(0, sample.end - sample.start), 3_600_000)
    for (number, pair) in pairs.enumerated() {
      let frame = Int64(number) * 1001 / 30
      let share = duration == 0 ? frame : duration * Int64(number) / Int64(pairs.count)
      decoder.take(pair.0, pair.1, field: field, at: sample.start + min(frame, share))
    }
  }
}
