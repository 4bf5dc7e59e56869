import CMAF
import FileIO
import ISOBMFF
import Library
import MediaCore
import NIOCore
import Text

/// One subtitle track as the bytes of its files.
///
/// A subtitle track is small: all of it is made in memory.
struct TextRendering {
  /// A CMAF track file, and its content digest.
  struct TrackBytes {
    var bytes: ByteBuffer
    var digest: UInt64
  }

  let timeline: TextTimeline
  /// BCP 47.
  let language: String
  /// For messages.
  let place: String
  private let index: CueIndex
  private let byteLimit: Int

  /// - Parameters:
  ///   - list: cues within the title.
  ///   - byteLimit: bytes of all samples, at most.
  init(
    _ list: CueList, timeline: TextTimeline, language: String, place: String,
    byteLimit: Int = TextRendering.maximumByteCount
  ) {
    self.byteLimit = byteLimit
    self.timeline = timeline
    self.language = language
    self.place = place
    index = CueIndex(Self.withoutSignatures(list))
  }

  /// Bytes of all samples of a track, at most: what cues that overlap for hours would pile up.
  static let maximumByteCount = Int(WebVTTIndex.maximumByteCount)

  /// The WebVTT segments, one for each cut, each ending with an empty line.
  func webVTT() throws -> ByteBuffer {
    var file = ByteBuffer()
    for segment in 0..<timeline.segmentCount {
      let text = WebVTTSegment.render(
        index, from: timeline.milliseconds[segment], to: timeline.milliseconds[segment + 1])
      file.writeString(text)
      if !text.hasSuffix("\n\n") { file.writeString(text.hasSuffix("\n") ? "\n" : "\n\n") }
      try checkSize(file.readableBytes)
    }
    return file
  }

  /// A cue whose identifier looks like the first line of a file would part the file in two.
  private static func withoutSignatures(_ list: CueList) -> CueList {
    guard list.cues.contains(where: { $0.id?.hasPrefix("WEBVTT") == true }) else { return list }
    var plain = list
    for index in plain.cues.indices where plain.cues[index].id?.hasPrefix("WEBVTT") == true {
      plain.cues[index].id = nil
    }
    return plain
  }

  private func checkSize(_ byteCount: Int) throws {
    guard byteCount <= byteLimit else {
      throw PackagingError(
        .limit,
        "\(place): its cues overlap so much that a track of it would have more than "
          + "\(byteLimit) bytes")
    }
  }

  /// The `wvtt` track: a fragment for each segment, without a gap.
  func wvttTrack() throws -> TrackBytes {
    var builder = Builder(timescale: timeline.timescale)
    for segment in 0..<timeline.segmentCount {
      builder.beginSegment()
      let samples = WVTT.samples(
        index, from: timeline.milliseconds[segment], to: timeline.milliseconds[segment + 1])
      for sample in samples {
        builder.append(sample.payload, at: timeline.ticks(sample.start, in: segment))
      }
      // A segment of less than a millisecond has no sample of its own.
      if samples.isEmpty { builder.append(WVTT.emptyCue, at: timeline.bounds[segment]) }
      try checkSize(builder.byteCount)
    }
    return try builder.track(
      .webVTT(configuration: WVTT.configuration(index.list)),
      end: timeline.bounds[timeline.segmentCount],
      language: language, name: place)
  }

  /// The `stpp` track: a document for each segment.
  func stppTrack() throws -> TrackBytes {
    var builder = Builder(timescale: timeline.timescale)
    for segment in 0..<timeline.segmentCount {
      builder.beginSegment()
      builder.append(
        TTMLDocument.render(
          index, from: timeline.milliseconds[segment], to: timeline.milliseconds[segment + 1],
          language: language), at: timeline.bounds[segment])
      try checkSize(builder.byteCount)
    }
    return try builder.track(
      .ttml(.imsc1Text), end: timeline.bounds[timeline.segmentCount], language: language,
      name: place)
  }

  /// Gathers samples and lays them out as a track file.
  private struct Builder {
    let timescale: Timescale
    private var times: [Int64] = []
    private var sizes: [UInt32] = []
    private var starts: [Int] = []
    private var payload = ByteBuffer()

    init(timescale: Timescale) { self.timescale = timescale }

    var byteCount: Int { payload.readableBytes }

    mutating func beginSegment() { starts.append(times.count) }

    mutating func append(_ sample: ByteBuffer, at time: Int64) {
      times.append(time)
      sizes.append(UInt32(clamping: sample.readableBytes))
      payload.writeImmutableBuffer(sample)
    }

    func track(
      _ entry: TextSampleEntry, end: Int64, language: String, name: String
    ) throws -> TrackBytes {
      let plan = PlannedTrack(
        timescale: timescale, pieces: [.source(times.indices)], times: times, sizes: sizes,
        randomAccess: [UInt8](repeating: RandomAccess.closed.rawValue, count: times.count),
        end: end, mediaStart: 0, frameRate: nil, notes: [])
      let header = CMAFHeader(
        timescale: timescale, language: LanguageTag.iso639(language), entry: .text(entry),
        hasNonSyncSamples: false)
      let layout = try TrackLayout(
        plan, header: header, starts: starts, isVideo: false, name: name)
      var bytes = layout.header
      bytes.writeImmutableBuffer(layout.sidx)
      var digests = ByteBuffer()
      var rest = payload
      for (number, segment) in layout.segments.enumerated() {
        let timing = SegmentTiming(plan, segment.samples)
        var head = ByteBuffer()
        TrackLayout.fragment(plan, segment.samples, timing, number: number + 1, flags: [])
          .writeHeaders(into: &head)
        let count = plan.sizes[segment.samples].reduce(0) { $0 + Int($1) }
        let samples = rest.readSlice(length: count) ?? ByteBuffer()
        var digest = ContentDigest()
        digest.add(samples)
        digests.writeInteger(digest.take())
        digest.add(head)
        digests.writeInteger(digest.take())
        bytes.writeImmutableBuffer(head)
        bytes.writeImmutableBuffer(samples)
      }
      return TrackBytes(
        bytes: bytes,
        digest: TrackDigest.combine(header: layout.header, sidx: layout.sidx, segments: digests))
    }
  }
}
