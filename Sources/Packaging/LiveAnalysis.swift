import CMAF
import ISOBMFF
import Library
package import MediaCore
import NIOCore

/// How a live source is cut.
package struct LiveOptions: Sendable {
  /// Wanted length of a segment and of a part.
  package var segment = MediaTime(2, Timescale(literal: 1))
  package var part = MediaTime(200, Timescale(literal: 1000))
  /// When the first sample of the source is presented, nanoseconds since 1970; `nil` takes what samples say by
  /// coming in.
  package var epoch: Int64?
  /// Times of the source are since 1970 themselves.
  package var isTimedSinceEpoch = false
  /// The epoch may be a little earlier, so that the first segment begins with its cell.
  package var alignsEpoch = false
  /// The source was there before: its first segment is one that it has from its begin.
  package var joins = false
  /// Numbers up to this are taken by what was published before; behind them the timeline breaks.
  package var lastSegment: Int64 = 0
  /// How far one track of a source may fall behind another, and all of them behind the clock, before they count as
  /// lost.
  package var patience = LiveLimits.patience

  package init() {}
}

/// Looks at the begin of a source until it is known how to cut it.
///
///     var analysis = LiveAnalysis(options, name: source.name)
///     while let event = try source.next(), try !analysis.take(event) {}
///     var segmenter = try analysis.segmenter()
///     publish(segmenter.description, try segmenter.begin())
package struct LiveAnalysis: Sendable {
  /// Whether pictures may come, as the source says.
  package var expectsPictures = true
  /// What is known of them only once something has come may be set until there is a segmenter.
  package var options: LiveOptions
  private let name: String
  private var events: [LiveEvent] = []
  private var tracks: [Int: SourceTrack] = [:]
  private var samples: [Int: [LiveSample]] = [:]
  private var byteCount = 0

  /// - Parameter name: the source, for messages.
  package init(_ options: LiveOptions, name: String) {
    self.options = options
    self.name = name
  }

  /// - Returns: whether enough is known.
  package mutating func take(_ event: LiveEvent) throws -> Bool {
    events.append(event)
    switch event {
    case .track(let track):
      // What a track was before it changed does not matter: it starts with what it is.
      if tracks[track.number] != nil { forget(track.number) }
      tracks[track.number] = track
    case .restart: return !tracks.isEmpty
    case .splice: return events.count >= LiveLimits.analysisSampleCount
    case .sample(let sample):
      samples[sample.track, default: []].append(sample)
      byteCount += sample.payload.readableBytes
      guard events.count < LiveLimits.analysisSampleCount,
        byteCount < LiveLimits.analysisByteCount
      else { return true }
      return isEnough
    }
    return false
  }

  private mutating func forget(_ number: Int) {
    samples[number] = nil
    events.removeAll { event in
      if case .sample(let sample) = event { sample.track == number } else { false }
    }
  }

  /// Three sync samples of each picture, or two and twice the segment that is wanted. Pictures are known of from their
  /// first key frame on, which may come long after the sound's first samples.
  private var isEnough: Bool {
    guard tracks.values.contains(where: { $0.kind == .video }) else {
      return expectsPictures ? isLong : isLong(LiveLimits.soundAnalysisSpan)
    }
    guard tracks.allSatisfy({ $1.kind == .text || samples[$0] != nil }) else { return isLong }
    return isLong
      || samples.allSatisfy { number, samples in
        guard let track = tracks[number], track.kind == .video else {
          return samples.count >= 4 || tracks[number]?.kind == .text
        }
        let count = samples.lazy.filter { $0.randomAccess != .none }.count
        return count > 2 || (count == 2 && span(track, samples) >= 2 * options.segment.seconds)
      }
  }

  private var isLong: Bool { isLong(LiveLimits.analysisSpan) }

  private func isLong(_ length: MediaTime) -> Bool {
    samples.contains { number, samples in
      tracks[number].map { $0.kind != .text && span($0, samples) >= length.seconds } ?? false
    }
  }

  private func span(_ track: SourceTrack, _ samples: [LiveSample]) -> Double {
    guard let first = samples.first, let last = samples.last else { return 0 }
    return MediaTime(last.decodeTime - first.decodeTime, track.timescale).seconds
  }

  /// - Throws: `PackagingError` if nothing of the source can be packaged.
  package func segmenter() throws -> LiveSegmenter {
    var names = TrackNames()
    var formats: [LiveFormat] = []
    for track in tracks.values.sorted(by: { $0.number < $1.number }) where track.kind != .text {
      guard let samples = samples[track.number] else { continue }
      formats.append(
        try LiveFormat(
          track, samples, place: "\(name), \(track.kind.rawValue) track \(track.number)"))
    }
    guard !formats.isEmpty else {
      throw PackagingError(
        .noVideo, "\(name): no video or audio track came in, so there is nothing to package")
    }
    // The largest picture first, then sound, as titles have it.
    formats.sort { one, two in
      let (left, right) = (one.video?.height ?? -1, two.video?.height ?? -1)
      return left != right ? left > right : one.source.number < two.source.number
    }
    let cells = Self.cells(formats[0], options)
    var options = options
    if !options.isTimedSinceEpoch { options.epoch = try options.epoch ?? epoch(formats[0]) }
    var hasDefault = false
    let isMarked = formats.contains { !$0.isVideo && $0.source.isDefault }
    let lanes = formats.map { format in
      let isDefault =
        format.isVideo || (!hasDefault && (format.source.isDefault || !isMarked))
      if !format.isVideo, isDefault { hasDefault = true }
      return describe(format, isDefault: isDefault, &names)
    }
    let texts = texts(beside: formats[0], options, &names)
    return LiveSegmenter(
      formats, texts: texts.map(\.lane), lanes + texts.flatMap(\.tracks), cells: cells,
      options: options, name: name, events: events)
  }

  /// Tracks of subtitles, each in two forms.
  private func texts(
    beside main: LiveFormat, _ options: LiveOptions, _ names: inout TrackNames
  ) -> [(lane: LiveSegmenter.TextLane, tracks: [LiveTitleDescription.Track])] {
    var texts: [(lane: LiveSegmenter.TextLane, tracks: [LiveTitleDescription.Track])] = []
    for track in tracks.values.sorted(by: { $0.number < $1.number }) {
      guard case .text(let coding, let record) = track.coding,
        texts.count < LiveLimits.textTrackCount
      else { continue }
      let timescale = TextTimeline.timescale(main.timescale.ticksPerSecond)
      let part = options.part.rescaled(to: timescale)
      let tag = LanguageTag.bcp47(track.language)
      let header = CMAFHeader(
        timescale: timescale, language: LanguageTag.iso639(tag),
        entry: .text(
          .webVTT(configuration: TextCutter.configuration(coding, record: record))),
        hasNonSyncSamples: false)
      let fragmented = LiveHeader(header)
      let webVTT = LiveHeader(version: fragmented.version, bytes: ByteBuffer())
      let role = TextTracks.role(track)
      var described = LiveTitleDescription.Track(
        name: names.next("text-\(tag)"), language: tag,
        label: track.label ?? TextTracks.label(tag, role), roles: [role.rawValue],
        isDefault: track.isDefault, frameRate: nil, header: webVTT, partTarget: part,
        peakBitrate: Self.textBitrate, averageBitrate: Self.textBitrate / 2)
      let plain = described
      described.name += LiveTitleDescription.Track.fragmentedTextSuffix
      described.header = fragmented
      let cutter = TextCutter(
        coding, record: record, part: part, fragmented: fragmented, webVTT: webVTT)
      texts.append((.init(source: track, cutter: cutter), [described, plain]))
    }
    return texts
  }

  /// Bits in a second of subtitles in short parts: mostly what says that there are none.
  private static let textBitrate: Int64 = 14_000

  /// What a stream keeps before it is read comes in at once, and late: the sample that was fastest tells how
  /// late.
  private func epoch(_ main: LiveFormat) throws -> Int64 {
    let ticks = main.source.timescale
    let samples = samples[main.source.number] ?? []
    let starts = samples.compactMap { sample in
      sample.arrival.map { arrival in
        arrival
          - rescale(
            sample.decodeTime - (samples.first?.decodeTime ?? 0), from: ticks,
            to: LiveTime.nanoseconds)
      }
    }
    guard let first = starts.min() else {
      throw PackagingError(
        .badTimestamps, "\(name): nothing tells when it began; say it with --epoch")
    }
    return first
  }

  private static func cells(_ main: LiveFormat, _ options: LiveOptions) -> SegmentCells {
    if let period = main.syncPeriod {
      return SegmentCells(
        wanted: options.segment, period: MediaTime(period, main.timescale))
    }
    return SegmentCells(duration: options.segment)
  }

  private func describe(
    _ format: LiveFormat, isDefault: Bool, _ names: inout TrackNames
  ) -> LiveTitleDescription.Track {
    let tag = LanguageTag.bcp47(format.source.language)
    let part = MediaTime(format.partDuration(options.part), format.timescale)
    let rates = rates(format)
    let height = format.video?.height
    var track = LiveTitleDescription.Track(
      name: names.next(height.map { "video-\($0)p" } ?? "audio-\(tag)"), language: tag,
      label: height.map { "\($0)p" } ?? format.source.label ?? LanguageTag.ownName(tag) ?? "Audio",
      roles: format.isVideo || format.source.roles.isEmpty ? ["main"] : format.source.roles,
      isDefault: isDefault, frameRate: format.frameRate, header: format.header, partTarget: part,
      peakBitrate: rates.peak, averageBitrate: rates.average)
    // Key frames are where the source has them: nobody can promise that one begins each segment, but who makes them.
    track.hasIndependentSegments = !format.isVideo || format.source.statedRates != nil
    return track
  }

  /// Where the pictures were when enough was known, whatever else had come by then; `nil` without pictures.
  private var pictureEnd: MediaTime? {
    tracks.values.filter { $0.kind == .video }.compactMap { track in
      let samples = samples[track.number] ?? []
      let third = samples.lazy.filter { $0.randomAccess != .none }.dropFirst(2).first
      return (third ?? samples.last).map { MediaTime($0.decodeTime, track.timescale) }
    }.min()
  }

  /// Bits a second of what has been seen, the peak over a second, with a tenth for what is to come. How far sound is ahead of
  /// pictures that are encoded depends on the clock: it is looked at as far as they are, so that all who are fed the same
  /// tell the same.
  private func rates(_ format: LiveFormat) -> (peak: Int64, average: Int64) {
    if let stated = format.source.statedRates {
      let boxes = boxes(format)
      return (stated.peak + boxes, stated.average + boxes)
    }
    var seen = (samples[format.source.number] ?? [])[...]
    if !format.isVideo, let end = pictureEnd {
      let beside = seen.prefix { MediaTime($0.decodeTime, format.source.timescale) < end }
      if !beside.isEmpty { seen = beside }
    }
    let sizes = seen.map { Int64($0.payload.readableBytes) }
    guard !sizes.isEmpty else { return (1, 1) }
    let second = Int(max(1, Int64(format.timescale.ticksPerSecond) / format.frame))
    var window: Int64 = 0
    var peak: Int64 = 0
    for index in sizes.indices {
      window += sizes[index]
      if index >= second { window -= sizes[index - second] }
      peak = max(peak, window)
    }
    let seconds = Double(sizes.count) * MediaTime(format.frame, format.timescale).seconds
    let average = Int64(Double(sizes.reduce(0, +)) * 8 / max(seconds, 1e-3))
    return (max(peak * 8, average) * 11 / 10, average)
  }

  /// Bits a second of the boxes around samples: sixteen bytes for each, and as many as a chunk has besides.
  private func boxes(_ format: LiveFormat) -> Int64 {
    let samples = Double(format.timescale.ticksPerSecond) / Double(format.frame)
    let chunks = 1 / max(options.part.seconds, 0.01)
    return Int64((samples * 16 + chunks * Double(LiveLimits.chunkBoxByteCount)) * 8)
  }
}
