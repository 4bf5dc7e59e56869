import Codecs
package import MediaCore

/// A sample with its times since 1970, in ticks of the live track.
package struct PlacedSample {
  package var decodeTime: Int64
  package var presentationTime: Int64
  /// 0 if the source does not say.
  var duration: Int64
  var sample: LiveSample

  var isSync: Bool { sample.randomAccess != .none }
}

/// The times of one track in the source, and those that it has live.
package struct LiveClock: Sendable {
  let source: Timescale
  let timescale: Timescale
  /// How long most samples last, ticks of the live track.
  let frame: Int64
  /// On which samples lie.
  let grid: FrameGrid?

  package init(source: Timescale, timescale: Timescale, frame: Int64, grid: FrameGrid?) {
    self.source = source
    self.timescale = timescale
    self.frame = frame
    self.grid = grid
  }
}

/// Puts the times of a source, which count from anywhere and may jump, on the timeline since 1970.
package struct LiveTimeline: Sendable {
  /// One moment by both clocks.
  private struct Anchor: Sendable {
    var source: MediaTime
    var epoch: MediaTime
  }

  private struct Lane: Sendable {
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
  /// Seconds that a splice message may lie from the picture beside which it comes.
  private static let spliceLead = 10.0

  /// - Parameters:
  ///   - source: a time of the source.
  ///   - epoch: when that is, since 1970.
  package init(source: MediaTime, epoch: MediaTime) {
    latest = Anchor(source: source, epoch: epoch)
  }

  /// Times of the source have nothing to do with those before.
  package mutating func restart(source: MediaTime, epoch: MediaTime) {
    lanes.removeAll()
    latest = Anchor(source: source, epoch: epoch)
  }

  package mutating func place(_ sample: LiveSample, _ clock: LiveClock) -> PlacedSample {
    var lane = lanes[sample.track]
    if let known = lane { lane = follow(known, sample, clock) }
    let (anchor, turns) = (lane?.anchor ?? latest, lane?.turns ?? 0)
    let decodeTime = place(sample.decodeTime + turns, clock, anchor)
    // The presentation time turns over first.
    let early = sample.presentationTime - sample.decodeTime < -Self.turn / 2
    let presentationTime = place(
      sample.presentationTime + turns + (early ? Self.turn : 0), clock, anchor)
    let duration = rescale(
      sample.duration, from: clock.source, to: clock.timescale)
    lanes[sample.track] = Lane(
      anchor: anchor, generation: lane?.generation ?? generation, turns: turns,
      source: sample.decodeTime, arrival: sample.arrival,
      next: decodeTime + (duration > 0 ? duration : clock.frame))
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

  /// Puts a splice message on the timeline, by the clock of a track that always comes.
  /// - Parameters:
  ///   - main: number of that track, and what its times count.
  /// - Returns: `nil` if the message is of another clock than the track: one of them has jumped.
  package func place(_ splice: Splice, beside main: Int, _ clock: Timescale) -> Splice? {
    let ticks = Timescale(literal: Self.systemTicks)
    let reached = lanes[main].map { MediaTime($0.source, clock) } ?? latest.source
    let arrival = splice.time.rescaled(to: ticks).value
    let near = reached.rescaled(to: ticks).value
    let distance = SpliceInfoSection.distance(from: near, to: arrival)
    guard Double(distance.magnitude) <= Self.spliceLead * Double(Self.systemTicks) else {
      return nil
    }
    let placed = place(near + distance, ticks, beside: main, to: ticks)
    var moved = splice
    moved.time = MediaTime(placed, ticks)
    moved.timeOffset += placed - arrival
    return moved
  }

  private func place(_ time: Int64, _ clock: LiveClock, _ anchor: Anchor) -> Int64 {
    let ticks = clock.source
    let first = anchor.source.rescaled(to: ticks).value
    let start = anchor.epoch.rescaled(to: clock.timescale).value
    guard let grid = clock.grid else {
      return start + rescale(time - first, from: ticks, to: clock.timescale)
    }
    return start
      + grid.index(time, first: first, ticks: Int64(ticks.ticksPerSecond)) * grid.frameDuration
  }

  /// Finds out whether a sample follows the one before; if not, time goes on as if it did.
  private mutating func follow(
    _ known: Lane, _ sample: LiveSample, _ clock: LiveClock
  ) -> Lane {
    let ticks = clock.source
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
      let late = place(sample.decodeTime, clock, latest) - known.next
      if abs(MediaTime(late, clock.timescale).seconds) < Self.forward {
        // Pictures stay on their grid.
        let kept = clock.grid == nil ? late : late / clock.frame * clock.frame
        lane.anchor = Anchor(
          source: source, epoch: MediaTime(known.next + kept, clock.timescale))
        lane.generation = generation
        return lane
      }
    }
    let idle = passed.map { rescale($0, from: LiveTime.nanoseconds, to: clock.timescale) } ?? 0
    let late = max(0, idle / clock.frame - 1) * clock.frame
    latest = Anchor(source: source, epoch: MediaTime(known.next + late, clock.timescale))
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
