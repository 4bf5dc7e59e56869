import MediaCore
import Text

/// The title's cuts as subtitles see them: in milliseconds, and in the ticks of their tracks.
struct TextTimeline: Sendable {
  /// A multiple of the picture's, so that segments start exactly where the picture's do, and no
  /// coarser than a millisecond, the grain of subtitles.
  let timescale: Timescale
  /// Ticks of each segment's start, and of the end.
  let bounds: [Int64]
  /// The same, rounded to milliseconds.
  let milliseconds: [Int64]

  /// Ticks in a second that are made of the picture's to hit whole milliseconds, at most.
  private static let maximumTicksPerSecond: UInt64 = 1_000_000
  static let perMillisecond = Timescale(literal: 1000)

  /// - Parameters:
  ///   - cuts: starts of the segments, at least one; the first is 0.
  ///   - end: of the title.
  init(cuts: [MediaTime], end: MediaTime) {
    let timescale = Self.timescale(cuts[0].timescale.ticksPerSecond)
    var bounds = (cuts + [end]).map { $0.rescaled(to: timescale).value }
    // The last segment is never empty.
    bounds[cuts.count] = max(bounds[cuts.count], bounds[cuts.count - 1] + 1)
    self.timescale = timescale
    self.bounds = bounds
    milliseconds = bounds.map { rescale($0, from: timescale, to: Self.perMillisecond) }
  }

  /// - Parameter base: ticks in a second of the picture.
  static func timescale(_ base: UInt32) -> Timescale {
    var (a, b) = (UInt64(base), UInt64(1000))
    while b != 0 { (a, b) = (b, a % b) }
    let common = UInt64(base) / a * 1000
    let ticks =
      common <= maximumTicksPerSecond
      ? common : UInt64(base) * ((1000 + UInt64(base) - 1) / UInt64(base))
    return UInt32(exactly: ticks).flatMap { Timescale($0) } ?? Timescale(literal: base)
  }

  var segmentCount: Int { bounds.count - 1 }
  /// Milliseconds.
  var end: Int64 { milliseconds[segmentCount] }

  /// Ticks of a moment in a segment: exactly the segment's bounds at its ends.
  func ticks(_ time: Int64, in segment: Int) -> Int64 {
    if time <= milliseconds[segment] { return bounds[segment] }
    if time >= milliseconds[segment + 1] { return bounds[segment + 1] }
    return rescale(time, from: Self.perMillisecond, to: timescale)
  }

  /// Moves the cues by `offset` milliseconds and cuts them to the title.
  func fitted(_ list: CueList, offset: Int64, place: String) -> CueList {
    // What a cue says of time inside its text moves with it.
    var fitted = list.shifted(by: offset)
    fitted.cues = fitted.cues.compactMap { cue in
      var cue = cue
      cue.start = max(0, cue.start)
      cue.end = min(end, cue.end)
      return cue.end > cue.start ? cue : nil
    }
    let left = list.cues.count - fitted.cues.count
    if left > 0 {
      fitted.notes.append(
        "\(left) of \(list.cues.count) cues lie outside the title's "
          + "\(Double(end) / 1000) s and are left out")
    }
    return fitted
  }
}
