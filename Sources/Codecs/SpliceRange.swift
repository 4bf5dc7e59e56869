package import MediaCore
import NIOCore

/// A splice point on the timeline of a title.
package struct SplicePoint: Hashable, Sendable {
  package var time: MediaTime
  /// The whole section, unchanged: its own times are of the source's clock.
  package var section: [UInt8]

  package init(time: MediaTime, section: [UInt8]) {
    self.time = time
    self.section = section
  }
}

/// A stretch that splice points mark: from out to in, or a point with a meaning of its own.
///
///     for range in SpliceRange.ranges(of: title.splices) { … }
///
/// HLS date ranges and DASH events are both made of it.
package struct SpliceRange: Hashable, Sendable {
  package enum Kind: Hashable, Sendable {
    /// A break: other content may stand in.
    case outToIn
    /// Anything else that a section says.
    case command
  }

  package var kind: Kind
  /// splice_event_id or segmentation_event_id.
  package var eventID: UInt32
  /// Unique in the title, the same on every run.
  package var id: String
  package var start: MediaTime
  /// Where the break ended; `nil` if nothing says it.
  package var end: MediaTime?
  /// How long it was meant to last.
  package var plannedDuration: MediaTime?
  /// The section that starts it.
  package var first: [UInt8]
  /// The section that ends it.
  package var last: [UInt8]?

  /// Pairs points, which are in order of time. A point that ends what never started is a command.
  package static func ranges(of points: [SplicePoint]) -> [SpliceRange] {
    var ranges: [SpliceRange] = []
    var open: [SpliceMark.Key: Int] = [:]
    var used: [String: Int] = [:]
    for point in points {
      guard let section = try? SpliceInfoSection(parsing: ByteBuffer(bytes: point.section)) else {
        continue
      }
      for mark in SpliceMark.marks(of: section) {
        if mark.role == .ends, let index = open.removeValue(forKey: mark.key) {
          ranges[index].end = point.time
          ranges[index].last = point.section
          continue
        }
        let plain = "splice-\(mark.key.eventID)"
        let count = used[plain, default: 0] + 1
        used[plain] = count
        var range = SpliceRange(
          kind: mark.role == .starts ? .outToIn : .command, eventID: mark.key.eventID,
          id: count == 1 ? plain : "\(plain)-\(count)", start: point.time, end: nil,
          plannedDuration: mark.duration.map { MediaTime(Int64(clamping: $0), clock) },
          first: point.section, last: nil)
        if mark.role == .starts {
          // What returns by itself may be brought back earlier.
          if mark.returnsByItself, let planned = range.plannedDuration {
            range.end = sum(range.start, planned)
          }
          open[mark.key] = ranges.count
        }
        ranges.append(range)
      }
    }
    return ranges
  }

  static let clock = Timescale(literal: 90_000)

  private static func sum(_ time: MediaTime, _ duration: MediaTime) -> MediaTime {
    let ticks = duration.rescaled(to: time.timescale).value
    let (sum, overflow) = time.value.addingReportingOverflow(ticks)
    return MediaTime(overflow ? .max : sum, time.timescale)
  }
}

extension SpliceRange {
  /// How long it lasts, or was meant to.
  package var length: MediaTime? {
    guard let end else { return plannedDuration }
    let ticks = end.rescaled(to: Self.clock).value - start.rescaled(to: Self.clock).value
    return MediaTime(max(0, ticks), Self.clock)
  }
}

extension SpliceInfoSection {
  /// It marks a moment: no heartbeat, no cancellation, no schedule.
  package var isEvent: Bool {
    switch command {
    case .insert(let insert): !insert.isCancelled
    case .timeSignal: segmentations.isEmpty || segmentations.contains { !$0.isCancelled }
    case .null, .other: false
    }
  }

  package var eventIDs: Set<UInt32> {
    if case .insert(let insert) = command { return [insert.eventID] }
    return Set(segmentations.map(\.eventID))
  }

  package var cancelledEventIDs: Set<UInt32> {
    if case .insert(let insert) = command { return insert.isCancelled ? [insert.eventID] : [] }
    return Set(segmentations.filter(\.isCancelled).map(\.eventID))
  }

  /// The same but for its times: what repetitions have in common.
  package var withoutTime: SpliceInfoSection {
    var plain = self
    plain.ptsAdjustment = 0
    switch command {
    case .insert(var insert):
      insert.ptsTime = nil
      plain.command = .insert(insert)
    case .timeSignal: plain.command = .timeSignal(ptsTime: nil)
    case .null, .other: break
    }
    return plain
  }
}
