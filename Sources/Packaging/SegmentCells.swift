package import MediaCore

/// The grid of segments: cell `n` begins `n` segment durations after 1970, and the segment of that number at the
/// first place in it where a track can be cut.
///
/// So a segment's number tells when it is, whoever made it, and whenever they began to.
package struct SegmentCells: Hashable, Sendable {
  package let duration: MediaTime
  /// Where key frames come at equal distances all cells are shifted to them, ticks of `duration`.
  private(set) var phase: Int64 = 0

  /// - Precondition: a positive duration.
  package init(duration: MediaTime) {
    precondition(duration.value > 0, "cells of \(duration)")
    self.duration = duration
  }

  /// The duration that cells have for groups of pictures of one length: the multiple nearest to what is wanted.
  package init(wanted: MediaTime, period: MediaTime) {
    let target = wanted.rescaled(to: period.timescale).value
    let count = max(1, (target + period.value / 2) / period.value)
    self.init(duration: MediaTime(period.value * count, period.timescale))
  }

  /// The cell that holds a moment. A tick before a cell is as good as in it where `tolerance` says so.
  func number(at time: Int64, _ timescale: Timescale, tolerance: Int64 = 0) -> Int64 {
    let (ticks, later) = (duration.value, time + tolerance)
    var number = (rescale(later, from: timescale, to: duration.timescale) - phase) / ticks
    // One rounding, in the track's own ticks, decides.
    while start(of: number + 1, timescale) <= later { number += 1 }
    while number > 0, start(of: number, timescale) > later { number -= 1 }
    return number
  }

  /// When a cell begins, ticks since 1970.
  func start(of number: Int64, _ timescale: Timescale) -> Int64 {
    rescale(number * duration.value + phase, from: duration.timescale, to: timescale)
  }

  func length(_ timescale: Timescale) -> Int64 {
    max(1, rescale(duration.value, from: duration.timescale, to: timescale))
  }

  /// Shifts the cells to key frames that come every `period`, of which one is at `time`: by at most half a
  /// period, and always to the same place for the same key frames. All in ticks of `duration`.
  mutating func align(to time: Int64, period: Int64) {
    let half = period / 2
    phase = (time + half) % period - half
  }

  /// Seconds that no segment exceeds, rounded to the nearest (draft-pantos-hls-rfc8216bis §4.4.3.1).
  package var targetDuration: Int {
    let ticks = Int64(duration.timescale.ticksPerSecond)
    // A few hundredths over, as 2.002 s, are no reason for a second more.
    return max(1, Int((duration.value + ticks - 1 - ticks / 20) / ticks))
  }

  /// How long after a cell's begin a track is cut, at the latest, where nothing in it is a good place: half a
  /// cell, or as much as the target duration allows.
  func slack(_ timescale: Timescale, frame: Int64) -> Int64 {
    let length = length(timescale)
    let ticks = Int64(timescale.ticksPerSecond)
    let longest = Int64(targetDuration) * ticks + ticks / 2 - 2 * frame
    return min(length / 2, max(0, longest - length))
  }
}
