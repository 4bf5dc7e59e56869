import CMAF
import Codecs
import MediaCore
import NIOCore

/// Cuts a live track of pictures into chunks and segments.
///
/// A chunk is given out as soon as its last picture is there. Where key frames come at equal distances the end of a
/// segment is known before the picture behind it comes; where they do not, the last chunk of a cell waits for it.
struct PictureCutter {
  private enum State {
    case starting
    /// Nothing is there until a key frame begins a segment.
    case gap
    case open
  }

  private(set) var format: LiveFormat
  var cells: SegmentCells
  private(set) var guide: CutGuide
  private var builder: ChunkBuilder
  private var state = State.starting
  private let partDuration: Int64
  /// The source was there before: a segment is only begun where its cell's first key frame is known.
  private let joins: Bool
  private let lastSegment: Int64
  private var firstCell: Int64?
  /// From decode times of the source to those of the track.
  private var shift: Int64 = 0
  private var segmentStart: Int64 = 0
  /// All chunks of the segment have been given out.
  private var hasEnded = false
  private var breaks = false
  /// No segment before it may begin.
  private var earliest: Int64 = 0
  private var isRegular: Bool
  private var lastSync: Int64?
  private var regularSteps = 0

  init(_ format: LiveFormat, part: MediaTime, cells: SegmentCells, options: LiveOptions) {
    self.format = format
    self.cells = cells
    guide = CutGuide(timescale: format.timescale)
    builder = ChunkBuilder(format)
    partDuration = part.value
    joins = options.joins
    lastSegment = options.lastSegment
    breaks = options.lastSegment > 0
    isRegular = format.syncPeriod != nil
  }

  /// When the next picture is expected, ticks since 1970; `nil` before the first.
  var next: Int64? {
    if case .starting = state { return nil }
    return builder.clock
  }

  /// What follows is coded in another way, or comes from another run of the source.
  /// - Parameter earliest: a segment that no other track has begun.
  mutating func replace(_ format: LiveFormat, earliest: Int64) -> [LiveChunk] {
    self.format = format
    return breakOff(earliest: earliest)
  }

  /// The timeline breaks: the next segment with pictures begins a new one.
  /// - Parameter earliest: a segment that no other track has begun, so that all break at the same.
  mutating func breakOff(earliest: Int64) -> [LiveChunk] {
    self.earliest = earliest
    breaks = true
    isRegular = false
    regularSteps = 0
    lastSync = nil
    var chunks: [LiveChunk] = []
    stop(&chunks)
    update()
    return chunks
  }

  mutating func take(_ placed: PlacedSample) throws -> [LiveChunk] {
    guard let flags = try flags(placed.sample) else { return [] }
    var chunks: [LiveChunk] = []
    let expected = placed.decodeTime + shift
    let length = cells.length(format.timescale)
    switch state {
    case .starting: guard start(placed) else { return [] }
    case .gap: guard resume(placed, &chunks) else { return chunks }
    case .open where (expected - builder.clock).magnitude > length / 2:
      stop(&chunks)
      guard resume(placed, &chunks) else {
        update()
        return chunks
      }
    case .open:
      if placed.isSync { note(sync: expected) }
      cut(before: placed, at: expected, &chunks)
    }
    append(placed, flags)
    giveOut(&chunks)
    update()
    return chunks
  }

  /// Gives out what is left at the end of the source.
  mutating func finish() -> [LiveChunk] {
    builder.finish(endsSegment: true).map { [$0] } ?? []
  }

  /// Nothing has come, and nothing before `time` will.
  mutating func stall(until time: Int64) -> [LiveChunk] {
    if case .starting = state { return [] }
    var chunks: [LiveChunk] = []
    if case .open = state, cells.start(of: builder.segment + 1, format.timescale) <= time {
      stop(&chunks)
    }
    if case .gap = state {
      while cells.start(of: builder.segment + 1, format.timescale) <= time {
        leaveOut(until: cells.start(of: builder.segment + 1, format.timescale), &chunks)
      }
    }
    update()
    return chunks
  }

  // MARK: Begin and end

  private var half: Int64 { format.frame / 2 }

  private mutating func start(_ placed: PlacedSample) -> Bool {
    let time = placed.presentationTime
    if firstCell == nil {
      firstCell = cells.number(at: placed.decodeTime, format.timescale, tolerance: half)
    }
    guard placed.isSync else { return false }
    align(to: time)
    let cell = cells.number(at: time, format.timescale, tolerance: half)
    let isFirst = time - cells.start(of: cell, format.timescale) <= half
    guard cell > lastSegment, !joins || isFirst || cell > firstCell ?? cell else { return false }
    begin(cell, at: time, placed)
    return true
  }

  private mutating func begin(_ segment: Int64, at time: Int64, _ placed: PlacedSample) {
    shift = placed.presentationTime - placed.decodeTime
    state = .open
    lastSync = placed.presentationTime
    open(segment, at: time)
  }

  private mutating func open(_ segment: Int64, at time: Int64) {
    let isBroken = breaks || guide.discontinuities.contains(segment)
    breaks = false
    hasEnded = false
    segmentStart = time
    builder.header = format.header
    builder.begin(segment: segment, at: time, startsDiscontinuity: isBroken)
    guide.add(.init(segment: segment, time: time), isDiscontinuity: isBroken)
  }

  /// From here on nothing is there.
  private mutating func stop(_ chunks: inout [LiveChunk]) {
    guard case .open = state else { return }
    let isAtEnd =
      builder.clock >= cells.start(of: builder.segment + 1, format.timescale) - half
    if let chunk = builder.finish(endsSegment: isAtEnd) {
      chunks.append(chunk)
      hasEnded = isAtEnd
    }
    state = .gap
    if hasEnded {
      hasEnded = false
      builder.begin(
        segment: builder.segment + 1, at: builder.clock, startsDiscontinuity: false)
      segmentStart = builder.clock
      guide.add(.init(segment: builder.segment, time: builder.clock), isDiscontinuity: false)
    }
  }

  /// Leaves the rest of the segment out.
  private mutating func leaveOut(until end: Int64, _ chunks: inout [LiveChunk]) {
    // No segment is longer than the others' limit, also if nothing is in it.
    let latest = segmentStart + cells.length(format.timescale) + slack
    chunks += builder.gap(until: max(min(end, latest), builder.clock + 1), longest: partDuration)
    builder.begin(segment: builder.segment + 1, at: builder.clock, startsDiscontinuity: false)
    segmentStart = builder.clock
    guide.add(.init(segment: builder.segment, time: builder.clock), isDiscontinuity: false)
  }

  /// Begins a segment behind a gap, if the sample can.
  private mutating func resume(_ placed: PlacedSample, _ chunks: inout [LiveChunk]) -> Bool {
    guard placed.isSync else { return false }
    let time = placed.presentationTime
    align(to: time)
    let cell = cells.number(at: time, format.timescale, tolerance: half)
    guard cell >= earliest,
      cell > builder.segment || (cell == builder.segment && builder.part == 0),
      time >= builder.clock - half
    else { return false }
    guard cell - builder.segment < LiveLimits.gapSegmentCount else {
      breaks = true
      begin(cell, at: time, placed)
      return true
    }
    while builder.segment < cell {
      let isLast = builder.segment == cell - 1
      let start = cells.start(of: builder.segment + 1, format.timescale)
      let longest = cells.length(format.timescale) + slack
      leaveOut(until: isLast && time - segmentStart <= longest ? time : start, &chunks)
    }
    guard time - builder.clock <= format.frame else { return false }
    begin(cell, at: builder.clock, placed)
    return true
  }

  // MARK: Cuts

  private var slack: Int64 { cells.slack(format.timescale, frame: format.frame) }

  /// Moves the cells to key frames that come at equal distances.
  private mutating func align(to time: Int64) {
    guard let period = format.syncPeriod, cells.duration.timescale == format.timescale,
      cells.duration.value % period == 0
    else { return }
    cells.align(to: time, period: period)
    isRegular = true
  }

  private mutating func note(sync time: Int64) {
    defer { lastSync = time }
    guard let period = format.syncPeriod, let lastSync else { return }
    guard ((time - lastSync) - period).magnitude <= half else {
      isRegular = false
      regularSteps = 0
      return
    }
    regularSteps += 1
    if !isRegular, regularSteps >= 2 { align(to: time) }
  }

  /// Decides whether a segment begins with a sample.
  private mutating func cut(
    before placed: PlacedSample, at time: Int64, _ chunks: inout [LiveChunk]
  ) {
    if hasEnded {
      // The key frame that was to come did not.
      if !placed.isSync { isRegular = false }
      return open(builder.segment + 1, at: builder.clock)
    }
    let start = cells.start(of: builder.segment + 1, format.timescale)
    let isDue = placed.isSync && time >= start - half
    guard isDue || mustEnd(at: time) else {
      if isFull, let chunk = builder.finish(endsSegment: false) { chunks.append(chunk) }
      return
    }
    if let chunk = builder.finish(endsSegment: true) { chunks.append(chunk) }
    open(builder.segment + 1, at: builder.clock)
  }

  /// Whatever comes at this time begins a segment: no key frame has come soon enough.
  private func mustEnd(at time: Int64) -> Bool {
    let longest = cells.length(format.timescale) + slack - format.frame
    return time - segmentStart > longest
      || (!isRegular && time >= cells.start(of: builder.segment + 1, format.timescale) + slack)
  }

  /// One picture more would be too many.
  private var isFull: Bool {
    builder.duration + format.frame > partDuration
      || builder.byteCount > LiveLimits.chunkByteCount
  }

  private mutating func giveOut(_ chunks: inout [LiveChunk]) {
    let start = cells.start(of: builder.segment + 1, format.timescale)
    let isAtEnd = builder.clock >= start - half
    if (isRegular && isAtEnd) || mustEnd(at: builder.clock) {
      if let chunk = builder.finish(endsSegment: true) { chunks.append(chunk) }
      hasEnded = true
    } else if isFull, !isAtEnd, !isBeforeSync, let chunk = builder.finish(endsSegment: false) {
      chunks.append(chunk)
    }
  }

  /// The next picture may be a key frame, by the distance of those before.
  private var isBeforeSync: Bool {
    guard !isRegular, let period = format.syncPeriod, let lastSync else { return false }
    return (lastSync + period - builder.clock).magnitude <= half
  }

  /// A picture that comes late lets its predecessors' time pass with it, as far as the part allows; the rest is for
  /// those behind it.
  private mutating func append(_ placed: PlacedSample, _ flags: UInt32) {
    let frame =
      format.grid == nil && placed.duration > 0
      ? min(placed.duration, partDuration) : format.frame
    let late = placed.decodeTime + shift - builder.clock
    let room = max(0, partDuration - builder.duration - frame)
    let duration =
      late >= 0 ? frame + min(late, room) : max(max(1, frame / 2), frame + late)
    builder.append(
      placed.sample.payload, presented: placed.presentationTime, duration: duration,
      isSync: placed.isSync, flags: flags)
  }

  private mutating func update() {
    switch state {
    case .starting: guide.horizon = 0
    case .gap:
      guide.expected = nil
      guide.horizon = builder.clock
    case .open:
      let next = builder.segment + 1
      let start = cells.start(of: next, format.timescale)
      guide.expected = isRegular ? .init(segment: next, time: max(start, builder.clock)) : nil
      guide.horizon =
        isRegular ? start + cells.length(format.timescale) / 2 : builder.clock
    }
  }

  /// What a sample depends on; `nil` for one that is no picture.
  private func flags(_ sample: LiveSample) throws -> UInt32? {
    guard let record = format.video?.record else { return nil }
    let unit = try AccessUnit(
      in: sample.payload, at: sample.payload.readerIndex, count: sample.payload.readableBytes,
      codec: record.codec, framing: record.framing, parameters: record.parameters)
    return unit.picture == .none ? nil : SampleDependency(unit).flags
  }

  /// The timeline breaks in another track: this one's next segment begins a new one too.
  /// - Parameter earliest: a segment that no track has begun.
  mutating func breakOff(at earliest: Int64) { guide.breakOff(at: earliest) }

  /// The segment being filled.
  var segment: Int64 { builder.segment }
}
