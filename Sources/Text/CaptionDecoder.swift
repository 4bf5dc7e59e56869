package import NIOCore

/// Decodes captions that are carried in video: CEA-608 and CEA-708.
///
///     var decoder = CaptionDecoder()
///     for picture in pictures { decoder.take(picture.captionData, at: picture.time) }
///     for channel in decoder.finish(at: end) { print(channel.id, channel.cues.cues.count) }
package struct CaptionDecoder: Sendable {
  /// One caption channel or service that said something.
  package struct Channel: Hashable, Sendable {
    /// `CC1` to `CC4`, or `SERVICE1` to `SERVICE6`: the values of HLS's `INSTREAM-ID`.
    package var id: String
    package var cues: CueList
    /// BCP 47, if the captions say it.
    package var language: String?

    package init(id: String, cues: CueList, language: String? = nil) {
      self.id = id
      self.cues = cues
      self.language = language
    }
  }

  private var fields = [CEA608Field(), CEA608Field()]
  private var packets = CEA708Packets()

  package init() {}

  /// - Parameters:
  ///   - ccData: triplets of `cc_data_pkt` (ANSI/CTA-708 §4.3): a byte with marker bits, `cc_valid`
  ///     and `cc_type`, then two bytes.
  ///   - time: milliseconds of the picture that carries them; calls are in order of presentation.
  package mutating func take(_ ccData: ByteBuffer, at time: Int64) {
    var bytes = ccData
    while let head = bytes.readInteger(as: UInt8.self),
      let first = bytes.readInteger(as: UInt8.self), let second = bytes.readInteger(as: UInt8.self)
    {
      guard head & 4 != 0 else { continue }
      let type = Int(head & 3)
      if type < 2 {
        fields[type].take(first, second, at: time)
      } else {
        packets.take(first, second, isStart: type == 3, at: time)
      }
    }
  }

  /// Takes a pair of bytes of CEA-608.
  mutating func take(_ first: UInt8, _ second: UInt8, field: Int, at time: Int64) {
    fields[field].take(first, second, at: time)
  }

  /// What was shown, with what still stands taken down at `end`.
  package mutating func finish(at end: Int64) -> [Channel] {
    var channels: [Channel] = []
    for index in fields.indices {
      for (number, cues) in fields[index].finish(at: end).enumerated() {
        channels.append(Channel(id: "CC\(2 * index + number + 1)", cues: cues))
      }
    }
    for (number, cues) in packets.finish(at: end).enumerated() {
      channels.append(Channel(id: "SERVICE\(number + 1)", cues: cues))
    }
    return channels.filter { !$0.cues.cues.isEmpty }
  }
}
