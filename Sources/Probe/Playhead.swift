/// What a player shows: a place on the timeline that moves on while there is media, stands while there
/// is none, and its distance from the place where the media is made.
///
/// Pure: each method is told the moment. Positions are those of `Piece`.
struct Playhead: Sendable {
  enum State: Hashable, Sendable {
    /// Nothing was shown yet, or what there was has been shown.
    case waiting
    case playing
    /// All of it was shown.
    case ended
  }

  /// Shown media, and when its first sample was taken: since 1970.
  private struct Reference {
    var position: Duration
    var taken: Duration
  }

  private(set) var state = State.waiting
  /// `nil` before the first picture.
  private(set) var position: Duration?
  /// Buffer with which it begins to play, and goes on after it stood.
  var startLevel: Duration
  /// Latency from which it plays faster; `nil` for what is not live.
  var target: Duration?
  /// When the first picture was shown.
  private(set) var started: Duration?
  /// When it began to stand, and for how long.
  private(set) var stalls: [(began: Duration, length: Duration)] = []
  private var stalled: Duration?
  /// Where the media that is there ends, of each track; `nil`: none is there.
  private var ends: [Duration?]
  private var firsts: [Duration?]
  private var isComplete = false
  private var moment = Duration.zero
  private var references: [Reference] = []

  /// Of the usual speed, while the latency is above the target: what nobody hears.
  static let catchUpPercent = 105
  /// Above the target, until it plays faster.
  static let tolerance = Duration.milliseconds(150)

  /// Between pieces of media that players do not notice.
  static let hole = Duration.milliseconds(100)

  init(trackCount: Int, startLevel: Duration) {
    ends = Array(repeating: nil, count: trackCount)
    firsts = Array(repeating: nil, count: trackCount)
    self.startLevel = startLevel
  }

  /// Media ahead of the playhead: of the track that has least.
  var buffered: Duration {
    guard let position = position ?? start else { return .zero }
    return max(.zero, (ends.map { $0 ?? position }.min() ?? position) - position)
  }

  private var start: Duration? {
    var start = Duration?.none
    for first in firsts {
      guard let first else { return nil }
      start = max(start ?? first, first)
    }
    return start
  }

  /// Where the media of a track ends.
  func end(of track: Int) -> Duration? { ends[track] }

  /// Takes media that follows what is there of its track. A player that stands goes over a hole.
  /// - Parameter taken: when the first sample was taken, since 1970; of the first track only.
  mutating func append(
    track: Int, position: Duration, duration: Duration, taken: Duration?, at now: Duration
  ) {
    advance(to: now)
    if firsts[track] == nil { firsts[track] = position }
    if state == .waiting, let end = ends[track], position > end + Self.hole,
      let place = self.position
    {
      self.position = max(place, position)
    }
    ends[track] = max(ends[track] ?? position, position + duration)
    if let taken {
      references.append(Reference(position: position, taken: taken))
    }
    resume(now)
  }

  /// Nothing will follow.
  mutating func complete(at now: Duration) {
    advance(to: now)
    isComplete = true
    resume(now)
  }

  private mutating func resume(_ now: Duration) {
    guard state == .waiting, start != nil else { return }
    guard buffered >= startLevel || (isComplete && buffered > .zero) else { return }
    if position == nil {
      position = start
      started = now
    }
    if let stalled { stalls.append((stalled, now - stalled)) }
    stalled = nil
    state = .playing
  }

  /// Since the last picture was shown, until `now`; `zero` while it plays.
  func standing(at now: Duration) -> Duration { stalled.map { now - $0 } ?? .zero }

  mutating func advance(to now: Duration) {
    defer { moment = max(moment, now) }
    guard state == .playing, let place = position, now > moment else { return }
    let percent = isLate(at: moment) ? Self.catchUpPercent : 100
    let step = (now - moment) * percent / 100
    let left = buffered
    guard step >= left else {
      position = place + step
      return
    }
    position = place + left
    if isComplete {
      state = .ended
    } else {
      state = .waiting
      stalled = moment + left * 100 / percent
    }
  }

  private func isLate(at moment: Duration) -> Bool {
    guard let target, let latency = latency(at: moment + wallOffset) else { return false }
    return latency > target + Self.tolerance
  }

  /// What is to be added to moments so that they can be held against `taken`.
  var wallOffset = Duration.zero

  /// How long ago what is shown was taken.
  /// - Parameter wallTime: now, since 1970, by the clock by which `taken` was read.
  func latency(at wallTime: Duration) -> Duration? {
    guard let position, let reference = references.last(where: { $0.position <= position }) else {
      return nil
    }
    return wallTime - (reference.taken + (position - reference.position))
  }

  /// Forgets what was shown.
  mutating func trim() {
    guard let position,
      let shown = references.lastIndex(where: { $0.position <= position }), shown > 0
    else { return }
    references.removeFirst(shown)
  }
}
