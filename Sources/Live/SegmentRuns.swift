import DASH
import NIOCore

/// When the segments of a live track begin and how long they last, in runs of equal ones: what `SegmentTimeline` says.
/// Runs begin and end where they do whatever part of them is listed, so that versions of a timeline share theirs.
struct SegmentRuns: Sendable {
  private struct Run {
    /// The number of the first segment, and how many there are.
    var number: Int64
    var count: Int64
    /// Ticks of the track.
    var start: Int64
    var duration: Int64

    var end: Int64 { start + count * duration }
    var endNumber: Int64 { number + count }
  }

  private var runs = CircularBuffer<Run>()

  mutating func append(_ segment: LiveSegment) {
    if let last = runs.last, last.endNumber == segment.number, last.end == segment.start,
      last.duration == segment.duration
    {
      runs[runs.index(before: runs.endIndex)].count += 1
    } else {
      runs.append(
        Run(number: segment.number, count: 1, start: segment.start, duration: segment.duration))
    }
  }

  /// Forgets segments before a number, as far as nothing else is in their run.
  mutating func removeAll(before number: Int64) {
    while let first = runs.first, first.endNumber <= number { runs.removeFirst() }
  }

  mutating func removeAll() { runs.removeAll() }

  /// - Returns: the number of the first segment in a range, and when it and the others begin; `nil` if there is none.
  func timeline(
    of numbers: ClosedRange<Int64>
  ) -> (first: Int64, timeline: SegmentTimeline)? {
    var first: Int64?
    var listed: [SegmentTimeline.Run] = []
    for run in runs where run.endNumber > numbers.lowerBound && run.number <= numbers.upperBound {
      let from = max(run.number, numbers.lowerBound)
      let to = min(run.endNumber - 1, numbers.upperBound)
      first = first ?? from
      listed.append(
        SegmentTimeline.Run(
          start: run.start + (from - run.number) * run.duration, duration: run.duration,
          repeats: Int(to - from)))
    }
    return first.map { ($0, SegmentTimeline(runs: listed)) }
  }
}
