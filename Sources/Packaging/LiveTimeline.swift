import MediaCore

/// A sample with its times since 1970, in ticks of the live track.
struct PlacedSample {
  var decodeTime: Int64
  var presentationTime: Int64
  /// 0 if the source does not say.
  var duration: Int64
  var sample: LiveSample

  var isSync: Bool { sample.randomAccess != .none }
}

/// Puts the times of a source, which count from anywhere and may jump, on the timeline since 1970.
struct LiveTimeline {
  /// One moment by both clocks.
  private struct Anchor {
    var source: MediaTime
    var epoch: MediaTime
  }

  private struct Lane {
    var anchor: Anchor
    /// Of the anchors that were found, the one that this comes from.
    var generation: Int
    /// Turns of the counter of 33 bits that MPEG-2 systems have, in ticks (ISO/IEC 13818-1 §2.4.3.7).
    var turns: Int64 = 0
    var source: Int64
    var arrival: Int64?
    /// When the next sample is expected.
    var next: Int64
  }

  private var latest: Anchor
  private var generation = 0
  private var lanes: [Int: Lane] = [:]

  private static let turn: Int64 = 1 << 33
  private static let systemTicks: UInt32 = 90_000
  /// Seconds that times may run back, and ahead of what has passed, before they count as others.
  private static let backward = -0.5
  private static let forward = 1.0
  /// And ahead in a file, where nothing passes.
  private static let forwardInFile = 10.0

  /// - Parameters:
  ///   - source: a time of the source.
  ///   - epoch: when that is, since 1970.
  init(source: MediaTime, epoch: MediaTime) {
    latest = Anchor(source: source, epoch: epoch)
  }

  /// Times of the source have nothing to do with those before.
  mutating func restart(source: MediaTime, epoch: MediaTime) {
    lanes.removeAll()
    latest = Anchor(source: source, epoch: epoch)
  }

  mutating func place(_ sample: LiveSample, _ format: LiveFormat) -> PlacedSample {
    var lane = lanes[sample.track]
    if let known = lane { lane = follow(known, sample, format) }
    let (anchor, turns) = (lane?.anchor ?? latest, lane?.turns ?? 0)
    let decodeTime = place(sample.decodeTime + turns, format, anchor)
    // The presentation time turns over first.
    let early = sample.presentationTime - sample.decodeTime < -Self.turn / 2
    let presentationTime = place(
      sample.presentationTime + turns + (early ? Self.turn : 0), format, anchor)
    let duration = rescale(
      sample.duration, from: format.source.timescale, to: format.timescale)
    lanes[sample.track] = Lane(
      anchor: anchor, generation: lane?.generation ?? generation, turns: turns,
      source: sample.decodeTime, arrival: sample.arrival,
      next: decodeTime + (duration > 0 ? duration : format.frame))
    return PlacedSample(
      decodeTime: decodeTime, presentationTime: presentationTime, duration: duration,
      sample: sample)
  }

  /// When something of the source is that comes only now and then, by the clock of a track that always comes.
  /// - Parameters:
  ///   - time: in `ticks`.
  ///   - main: number of that track.
  /// - Returns: ticks of `timescale` since 1970.
  func place(
    _ time: Int64, _ ticks: Timescale, beside main: Int, to timescale: Timescale
  ) -> Int64 {
    let lane = lanes[main]
    let anchor = lane?.anchor ?? latest
    let turns = ticks.ticksPerSecond == Self.systemTicks ? lane?.turns ?? 0 : 0
    return anchor.epoch.rescaled(to: timescale).value
      + rescale(
        time + turns - anchor.source.rescaled(to: ticks).value, from: ticks, to: timescale)
  }

  private func place(_ time: Int64, _ format: LiveFormat, _ anchor: Anchor) -> Int64 {
    let ticks = format.source.timescale
    let first = anchor.source.rescaled(to: ticks).value
    let start = anchor.epoch.rescaled(to: format.timescale).value
    guard let grid = format.grid else {
      return start + rescale(time - first, from: ticks, to: format.timescale)
    }
    return start
      + grid.index(time, first: first, ticks: Int64(ticks.ticksPerSecond)) * grid.frameDuration
  }

  /// Finds out whether a sample follows the one before; if not, time goes on as if it did.
  private mutating func follow(
    _ known: Lane, _ sample: LiveSample, _ format: LiveFormat
  ) -> Lane {
    let ticks = format.source.timescale
    var lane = known
    let step = sample.decodeTime - known.source
    let passed = sample.arrival.flatMap { now in known.arrival.map { max(0, now - $0) } }
    guard isJump(MediaTime(step, ticks).seconds, passed) else { return lane }
    for turn in [Self.turn, -Self.turn]
    where ticks.ticksPerSecond == Self.systemTicks
      && !isJump(MediaTime(step + turn, ticks).seconds, passed)
    {
      lane.turns += turn
      return lane
    }
    lane.turns = 0
    let source = MediaTime(sample.decodeTime, ticks)
    // Another track has jumped before, and this one to the same times.
    if known.generation < generation {
      let late = place(sample.decodeTime, format, latest) - known.next
      if abs(MediaTime(late, format.timescale).seconds) < Self.forward {
        // Pictures stay on their grid.
        let kept = format.grid == nil ? late : late / format.frame * format.frame
        lane.anchor = Anchor(
          source: source, epoch: MediaTime(known.next + kept, format.timescale))
        lane.generation = generation
        return lane
      }
    }
    let idle = passed.map { rescale($0, from: LiveTime.nanoseconds, to: format.timescale) } ?? 0
    let late = max(0, idle / format.frame - 1) * format.frame
    latest = Anchor(source: source, epoch: MediaTime(known.next + late, format.timescale))
    generation += 1
    lane.anchor = latest
    lane.generation = generation
    return lane
  }

  /// - Parameter passed: nanoseconds since the sample before.
  private func isJump(_ step: Double, _ passed: Int64?) -> Bool {
    guard step >= Self.backward else { return true }
    guard let passed else { return step > Self.forwardInFile }
    return step > Self.forward + 2 * MediaTime(passed, LiveTime.nanoseconds).seconds
  }
}
