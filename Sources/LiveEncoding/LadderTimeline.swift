package import MediaCore
import NIOCore
import Packaging

/// Puts the pictures and the sound of a source on the timeline since 1970, the pictures on a grid without holes: encoders
/// get one picture for each place of it.
///
///     var timeline = LadderTimeline(grid: grid, keyDistance: 50, epoch: epoch, alignsEpoch: true)
///     switch timeline.place(time, duration: 3600, arrival: now) { case .pictures(let numbers): … }
///
/// Picture *n* is presented *n* picture lengths after 1970, whoever encodes it and whenever they began to. Encoding begins
/// with a key frame's number. A picture that comes where one is already is left out; where none comes for a while, the one
/// before is shown again.
package struct LadderTimeline: Sendable {
  /// What becomes of a picture of the source.
  package enum Placing: Hashable, Sendable {
    case left
    /// It stands at the last of these; the one before stands at those before.
    case pictures(ClosedRange<Int64>)
  }

  private let grid: FrameGrid
  private let keyDistance: Int64
  /// When the first picture is presented, nanoseconds since 1970; `nil`: when it comes in.
  private let epoch: Int64?
  private let alignsEpoch: Bool
  private var timeline: LiveTimeline?
  private var isRestarting = true
  private var isSeamless = true
  /// The number that comes next; `nil` where encoding is to begin.
  private var next: Int64?
  /// The number behind the last picture that was placed, whatever became of it.
  private var reached: Int64?
  /// No picture has a number before this; a key frame's.
  private var start: Int64?
  private var lastArrival: Int64?
  /// What times of the pictures count.
  private var clock: Timescale?

  /// The pictures' among the numbers of tracks, which are not negative.
  private static let track = -1
  /// Seconds that pictures may stay away, and be filled up with the one before, while nothing tells what time it is.
  private static let longestHole: Double = 2
  /// How far pictures may be behind the sound, seconds and pictures, before the last one is shown again.
  private static let patience: (seconds: Double, pictures: Int64) = (1.5, 12)

  /// - Parameters:
  ///   - keyDistance: pictures from one key frame to the next.
  ///   - epoch: when the first picture is presented, nanoseconds since 1970; `nil`: when it comes in.
  ///   - alignsEpoch: it may be a little later, so that it is a key frame's place.
  package init(grid: FrameGrid, keyDistance: Int64, epoch: Int64?, alignsEpoch: Bool) {
    self.grid = grid
    self.keyDistance = keyDistance
    self.epoch = epoch
    self.alignsEpoch = alignsEpoch
  }

  /// Times have nothing to do with those before.
  /// - Parameter isSeamless: what follows continues what was before.
  package mutating func restart(isSeamless: Bool) {
    isRestarting = true
    self.isSeamless = isSeamless
  }

  /// Encoding begins, or begins anew, at the next key frame's place.
  package mutating func begin() {
    next = nil
    start = nil
  }

  /// Sound can be placed: pictures have told where.
  package var isPlacing: Bool { !isRestarting }

  /// Places a picture.
  /// - Parameters:
  ///   - duration: in ticks of the time; 0 if nobody says.
  ///   - arrival: nanoseconds since 1970; `nil` of a file.
  package mutating func place(_ time: MediaTime, duration: Int64, arrival: Int64?) -> Placing {
    if isRestarting { anchor(time, arrival) }
    lastArrival = arrival ?? lastArrival
    clock = time.timescale
    let sample = LiveSample(
      track: Self.track, decodeTime: time.value, presentationTime: time.value,
      duration: duration, randomAccess: .closed, arrival: arrival, payload: ByteBuffer())
    let clock = LiveClock(
      source: time.timescale, timescale: grid.timescale, frame: grid.frameDuration, grid: grid)
    guard let placed = timeline?.place(sample, clock) else { return .left }
    return take(placed.presentationTime / grid.frameDuration)
  }

  private mutating func take(_ number: Int64) -> Placing {
    reached = max(reached ?? .min, number + 1)
    if let next {
      if number < next { return .left }
      if number - next < count(Self.longestHole) {
        self.next = number + 1
        return .pictures(next...number)
      }
      // Nothing was there for long: encoding goes on where all rungs have a key frame.
      begin()
    }
    let first = start ?? (number + keyDistance - 1) / keyDistance * keyDistance
    start = first
    guard number >= first else { return .left }
    next = number + 1
    // A key frame's place is the first, also where no picture is just there.
    return .pictures(number - first < count(Self.longestHole) ? first...number : number...number)
  }

  private func count(_ seconds: Double) -> Int64 {
    max(2, Int64((seconds * grid.rate.value).rounded(.up)))
  }

  /// Places a sample of sound: its times are since 1970 then, ticks of its track.
  /// - Returns: `nil` before the first picture.
  package mutating func place(_ sample: LiveSample, _ timescale: Timescale) -> LiveSample? {
    guard !isRestarting else { return nil }
    let clock = LiveClock(
      source: timescale, timescale: timescale, frame: max(1, sample.duration), grid: nil)
    guard let placed = timeline?.place(sample, clock) else { return nil }
    var moved = sample
    moved.decodeTime = placed.decodeTime
    moved.presentationTime = placed.presentationTime
    return moved
  }

  /// Places a message about splice points: its times are since 1970 then.
  /// - Returns: `nil` before the first picture, and for a message of another clock.
  package func place(_ splice: Splice) -> Splice? {
    guard !isRestarting, let clock else { return nil }
    return timeline?.place(splice, beside: Self.track, clock)
  }

  /// Numbers at which the last picture is to be shown again, since sound has gone on without pictures.
  /// - Parameter time: of the sound, since 1970.
  package mutating func hold(until time: MediaTime) -> ClosedRange<Int64>? {
    guard let next else { return nil }
    let reached = time.rescaled(to: grid.timescale).value / grid.frameDuration
    let last = reached - max(count(Self.patience.seconds), Self.patience.pictures)
    // More at once is a jump, not a pause.
    guard last >= next, last - next < count(2 * Self.longestHole) else { return nil }
    self.next = last + 1
    return next...last
  }

  /// Finds the number of the first picture of a run of the source.
  private mutating func anchor(_ time: MediaTime, _ arrival: Int64?) {
    isRestarting = false
    var number: Int64
    if let reached = [next, reached].compactMap({ $0 }).max() {
      number = reached
      if !isSeamless, let arrival, let lastArrival {
        number += max(0, self.number(arrival - lastArrival))
      }
    } else {
      number = self.number(epoch ?? arrival ?? 0)
      if alignsEpoch { number = (number + keyDistance - 1) / keyDistance * keyDistance }
    }
    let place = MediaTime(number * grid.frameDuration, grid.timescale)
    if timeline == nil {
      timeline = LiveTimeline(source: time, epoch: place)
    } else {
      timeline?.restart(source: time, epoch: place)
    }
  }

  /// Pictures in so many nanoseconds.
  private func number(_ nanoseconds: Int64) -> Int64 {
    rescale(nanoseconds, from: LiveTime.nanoseconds, to: grid.timescale) / grid.frameDuration
  }

  /// When a picture is presented, nanoseconds since 1970.
  package func time(of number: Int64) -> Int64 {
    rescale(number * grid.frameDuration, from: grid.timescale, to: LiveTime.nanoseconds)
  }
}
