import Library
import MediaCore

/// A segment as its bytes are, whatever an index says of it.
struct MeasuredSegment: Hashable, Sendable {
  /// `moof` and `mdat`, and the `emsg` boxes in front of them.
  var range: ByteRange
  /// Earliest presentation time, after the edit list.
  var start: Int64
  /// Presented length.
  var duration: Int64
  /// Type of the stream access point at the first sample, 0 if it is none (ISO/IEC 14496-12 Annex I).
  var sapType: UInt8
  /// From the segment's first byte to the end of its first sample.
  var firstSampleEnd: Int64

  var end: Int64 { start + duration }

  /// Begins with an access point of type 1 or 2.
  var isClosed: Bool { sapType == 1 || sapType == 2 }
}

/// What a track file holds, worked out from its bytes.
struct MeasuredTrack: Sendable {
  var name: String
  var description: TitleDescription.Track?
  var header: HeaderFacts
  /// `ftyp` and `moov`.
  var headerRange: ByteRange
  /// `nil` if there is none.
  var sidxRange: ByteRange?
  var byteCount: Int64
  /// At least one.
  var segments: [MeasuredSegment]
  var frames: FrameStatistics
  var events: [MeasuredEvent] = []
  /// At rest in one file, not in one for each segment.
  var isOneFile = true
  /// Longest duration of a sample.
  var longestSample: Int64
  var buffer: BufferModel?
  /// What is shown when; of `wvtt` tracks alone.
  var shown: [ShownText] = []
  /// The segments of the WebVTT file beside it, if there is one.
  var webVTT: [ByteRange]?
  /// Some sample of the video carries captions.
  var hasCaptions = false

  var isVideo: Bool { header.kind == .video }
  /// Single pictures for trick play.
  var isTrick: Bool { isVideo && description?.roles.contains(TitleTrack.trickRole) == true }
  var isAudio: Bool { header.kind == .audio }
  var isText: Bool { header.kind == .text }
  var timescale: Timescale { header.timescale }
  var end: Int64 { segments.last?.end ?? 0 }
  var duration: Int64 { end - (segments.first?.start ?? 0) }

  /// BCP 47 by the description, else three letters by the header.
  var language: String { description?.language ?? header.language }

  func time(_ ticks: Int64) -> MediaTime { MediaTime(ticks, timescale) }

  /// Every segment can be decoded by itself.
  var isIndependent: Bool { segments.allSatisfy(\.isClosed) }

  /// What an I-frame playlist lists: the segments that begin a closed group, each shown until the
  /// next of them.
  var iFrames: [MeasuredSegment] {
    let closed = segments.filter(\.isClosed)
    let ends = closed.dropFirst().map(\.start) + [segments.last?.end ?? 0]
    return zip(closed, ends).map { segment, end in
      var shown = segment
      shown.duration = end - segment.start
      return shown
    }
  }

  /// What its media playlist lists: of WebVTT beside it, its segments there.
  var listedSegments: [MeasuredSegment] {
    guard let webVTT, webVTT.count == segments.count else { return segments }
    return zip(segments, webVTT).map { segment, range in
      var listed = segment
      listed.range = range
      return listed
    }
  }

  var listedFile: String { webVTT == nil ? "\(name).mp4" : "\(name).vtt" }

  /// The file that one of `listedSegments` or `iFrames` lies in.
  func listedFile(_ segment: MeasuredSegment) -> String {
    if isOneFile { return listedFile }
    let all = webVTT == nil ? segments : listedSegments
    var (low, high) = (0, all.count)
    while low < high {
      let middle = (low + high) / 2
      if all[middle].range.offset < segment.range.offset { low = middle + 1 } else { high = middle }
    }
    let number = low + 1
    return
      "\(name)/\(webVTT == nil ? TrackStorage.segmentName(number) : WebVTTIndex.segmentName(number))"
  }

  /// The track begins with a picture that an I-frame playlist can list.
  var hasIFrames: Bool { isVideo && segments.first?.isClosed == true }
}

/// The distances between pictures, by which a frame rate is judged.
struct FrameStatistics: Sendable {
  private var counts: [Int64: Int] = [:]
  private var last: Int64?
  private(set) var count: Int64 = 0

  /// Takes presentation times in order.
  mutating func take(_ sorted: [Int64]) {
    for time in sorted {
      count += 1
      if let last, counts[time - last] != nil || counts.count < VerificationLimits.distanceCount {
        counts[time - last, default: 0] += 1
      }
      last = time
    }
  }

  /// Whether pictures come at a rate: in the mean over `duration`, or by the most common distance.
  func matches(_ rate: Rational, timescale: Timescale, duration: Int64) -> Bool {
    let ticks = Double(timescale.ticksPerSecond)
    let mean = duration > 0 ? Double(count) * ticks / Double(duration) : 0
    let common = counts.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key ?? duration
    let typical = common > 0 ? ticks / Double(common) : 0
    return [mean, typical].contains { abs($0 - rate.value) <= 0.001 * rate.value }
  }
}

/// A channel of constant rate that fills a player's buffer (ISO/IEC 23009-1 §5.3.5.2): delivered
/// from the start of any segment on, each sample is there when it is presented, `minBufferTime`
/// after the delivery began.
struct BufferModel: Sendable {
  let bitsPerSecond: Int64
  private let buffer: Int128
  private let scale: Int128
  /// The least of bits before a segment, less what the channel brings until the segment's start.
  private var least = Int128.max
  private var segmentStart: Int64 = 0
  private(set) var lateCount = 0
  /// Presentation time of the first late sample.
  private(set) var firstLate: Int64?

  /// - Parameter minBufferTime: microseconds.
  init(bitsPerSecond: Int64, minBufferTime: Int64, timescale: Timescale) {
    self.bitsPerSecond = max(0, min(bitsPerSecond, VerificationLimits.bitsPerSecond))
    scale = Int128(timescale.ticksPerSecond)
    buffer = Int128(min(max(0, minBufferTime), 1 << 50)) * scale
  }

  /// A segment begins at a byte, presented from a time on.
  mutating func begin(at byte: Int64, time: Int64) {
    segmentStart = time
    least = min(least, bits(byte) - Int128(bitsPerSecond) * Int128(time) * 1_000_000)
  }

  /// A sample's last byte is before `byte`.
  mutating func take(endingAt byte: Int64, time: Int64) {
    let until = Int128(max(time, segmentStart)) * 1_000_000 + buffer
    if bits(byte) - Int128(bitsPerSecond) * until > least {
      lateCount += 1
      firstLate = firstLate ?? time
    }
  }

  private func bits(_ byte: Int64) -> Int128 { Int128(byte) * 8 * scale * 1_000_000 }
}

/// A rate and buffer that the MPD declares of a track.
struct DeclaredRate: Sendable {
  var bitsPerSecond: Int64
  /// Microseconds.
  var minBufferTime: Int64
}
