import ISOBMFF
import MediaCore
import NIOCore
import Text

/// Subtitles and captions.
extension FuzzTarget {
  static let textTargets = [
    FuzzTarget(name: "subtitles") { bytes in
      _ = SubtitleFile.form(of: bytes)
      tolerant { render(try SubtitleFile.read(bytes)) }
    },
    FuzzTarget(name: "subtitle-samples") { samples($0) },
    FuzzTarget(name: "captions") { bytes in
      var decoder = CaptionDecoder()
      var bytes = bytes
      var time: Int64 = 0
      while let triplets = bytes.readSlice(length: min(6, bytes.readableBytes)),
        triplets.readableBytes > 0
      {
        decoder.take(triplets, at: time)
        time += 33
      }
      for channel in decoder.finish(at: time) { render(channel.cues) }
    },
  ]

  /// The first byte says how the samples are coded; samples lie behind their lengths, a record first.
  private static func samples(_ bytes: ByteBuffer) {
    var bytes = bytes
    guard let number = bytes.readInteger(as: UInt8.self) else { return }
    let coding = TextCoding.allCases[Int(number) % TextCoding.allCases.count]
    var parts: [ByteBuffer] = []
    while parts.count < 256, let count = bytes.readInteger(as: UInt16.self),
      let part = bytes.readSlice(length: min(Int(count), bytes.readableBytes))
    {
      parts.append(part)
    }
    let samples = parts.dropFirst().enumerated().map { number, part in
      SubtitleSamples.Sample(
        start: Int64(number) * 500, end: Int64(number) * 500 + 500, payload: part)
    }
    tolerant {
      render(
        try SubtitleSamples.read(samples, coding: coding, record: parts.first ?? ByteBuffer()))
    }
  }

  /// What is read can be written in each form, and read back from WebVTT the same.
  private static func render(_ list: CueList) {
    let end = (list.cues.map(\.end).max() ?? 0) + 1
    let index = CueIndex(list)
    let text = WebVTTSegment.render(index, from: 0, to: end)
    let again = try? SubtitleFile.read(ByteBuffer(string: text))
    precondition(again?.cues == list.cues, "WebVTT lost a cue:\n\(text)")
    precondition(again?.blocks == list.blocks, "WebVTT lost a block:\n\(text)")
    // At the start and at the end: samples repeat what is shown, so all of them may be many.
    for (from, to) in [(0, min(2000, end)), (max(0, end - 2000), end)] {
      _ = WVTT.samples(index, from: from, to: to)
      let document = TTMLDocument.render(index, from: from, to: to, language: "en")
      precondition((try? SubtitleFile.read(document)) != nil, "TTML cannot be read back")
    }
    _ = WVTT.configuration(list)
  }
}
