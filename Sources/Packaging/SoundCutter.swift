import CMAF
import MediaCore
import NIOCore

/// Cuts a live track of sound into chunks and segments: at the frames nearest to the cuts of the picture, or by the
/// cells where there is none.
struct SoundCutter {
  private enum State {
    case starting
    case gap
    case open
  }

  private(set) var format: LiveFormat
  private var builder: ChunkBuilder
  private var state = State.starting
  private let partDuration: Int64
  private var hasEnded = false

  init(_ format: LiveFormat, part: MediaTime) {
    self.format = format
    builder = ChunkBuilder(format)
    partDuration = part.value
  }

  /// When the next frame is expected, ticks since 1970; `nil` before the first.
  var next: Int64? {
    if case .starting = state { return nil }
    return builder.clock
  }

  /// The segment being filled.
  var segment: Int64 { builder.segment }

  /// Whether it is known in which segment a frame belongs.
  func canTake(_ placed: PlacedSample, _ guide: CutGuide) -> Bool {
    guide.isDecided(at: placed.presentationTime + half, format.timescale)
      && (!guide.cuts.isEmpty || guide.horizon == .max)
  }

  mutating func replace(_ format: LiveFormat) -> [LiveChunk] {
    self.format = format
    var chunks: [LiveChunk] = []
    stop(&chunks)
    return chunks
  }

  mutating func take(_ placed: PlacedSample, _ guide: CutGuide) -> [LiveChunk] {
    var chunks: [LiveChunk] = []
    let time = placed.presentationTime
    if case .starting = state { guard start(at: time, guide) else { return [] } }
    if case .gap = state {
      guard resume(at: time, guide, &chunks) else { return chunks }
    }
    // What is covered by what was before is left out.
    guard time - builder.clock >= -half else { return chunks }
    let late = time - builder.clock
    if late > patience {
      stop(&chunks)
      guard resume(at: time, guide, &chunks) else { return chunks }
    }
    // Less than a frame is not worth one: all last as long as they decode to.
    let isLate = late >= format.frame - tolerance
    if isLate, let silence = format.silence {
      while time - builder.clock >= format.frame - tolerance {
        append(silence, late: 0, guide, &chunks)
      }
    }
    append(
      placed.sample.payload, late: isLate ? max(0, time - builder.clock) : 0, guide, &chunks)
    return chunks
  }

  /// Gives out what has waited for the picture.
  mutating func settle(_ guide: CutGuide) -> [LiveChunk] {
    guard case .open = state, !builder.isEmpty else { return [] }
    var chunks: [LiveChunk] = []
    giveOut(guide, &chunks)
    return chunks
  }

  /// Nothing has come, and nothing before `time` will: silence stands in for it, where there is some.
  mutating func stall(until time: Int64, _ guide: CutGuide) -> [LiveChunk] {
    var chunks: [LiveChunk] = []
    if case .starting = state, let first = guide.cuts.first {
      begin(first, guide)
      state = .gap
    }
    if case .open = state {
      if let silence = format.silence {
        while builder.clock + format.frame <= time,
          guide.isDecided(at: builder.clock + half, format.timescale)
        {
          append(silence, late: 0, guide, &chunks)
        }
        return chunks
      }
      stop(&chunks)
    }
    if case .gap = state {
      while let cut = guide.time(of: builder.segment + 1, format.timescale), cut <= time {
        leaveOut(until: cut, guide, &chunks)
      }
    }
    return chunks
  }

  mutating func finish() -> [LiveChunk] {
    builder.finish(endsSegment: true).map { [$0] } ?? []
  }

  // MARK: Begin and end

  private var half: Int64 { format.frame / 2 }

  /// Times in a container are rounded to its ticks: within two of them a frame is on time.
  private var tolerance: Int64 {
    let source = Int64(format.source.timescale.ticksPerSecond)
    return min(
      format.frame / 4, max(1, 2 * Int64(format.timescale.ticksPerSecond) / source + 1))
  }

  private var patience: Int64 { LiveLimits.patience.rescaled(to: format.timescale).value }

  /// Begins with the first segment of the picture.
  private mutating func start(at time: Int64, _ guide: CutGuide) -> Bool {
    guard let first = guide.cuts.first,
      time >= rescale(first.time, from: guide.timescale, to: format.timescale) - half
    else { return false }
    begin(first, guide)
    state = .gap
    return true
  }

  private mutating func begin(_ cut: CutGuide.Cut, _ guide: CutGuide) {
    builder.begin(
      segment: cut.segment, at: rescale(cut.time, from: guide.timescale, to: format.timescale),
      startsDiscontinuity: guide.discontinuities.contains(cut.segment))
  }

  private mutating func open(_ segment: Int64, at time: Int64, _ guide: CutGuide) {
    hasEnded = false
    builder.begin(
      segment: segment, at: time,
      startsDiscontinuity: guide.discontinuities.contains(segment))
  }

  private mutating func stop(_ chunks: inout [LiveChunk]) {
    guard case .open = state else { return }
    if let chunk = builder.finish(endsSegment: false) { chunks.append(chunk) }
    state = .gap
    if hasEnded {
      hasEnded = false
      builder.begin(
        segment: builder.segment + 1, at: builder.clock, startsDiscontinuity: false)
    }
  }

  private mutating func leaveOut(
    until end: Int64, _ guide: CutGuide, _ chunks: inout [LiveChunk]
  ) {
    chunks += builder.gap(until: max(end, builder.clock + 1), longest: partDuration)
    open(builder.segment + 1, at: builder.clock, guide)
  }

  /// Goes on behind a gap: with silence in it, or with the frame that is nearest to a cut.
  private mutating func resume(
    at time: Int64, _ guide: CutGuide, _ chunks: inout [LiveChunk]
  ) -> Bool {
    while let cut = guide.time(of: builder.segment + 1, format.timescale), cut <= time + half {
      leaveOut(until: time - cut <= half ? time : cut, guide, &chunks)
    }
    guard builder.part == 0 else { return false }
    let late = time - builder.clock
    guard late >= -half, late <= half || (format.silence != nil && late <= patience) else {
      return false
    }
    builder.header = format.header
    builder.isRolling = format.isRolling
    // Frames lie as the source's do: the silent ones before the first end where it begins.
    if late.magnitude <= half || format.silence != nil {
      let count = (late + half) / format.frame
      open(builder.segment, at: time - count * format.frame, guide)
    }
    state = .open
    return true
  }

  // MARK: Cuts

  /// - Parameter late: by how much the frame begins after the one before has ended.
  private mutating func append(
    _ frame: ByteBuffer, late: Int64, _ guide: CutGuide, _ chunks: inout [LiveChunk]
  ) {
    if hasEnded || isDue(guide) {
      if let chunk = builder.finish(endsSegment: true) { chunks.append(chunk) }
      open(builder.segment + 1, at: builder.clock, guide)
    } else if isFull, let chunk = builder.finish(endsSegment: false) {
      chunks.append(chunk)
    }
    let room = max(0, partDuration - builder.duration - format.frame)
    builder.append(
      frame, presented: builder.clock, duration: format.frame + min(late, room), isSync: true,
      flags: nil)
    giveOut(guide, &chunks)
  }

  /// The next frame is nearest to the next cut.
  private func isDue(_ guide: CutGuide) -> Bool {
    guide.time(of: builder.segment + 1, format.timescale).map { builder.clock >= $0 - half }
      ?? false
  }

  private var isFull: Bool { builder.duration + format.frame > partDuration }

  private mutating func giveOut(_ guide: CutGuide, _ chunks: inout [LiveChunk]) {
    if isDue(guide) {
      if let chunk = builder.finish(endsSegment: true) { chunks.append(chunk) }
      hasEnded = true
    } else if isFull, guide.isDecided(at: builder.clock + half, format.timescale),
      let chunk = builder.finish(endsSegment: false)
    {
      chunks.append(chunk)
    }
  }
}
