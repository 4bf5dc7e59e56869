import Codecs
import MediaCore
import NIOCore
import Text

/// Looks for captions in the pictures of one video track while they pass, and decodes them in the
/// order in which the pictures are presented.
struct CaptionTap {
  private let timescale: Timescale
  /// Presentation ticks of the track's end.
  private let end: Int64
  /// Only whether there are any is asked.
  private let isPresenceEnough: Bool
  private var decoder = CaptionDecoder()
  /// Of the current segment: presentation ticks and triplets.
  private var pending: [(time: Int64, data: ByteBuffer)] = []
  private(set) var hasCaptions = false

  /// - Parameter isPresenceEnough: the captions of another rendition are decoded.
  init(timescale: Timescale, end: Int64, isPresenceEnough: Bool) {
    self.timescale = timescale
    self.end = end
    self.isPresenceEnough = isPresenceEnough
  }

  /// Takes a sample's payload.
  /// - Parameter time: when the picture is presented, in the track's ticks.
  mutating func take(
    _ bytes: ByteBuffer, at: Int, count: Int, codec: VideoCodec, framing: NALUnitFraming,
    time: Int64
  ) {
    if isPresenceEnough, hasCaptions { return }
    guard
      let data = CaptionData.find(in: bytes, at: at, count: count, codec: codec, framing: framing),
      Self.saysSomething(data)
    else { return }
    hasCaptions = true
    if !isPresenceEnough { pending.append((time, data)) }
  }

  /// Encoders write empty triplets into every picture: captions are there once one is valid and
  /// not padding.
  private static func saysSomething(_ data: ByteBuffer) -> Bool {
    let bytes = data.readableBytesView
    return stride(from: bytes.startIndex, to: bytes.endIndex - 2, by: 3).contains { index in
      let isValid = bytes[index] & 4 != 0
      let isEmpty = bytes[index + 1] & 0x7f == 0 && bytes[index + 2] & 0x7f == 0
      return isValid && !isEmpty
    }
  }

  /// All pictures of a segment have passed: those of the next are presented later.
  mutating func finishSegment() {
    guard !pending.isEmpty else { return }
    for (time, data) in pending.sorted(by: { $0.time < $1.time }) {
      decoder.take(data, at: rescale(time, from: timescale, to: TextTimeline.perMillisecond))
    }
    pending.removeAll(keepingCapacity: true)
  }

  /// The whole track has passed.
  mutating func deliver(_ name: String, to harvest: TextHarvest) {
    guard hasCaptions else { return }
    finishSegment()
    let end = rescale(end, from: timescale, to: TextTimeline.perMillisecond)
    harvest.take(captions: isPresenceEnough ? nil : decoder.finish(at: end), of: name)
  }
}
