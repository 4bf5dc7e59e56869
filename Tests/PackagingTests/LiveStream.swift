import CMAF
import Library
import MediaCore
import NIOCore
import Packaging
import Testing

/// A live source that exists in memory only.
struct LiveStream {
  /// Pictures a second, as a fraction, and pictures from one key frame to the next.
  var rate = Rational(literal: 25, 1)
  var group = 50
  var hasSound = true
  /// Ticks of the source's clock at the first sample.
  var start: Int64 = 0
  /// Ticks a second of the source's clock.
  var ticks: Int64 = 90_000
  /// B pictures between two that are referred to.
  var reordering = 0
  /// Frames of pictures or sound that do not come.
  var missing: (_ isSound: Bool, _ index: Int) -> Bool = { _, _ in false }
  var isKey: ((Int) -> Bool)?

  private var timescale: Timescale { Timescale(literal: UInt32(ticks)) }

  var tracks: [LiveEvent] {
    var picture = SyntheticSource.video(
      timescale: UInt32(ticks), times: [], keys: { _ in .none }, lastDuration: 0)
    picture.frameRateHint = rate
    var sound = SyntheticSource.audio(count: 0)
    sound.timescale = timescale
    return [.track(picture)] + (hasSound ? [.track(sound)] : [])
  }

  /// Samples of some seconds, those that come first first.
  func events(_ seconds: Int, from: Int = 0) -> [LiveEvent] {
    var found: [(Double, LiveEvent)] = []
    let pictures = Int64(seconds) * rate.numerator / rate.denominator
    for index in Int(Int64(from) * rate.numerator / rate.denominator)..<Int(pictures)
    where !missing(false, index) {
      let time = start + Int64(index) * ticks * rate.denominator / rate.numerator
      let key = isKey?(index) ?? (index % group == 0)
      let lag = Int64(offset(index)) * ticks * rate.denominator / rate.numerator
      var payload = ByteBuffer(integer: UInt32(30))
      payload.writeBytes(key ? [0x65, 0x88] : [0x41, 0x9a])
      payload.writeRepeatingByte(UInt8(truncatingIfNeeded: index) | 1, count: 28)
      let sample = LiveSample(
        track: 0, decodeTime: time, presentationTime: time + lag,
        duration: ticks * rate.denominator / rate.numerator,
        randomAccess: key ? .closed : .none, payload: payload)
      found.append((Double(time - start) / Double(ticks), .sample(sample)))
    }
    if hasSound {
      for index in from * 48_000 / 1024..<seconds * 48_000 / 1024 where !missing(true, index) {
        let time = start + Int64(index) * 1024 * ticks / 48_000
        let sample = LiveSample(
          track: 1, decodeTime: time, presentationTime: time, duration: 1024 * ticks / 48_000,
          randomAccess: .closed,
          payload: ByteBuffer(repeating: UInt8(truncatingIfNeeded: index), count: 16))
        found.append((Double(index) * 1024 / 48_000 + 0.01, .sample(sample)))
      }
    }
    return found.sorted { $0.0 < $1.0 }.map(\.1)
  }

  /// Pictures that are presented later by so many frames: the first of a group of `reordering` and one more.
  private func offset(_ index: Int) -> Int {
    guard reordering > 0 else { return 0 }
    return index % (reordering + 1) == 1 % (reordering + 1) ? reordering + 1 : 0
  }
}

/// What came of a stream.
struct LiveRun {
  var segmenter: LiveSegmenter
  /// Chunks of each track.
  var chunks: [[LiveChunk]] = []

  init(_ events: [LiveEvent], options: LiveOptions) throws {
    var analysis = LiveAnalysis(options, name: "test")
    var rest = events[...]
    while let event = rest.first {
      rest.removeFirst()
      if try analysis.take(event) { break }
    }
    segmenter = try analysis.segmenter()
    chunks = segmenter.tracks.map { _ in [] }
    take(try segmenter.begin())
    try feed(rest)
  }

  mutating func feed(_ events: some Sequence<LiveEvent>) throws {
    for event in events { take(try segmenter.take(event)) }
  }

  mutating func take(_ outputs: [LiveSegmenter.Output]) {
    for output in outputs { chunks[output.track].append(output.chunk) }
  }

  /// What holds of every run: times without holes, numbers and parts one behind the other, parts near
  /// their target (draft-pantos-hls-rfc8216bis §4.4.4.9), segments no longer than theirs.
  func check(sourceLocation: SourceLocation = #_sourceLocation) {
    for (track, chunks) in zip(segmenter.tracks, self.chunks) {
      #expect(!chunks.isEmpty, sourceLocation: sourceLocation)
      let target = track.partTarget.value
      var lengths: [Int64: Int64] = [:]
      for (one, two) in zip(chunks, chunks.dropFirst()) {
        #expect(one.time + one.duration == two.time, sourceLocation: sourceLocation)
        if one.endsSegment {
          #expect(two.segment == one.segment + 1 && two.part == 0, sourceLocation: sourceLocation)
        } else {
          #expect(
            two.segment == one.segment && two.part == one.part + 1, sourceLocation: sourceLocation)
          #expect(two.header.version == one.header.version, sourceLocation: sourceLocation)
        }
        #expect(one.duration <= target, sourceLocation: sourceLocation)
        if !one.isGap {
          if !one.endsSegment, !two.isGap {
            #expect(
              Double(one.duration) >= 0.85 * Double(target), sourceLocation: sourceLocation)
          }
        }
        lengths[one.segment, default: 0] += one.duration
      }
      for length in lengths.values {
        let seconds = MediaTime(length, track.partTarget.timescale).seconds
        #expect(
          seconds.rounded() <= Double(segmenter.cells.targetDuration),
          sourceLocation: sourceLocation)
      }
    }
  }
}
