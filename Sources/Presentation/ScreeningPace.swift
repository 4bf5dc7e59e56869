import HLS
package import MediaCore

/// How far viewers of a screening are behind what is published. All of it hangs on the target duration,
/// which never changes. Times in milliseconds.
package struct ScreeningPace: Hashable, Sendable {
  /// Seconds.
  package let targetDuration: Int

  package init(targetDuration: Int) { self.targetDuration = targetDuration }

  private var target: Int64 { 1000 * Int64(targetDuration) }

  /// How far from the end of a playlist players keep: HOLD-BACK.
  package var holdBack: Int64 { 3 * target }

  /// What is there at once when a screening begins: enough for every player to begin with.
  package var lead: Int64 { max(6000, holdBack) }

  /// From the moment at which a player at hold-back shows something to that at which whatever is
  /// published can be something else: its hold-back, one reload that it waits for, and half a second on
  /// the way.
  package var lag: Int64 { holdBack + target + 500 }

  /// For how long an MPD of which nothing follows stays live: "keep ≥ 2 updates, then flip to static".
  package var lastUpdates: Int64 { 3 * target }

  /// How far back a playlist reaches.
  package static let window = MediaTime(600, Timescale(literal: 1))
}

/// Where a screening lies in the time of clocks.
package struct ScreeningClock: Hashable, Sendable {
  package let pace: ScreeningPace
  /// The moment of the path's beginning, in milliseconds since 1970: what lies at `t` on the path is
  /// published `t` after it, and seen by a player at hold-back when it is that far behind.
  package let origin: Int64

  /// - Parameter start: when a player at hold-back sees the beginning, in milliseconds since 1970.
  package init(pace: ScreeningPace, start: Int64) {
    self.pace = pace
    origin = start - pace.lead
  }

  /// - Parameter time: of the path, in milliseconds.
  package func date(_ time: Int64) -> UTCTime { UTCTime(millisecondsSince1970: origin + time) }

  /// How far the path is published at a moment.
  package func edge(at now: Int64) -> Int64 { now - origin }

  /// The window of a choice, on the path: as it was written, but early enough that viewers know what
  /// comes of it before the scene is over.
  ///
  /// - Parameters:
  ///   - at: of the window's start on the path, and `length` its length.
  ///   - end: of the scene.
  func window(at: Int64, length: Int64, sceneEnd end: Int64) -> (start: Int64, lock: Int64) {
    let lock = min(at + length, end - pace.lag)
    return (min(at, lock - length), lock)
  }
}
