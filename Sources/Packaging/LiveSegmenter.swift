package import CMAF
import Codecs
package import Library
package import MediaCore
import NIOCore

/// A live source in, chunks out.
///
/// It has no clock and does no I/O: the same events give the same chunks, with the same names. Chunks leave as soon as
/// their last sample is there. What the source does to its times is hidden from viewers where it can be, and told
/// where it cannot: by segments in which nothing is, and by discontinuities.
package struct LiveSegmenter: Sendable {
  /// A chunk, and the track's place in the description.
  package struct Output: Sendable {
    package var track: Int
    package var chunk: LiveChunk

    package init(track: Int, chunk: LiveChunk) {
      self.track = track
      self.chunk = chunk
    }
  }

  private enum Cutter {
    case picture(PictureCutter)
    case sound(SoundCutter)
  }

  private struct Lane {
    var format: LiveFormat
    var description: LiveTitleDescription.Track
    var cutter: Cutter
    /// Sound that waits for the picture.
    var queue: [PlacedSample] = []
    /// Samples by which a new coding of the track is learned.
    var changing: (track: SourceTrack, samples: [LiveSample])?

    var next: Int64? {
      switch cutter {
      case .picture(let cutter): cutter.next
      case .sound(let cutter): cutter.next
      }
    }

    var segment: Int64 {
      switch cutter {
      case .picture(let cutter): cutter.segment
      case .sound(let cutter): cutter.segment
      }
    }
  }

  /// Subtitles, which come now and then.
  struct TextLane {
    let source: SourceTrack
    var cutter: TextCutter
  }

  /// Pictures, sound, and two of each track of subtitles.
  package let tracks: [LiveTitleDescription.Track]
  package let cells: SegmentCells
  /// See `LiveOptions.patience`.
  package var patience: MediaTime
  private let options: LiveOptions
  private let name: String
  private var lanes: [Lane]
  private var texts: [TextLane]
  private var timeline: LiveTimeline?
  private var splices = SpliceQueue()
  /// Of a title without pictures; else the first lane has it.
  private var soundGuide: CutGuide?
  private var events: [LiveEvent]
  /// What waits for the first track's first sample after a restart.
  private var waiting: [LiveSample] = []
  private var isRestarting = true
  private var lastArrival: Int64?
  /// When the source fell silent, and what was expected next then, ticks of the first track.
  private var silence: (since: Int64, next: Int64)?
  /// Samples that could not be used.
  package private(set) var damagedCount = 0

  /// Samples by which a new coding is learned.
  private static let learningCount = 12

  init(
    _ formats: [LiveFormat], texts: [TextLane], _ tracks: [LiveTitleDescription.Track],
    cells: SegmentCells, options: LiveOptions, name: String, events: [LiveEvent]
  ) {
    self.texts = texts
    self.tracks = tracks
    self.cells = cells
    self.options = options
    patience = options.patience
    self.name = name
    self.events = events
    lanes = zip(formats, tracks).map { format, track in
      Lane(
        format: format, description: track,
        cutter: format.isVideo
          ? .picture(PictureCutter(format, part: track.partTarget, cells: cells, options: options))
          : .sound(SoundCutter(format, part: track.partTarget)))
    }
  }

  /// Cuts what the analysis has seen.
  package mutating func begin() throws -> [Output] {
    let seen = events
    events = []
    return try seen.flatMap { try take($0) }
  }

  /// - Throws: `PackagingError` for a coding that the source changed to and that no track can have.
  package mutating func take(_ event: LiveEvent) throws -> [Output] {
    switch event {
    case .track(let track): change(to: track)
    case .splice(let splice):
      splices.take(splice)
      placeSplices()
    case .restart(let isSeamless):
      isRestarting = true
      return isSeamless ? [] : breakOff()
    case .sample(let sample):
      guard let lane = lanes.firstIndex(where: { $0.format.source.number == sample.track }) else {
        take(text: sample)
        return []
      }
      lastArrival = sample.arrival ?? lastArrival
      let outputs =
        lanes[lane].changing != nil ? try learn(sample, lane) : try take(sample, lane)
      return outputs + cutTexts()
    }
    return []
  }

  /// The source has been silent: what should have come by now has not.
  /// - Parameter now: nanoseconds since 1970.
  package mutating func advance(to now: Int64) -> [Output] {
    guard let lastArrival, let next = lanes[0].next else { return [] }
    let silent = now - lastArrival - patience.rescaled(to: LiveTime.nanoseconds).value
    guard silent > 0 else { return [] }
    let timescale = lanes[0].format.timescale
    // Gaps move what is expected next, and time passes from where it stood before them.
    if silence?.since != lastArrival { silence = (lastArrival, next) }
    let time = MediaTime(
      (silence?.next ?? next) + rescale(silent, from: LiveTime.nanoseconds, to: timescale),
      timescale)
    return stall(lanes.indices, until: time) + cutTexts()
  }

  /// Gives out what is left at the end of the source.
  package mutating func finish() -> [Output] {
    var outputs: [Output] = []
    for index in lanes.indices {
      switch lanes[index].cutter {
      case .picture(var cutter):
        outputs += cutter.finish().map { Output(track: index, chunk: $0) }
        lanes[index].cutter = .picture(cutter)
      case .sound(var cutter):
        outputs += cutter.finish().map { Output(track: index, chunk: $0) }
        lanes[index].cutter = .sound(cutter)
      }
    }
    return outputs + cutTexts(isLast: true)
  }

  // MARK: Splice points

  /// What has come since this was last asked for, with times since 1970.
  package mutating func takeSplices() -> [Splice] { splices.removePlaced() }

  /// Messages of no clock that the source has.
  package var lostSpliceCount: Int { splices.lostCount }

  private mutating func placeSplices() {
    guard !isRestarting, let timeline else { return }
    let main = lanes[0].format.source
    splices.settle { timeline.place($0, beside: main.number, main.timescale) }
  }

  // MARK: Subtitles

  private mutating func take(text sample: LiveSample) {
    guard let index = texts.firstIndex(where: { $0.source.number == sample.track }) else { return }
    guard !isRestarting, let timeline else {
      if waiting.count < LiveLimits.waitingSampleCount { waiting.append(sample) }
      return
    }
    let (ticks, milliseconds) = (texts[index].source.timescale, TextTimeline.perMillisecond)
    let start = timeline.place(
      sample.presentationTime, ticks, beside: lanes[0].format.source.number, to: milliseconds)
    let reached = lanes[0].next.map {
      rescale($0, from: lanes[0].format.timescale, to: milliseconds)
    }
    guard start <= (reached ?? start) + LiveLimits.cueLead else { return }
    let duration =
      sample.duration > 0
      ? rescale(sample.duration, from: ticks, to: milliseconds) : LiveLimits.cueDuration
    texts[index].cutter.take(sample.payload, start: start, duration: duration)
  }

  /// Subtitles go as far as the first track has come.
  private mutating func cutTexts(isLast: Bool = false) -> [Output] {
    guard !texts.isEmpty, let guide, let next = lanes[0].next else { return [] }
    var outputs: [Output] = []
    for index in texts.indices {
      let time = rescale(
        next, from: lanes[0].format.timescale, to: texts[index].cutter.timescale)
      let cut =
        isLast
        ? texts[index].cutter.finish(at: time, guide)
        : texts[index].cutter.advance(to: time, guide)
      let track = lanes.count + 2 * index
      for output in cut {
        outputs.append(Output(track: track, chunk: output.fragment))
        outputs.append(Output(track: track + 1, chunk: output.webVTT))
      }
    }
    return outputs
  }

  // MARK: Samples

  private mutating func take(_ sample: LiveSample, _ index: Int) throws -> [Output] {
    if isRestarting {
      guard index == 0, !lanes[0].format.isVideo || sample.randomAccess != .none else {
        if waiting.count < LiveLimits.waitingSampleCount { waiting.append(sample) }
        return []
      }
      restart(with: sample)
      let before = waiting
      waiting = []
      var outputs = try take(sample, 0)
      for sample in before {
        guard let lane = lanes.firstIndex(where: { $0.format.source.number == sample.track })
        else {
          take(text: sample)
          continue
        }
        outputs += try take(sample, lane)
      }
      return outputs
    }
    guard let placed = timeline?.place(sample, lanes[index].format.clock) else { return [] }
    if index == 0 {
      placeSplices()
      splices.grow()
    }
    var outputs: [Output] = []
    switch lanes[index].cutter {
    case .picture(var cutter):
      do {
        outputs = try cutter.take(placed).map { Output(track: index, chunk: $0) }
      } catch is CodecsError {
        damagedCount += 1
      }
      lanes[index].cutter = .picture(cutter)
      if index == 0 { outputs += settle() }
    case .sound:
      if index == 0 { guideSound(placed) }
      lanes[index].queue.append(placed)
      if lanes[index].queue.count > LiveLimits.waitingSampleCount {
        lanes[index].queue.removeFirst()
      }
      outputs = drain(index)
    }
    return outputs + findLost()
  }

  /// Sets the clocks by the first track's first sample.
  private mutating func restart(with sample: LiveSample) {
    isRestarting = false
    let format = lanes[0].format
    let source = MediaTime(sample.presentationTime, format.source.timescale)
    let next: MediaTime
    if options.isTimedSinceEpoch {
      let own = source.rescaled(to: format.timescale).value
      let start = lanes[0].next ?? 0
      next = MediaTime(
        start + max(0, own - start + format.frame / 2) / format.frame * format.frame,
        format.timescale)
    } else if let reached = lanes[0].next {
      // Time that passed meanwhile has passed for viewers too.
      let idle = sample.arrival.flatMap { now in lastEnd.map { max(0, now - $0) } } ?? 0
      let frames = rescale(idle, from: LiveTime.nanoseconds, to: format.timescale) / format.frame
      next = MediaTime(reached + frames * format.frame, format.timescale)
    } else {
      let ticks = MediaTime(options.epoch ?? 0, LiveTime.nanoseconds).rescaled(to: format.timescale)
      let cell = cells.number(at: ticks.value, format.timescale)
      next = MediaTime(
        options.alignsEpoch
          ? cells.start(of: cell, format.timescale) : ticks.value / format.frame * format.frame,
        format.timescale)
    }
    if timeline == nil {
      timeline = LiveTimeline(source: source, epoch: next)
    } else {
      timeline?.restart(source: source, epoch: next)
    }
  }

  /// When the last sample before a restart came in.
  private var lastEnd: Int64?

  private mutating func guideSound(_ placed: PlacedSample) {
    let format = lanes[0].format
    let time = placed.presentationTime
    var guide = soundGuide ?? CutGuide(timescale: format.timescale)
    if guide.cuts.isEmpty {
      let cell = cells.number(at: time, format.timescale, tolerance: format.frame / 2)
      let start = cells.start(of: cell, format.timescale)
      let isWhole = (time - start).magnitude <= format.frame / 2
      let first = isWhole || !options.joins ? cell : cell + 1
      guard first > options.lastSegment else { return }
      guide.add(
        .init(segment: first, time: max(time, cells.start(of: first, format.timescale))),
        isDiscontinuity: options.lastSegment > 0)
    }
    while let last = guide.cuts.last, time >= last.time {
      guide.add(
        .init(
          segment: last.segment + 1, time: cells.start(of: last.segment + 1, format.timescale)),
        isDiscontinuity: false)
    }
    guide.horizon = .max
    soundGuide = guide
  }

  private var guide: CutGuide? {
    if case .picture(let cutter) = lanes[0].cutter { return cutter.guide }
    return soundGuide
  }

  /// Takes what has waited for a cut.
  private mutating func drain(_ index: Int) -> [Output] {
    guard case .sound(var cutter) = lanes[index].cutter, let guide else { return [] }
    var outputs: [Output] = []
    var count = 0
    for placed in lanes[index].queue {
      guard cutter.canTake(placed, guide) else { break }
      outputs += cutter.take(placed, guide).map { Output(track: index, chunk: $0) }
      count += 1
    }
    lanes[index].queue.removeFirst(count)
    lanes[index].cutter = .sound(cutter)
    return outputs
  }

  /// The first picture has gone on: other pictures have its cells, and sound its cuts.
  private mutating func settle() -> [Output] {
    guard case .picture(let first) = lanes[0].cutter else { return [] }
    var outputs: [Output] = []
    for index in lanes.indices.dropFirst() {
      switch lanes[index].cutter {
      case .picture(var cutter):
        cutter.cells = first.cells
        lanes[index].cutter = .picture(cutter)
      case .sound(var cutter):
        outputs += cutter.settle(first.guide).map { Output(track: index, chunk: $0) }
        lanes[index].cutter = .sound(cutter)
        outputs += drain(index)
      }
    }
    return outputs
  }

  // MARK: Trouble

  /// How far a lane has come, what waits included; in ticks of the first track.
  private func reached(_ index: Int) -> Int64? {
    let format = lanes[index].format
    let time = lanes[index].queue.last.map { $0.presentationTime + format.frame }
    return (time ?? lanes[index].next).map {
      rescale($0, from: format.timescale, to: lanes[0].format.timescale)
    }
  }

  /// Lets tracks go on that are far behind the others.
  private mutating func findLost() -> [Output] {
    let timescale = lanes[0].format.timescale
    let places = lanes.indices.map { reached($0) }
    guard places[0] != nil, let latest = places.compactMap({ $0 }).max() else { return [] }
    let limit = latest - patience.rescaled(to: timescale).value
    let lost = lanes.indices.filter { index in
      lanes[index].queue.isEmpty && (places[index] ?? .min) < limit
    }
    return lost.isEmpty ? [] : stall(lost, until: MediaTime(limit, timescale))
  }

  private mutating func stall<Indices: Sequence<Int>>(
    _ indices: Indices, until time: MediaTime
  ) -> [Output] {
    var outputs: [Output] = []
    for index in indices {
      let own = time.rescaled(to: lanes[index].format.timescale).value
      switch lanes[index].cutter {
      case .picture(var cutter):
        outputs += cutter.stall(until: own).map { Output(track: index, chunk: $0) }
        lanes[index].cutter = .picture(cutter)
        if index == 0 { outputs += settle() }
      case .sound(var cutter):
        guard let guide else { continue }
        outputs += cutter.stall(until: own, guide).map { Output(track: index, chunk: $0) }
        lanes[index].cutter = .sound(cutter)
      }
    }
    return outputs
  }

  /// The source goes on as another run of itself.
  private mutating func breakOff() -> [Output] {
    lastEnd = lastArrival
    var outputs: [Output] = []
    for index in lanes.indices {
      guard case .picture(var cutter) = lanes[index].cutter else { continue }
      outputs += cutter.breakOff(earliest: earliest(index))
        .map { Output(track: index, chunk: $0) }
      lanes[index].cutter = .picture(cutter)
    }
    return outputs
  }

  private mutating func change(to track: SourceTrack) {
    guard let index = lanes.firstIndex(where: { $0.format.source.number == track.number }),
      lanes[index].changing != nil || lanes[index].format.source.coding != track.coding
    else { return }
    lanes[index].changing = (track, [])
  }

  /// Once enough samples of a new coding are there, the track goes on in it.
  private mutating func learn(_ sample: LiveSample, _ index: Int) throws -> [Output] {
    lanes[index].changing?.samples.append(sample)
    guard let (track, samples) = lanes[index].changing, samples.count >= Self.learningCount else {
      return []
    }
    lanes[index].changing = nil
    let format = try LiveFormat(
      track, samples, timescale: lanes[index].format.timescale,
      place: "\(name), \(track.kind.rawValue) track \(track.number)")
    var outputs: [Output] = []
    switch lanes[index].cutter {
    case .picture(var cutter):
      outputs = cutter.replace(format, earliest: earliest(index))
        .map { Output(track: index, chunk: $0) }
      lanes[index].cutter = .picture(cutter)
    case .sound(var cutter):
      outputs = cutter.replace(format).map { Output(track: index, chunk: $0) }
      lanes[index].cutter = .sound(cutter)
    }
    if let last = outputs.indices.last, outputs[last].chunk.header.version != format.header.version
    {
      outputs[last].chunk.following = format.header
    }
    lanes[index].format = format
    if index > 0 || !format.isVideo { breakOthers() }
    for sample in samples { outputs += try take(sample, index) }
    return outputs
  }

  /// The first segment that no track but this one has begun.
  private func earliest(_ index: Int) -> Int64 {
    (lanes.indices.filter { $0 != index }.map { lanes[$0].segment }.max() ?? 0) + 1
  }

  /// All tracks break together, at a segment that none has begun.
  private mutating func breakOthers() {
    let segment = (lanes.map(\.segment).max() ?? 0) + 1
    if case .picture(var cutter) = lanes[0].cutter {
      cutter.breakOff(at: segment)
      lanes[0].cutter = .picture(cutter)
    } else {
      soundGuide?.breakOff(at: segment)
    }
  }
}
