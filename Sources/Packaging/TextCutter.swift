import CMAF
import Library
import MediaCore
import NIOCore
import Text

/// Cuts a live track of subtitles: into segments where the picture is cut, and between into parts. Each comes twice, in
/// samples of `wvtt` for DASH and as WebVTT for HLS.
///
/// Cues come when they come. A part leaves when the picture has passed it, with the cues that are known by then; one that
/// comes later is in those behind, with the times that it has.
struct TextCutter {
  /// One part in both forms.
  struct Output {
    var fragment: LiveChunk
    var webVTT: LiveChunk
  }

  let timescale: Timescale
  private let part: Int64
  private let coding: TextCoding
  private let record: ByteBuffer
  private let webVTTHeader: LiveHeader
  private var builder: ChunkBuilder
  private var hasBegun = false
  /// Blocks of the source's header, and cues that are shown or will be, by their starts, in milliseconds since 1970.
  private var list: CueList
  /// What tells each of the cues from all others.
  private var identifiers: [Int] = []
  private var count = 0

  /// - Parameters:
  ///   - part: how long parts are, in ticks of the track.
  ///   - headers: what decodes either form.
  init(
    _ coding: TextCoding, record: ByteBuffer, part: MediaTime, fragmented: LiveHeader,
    webVTT: LiveHeader
  ) {
    timescale = part.timescale
    self.part = part.value
    self.coding = coding
    self.record = record
    webVTTHeader = webVTT
    builder = ChunkBuilder(timescale: part.timescale, header: fragmented)
    let read = try? SubtitleSamples.read([], coding: coding, record: record)
    list = CueList(blocks: read?.blocks ?? [])
  }

  /// What `vttC` of the track says.
  static func configuration(_ coding: TextCoding, record: ByteBuffer) -> ByteBuffer {
    let read = try? SubtitleSamples.read([], coding: coding, record: record)
    return WVTT.configuration(CueList(blocks: read?.blocks ?? []))
  }

  // MARK: What comes

  /// Takes a sample of the source; one that cannot be read is left out.
  /// - Parameters:
  ///   - start: when it is shown, milliseconds since 1970.
  ///   - duration: milliseconds.
  mutating func take(_ payload: ByteBuffer, start: Int64, duration: Int64) {
    let sample = SubtitleSamples.Sample(start: 0, end: duration, payload: payload)
    guard let read = try? SubtitleSamples.read([sample], coding: coding, record: record) else {
      return
    }
    for cue in read.shifted(by: start).cues where cue.end > now { add(cue) }
  }

  private var now: Int64 {
    rescale(builder.clock, from: timescale, to: TextTimeline.perMillisecond)
  }

  private mutating func add(_ cue: Cue) {
    // Samples of `wvtt` end where anything changes, and at the ends of segments.
    if let index = list.cues.lastIndex(where: { $0.end == cue.start && $0.isAlike(cue) }) {
      list.cues[index].end = cue.end
      return
    }
    guard list.cues.count < LiveLimits.cueCount else { return }
    let index = list.cues.lastIndex { $0.start <= cue.start }.map { $0 + 1 } ?? 0
    list.cues.insert(cue, at: index)
    identifiers.insert(count, at: index)
    count += 1
  }

  // MARK: What leaves

  /// The picture has come to a time.
  /// - Parameter time: ticks of the track.
  mutating func advance(to time: Int64, _ guide: CutGuide) -> [Output] {
    var outputs: [Output] = []
    while let end = nextEnd(guide), end.time <= time {
      if end.time > builder.clock { outputs.append(output(until: end)) }
      if end.isCut { begin(builder.segment + 1, at: end.time, guide) }
    }
    return outputs
  }

  /// No picture follows.
  mutating func finish(at time: Int64, _ guide: CutGuide) -> [Output] {
    let outputs = advance(to: time, guide)
    guard hasBegun, builder.clock < time else { return outputs }
    return outputs + [output(until: (time, true))]
  }

  /// Where the next part ends, if that is known.
  private mutating func nextEnd(_ guide: CutGuide) -> (time: Int64, isCut: Bool)? {
    guard let first = guide.cuts.first else { return nil }
    // Numbers begin anew where nothing came for hours.
    if !hasBegun || first.segment > builder.segment + 1 {
      hasBegun = true
      begin(
        first.segment, at: rescale(first.time, from: guide.timescale, to: timescale), guide)
    }
    let end = builder.clock + part
    if let cut = guide.time(of: builder.segment + 1, timescale), cut <= end {
      return (max(cut, builder.clock), true)
    }
    // A cut where the part ends would end its segment.
    return guide.isDecided(at: end + tick, timescale) ? (end, false) : nil
  }

  /// A millisecond.
  private var tick: Int64 { Int64(timescale.ticksPerSecond) / 1000 + 1 }

  private mutating func begin(_ segment: Int64, at time: Int64, _ guide: CutGuide) {
    builder.begin(
      segment: segment, at: time, startsDiscontinuity: guide.discontinuities.contains(segment))
  }

  private mutating func output(until end: (time: Int64, isCut: Bool)) -> Output {
    let (start, segment, part) = (builder.clock, builder.segment, builder.part)
    let from = rescale(start, from: timescale, to: TextTimeline.perMillisecond)
    let to = rescale(end.time, from: timescale, to: TextTimeline.perMillisecond)
    let index = CueIndex(list)
    let samples = WVTT.samples(index, from: from, to: to, sourceIDs: identifiers)
    for sample in samples {
      let next = sample.start + sample.duration
      let ticks =
        next == to
        ? end.time : rescale(next, from: TextTimeline.perMillisecond, to: timescale)
      builder.append(
        sample.payload, presented: builder.clock, duration: ticks - builder.clock, isSync: true,
        flags: nil)
    }
    if samples.isEmpty {
      builder.append(
        WVTT.emptyCue, presented: start, duration: end.time - start, isSync: true, flags: nil)
    }
    guard let fragment = builder.finish(endsSegment: end.isCut) else {
      preconditionFailure("part \(segment).\(part) of subtitles has no sample")
    }
    var webVTT = fragment
    webVTT.header = webVTTHeader
    webVTT.bytes = ByteBuffer(string: WebVTTSegment.renderLive(index, from: from, to: to))
    forget(until: to)
    return Output(fragment: fragment, webVTT: webVTT)
  }

  private mutating func forget(until time: Int64) {
    for index in list.cues.indices.reversed() where list.cues[index].end <= time {
      list.cues.remove(at: index)
      identifiers.remove(at: index)
    }
  }
}

extension Cue {
  fileprivate func isAlike(_ other: Cue) -> Bool {
    text == other.text && settings == other.settings && id == other.id
  }
}
