import CMAF
import ISOBMFF
import MediaCore
import NIOCore

/// Every byte position of a track file, known before the first payload is read: the `sidx` is
/// written once, segments may be filled in any order, and the same plan gives the same bytes.
struct TrackLayout: Sendable {
  struct Segment: Sendable {
    /// Samples of the plan.
    var samples: Range<Int>
    var offset: Int64
    /// `emsg` boxes in front of the `moof`.
    var prefix: ByteBuffer
    var payloadOffset: Int64
    var byteCount: Int64
  }

  let plan: PlannedTrack
  let header: ByteBuffer
  let sidx: ByteBuffer
  let segments: [Segment]
  let isVideo: Bool

  /// - Parameters:
  ///   - starts: index of each segment's first sample; the first is 0.
  ///   - events: that the segments carry, in order of time.
  ///   - name: for messages.
  init(
    _ plan: PlannedTrack, header: CMAFHeader, starts: [Int], isVideo: Bool,
    events: [EventMessage] = [], name: String
  ) throws {
    var events = events[...]
    self.plan = plan
    self.header = header.bytes
    self.isVideo = isVideo
    guard starts.count <= SegmentIndexBox.maximumReferenceCount else {
      throw PackagingError(
        .limit,
        "\(name) would have \(starts.count) segments; a 'sidx' lists at most "
          + "\(SegmentIndexBox.maximumReferenceCount): make them longer with --segment")
    }
    var at =
      Int64(self.header.readableBytes) + Int64(SegmentIndexBox.byteCount(references: starts.count))
    var segments: [Segment] = []
    segments.reserveCapacity(starts.count)
    var references: [SegmentIndexBox.Reference] = []
    references.reserveCapacity(starts.count)
    let ends = starts.dropFirst() + [plan.count]
    for (start, end) in zip(starts, ends) {
      let timing = SegmentTiming(plan, start..<end)
      let shape = Self.fragment(
        plan, start..<end, timing, number: 1, flags: Self.flags(isVideo, end - start)
      ).shape
      let isLast = end == plan.count
      let prefix = Self.prefix(
        &events, until: isLast ? .max : timing.end - plan.mediaStart, timescale: plan.timescale)
      let byteCount = shape.byteCount + Int64(prefix.readableBytes)
      guard byteCount <= SegmentIndexBox.maximumReferenceByteCount else {
        throw PackagingError(
          .limit,
          "a segment of \(name) would have \(byteCount) bytes; a 'sidx' allows "
            + "\(SegmentIndexBox.maximumReferenceByteCount): make segments shorter with --segment")
      }
      segments.append(
        Segment(
          samples: start..<end, offset: at, prefix: prefix,
          payloadOffset: at + byteCount - shape.payloadByteCount, byteCount: byteCount))
      references.append(try Self.reference(plan, timing, start, byteCount, name: name))
      at += byteCount
    }
    self.segments = segments
    var sidx = ByteBuffer()
    SegmentIndexBox(
      referenceID: CMAFHeader.trackID, timescale: plan.timescale,
      earliestPresentationTime: UInt64(max(0, (plan.times.first ?? 0) - plan.mediaStart)),
      references: references
    ).write(into: &sidx)
    self.sidx = sidx
  }

  /// Events are in the segment in which they happen: whoever plays that moment has loaded it, from
  /// wherever they came.
  private static func prefix(
    _ events: inout ArraySlice<EventMessage>, until end: Int64, timescale: Timescale
  ) -> ByteBuffer {
    var bytes = ByteBuffer()
    while let event = events.first, event.time < end {
      events.removeFirst()
      EventMessageBox(
        schemeIdUri: EventTimeline.spliceScheme, value: "",
        timescale: timescale.ticksPerSecond, presentationTime: UInt64(max(0, event.time)),
        duration: event.duration ?? EventMessageBox.unknownDuration, id: event.id,
        message: event.message
      ).write(into: &bytes)
    }
    return bytes
  }

  private static func flags(_ isVideo: Bool, _ count: Int) -> [UInt32] {
    isVideo ? [UInt32](repeating: 0, count: count) : []
  }

  private static func reference(
    _ plan: PlannedTrack, _ timing: SegmentTiming, _ start: Int, _ byteCount: Int64, name: String
  ) throws -> SegmentIndexBox.Reference {
    // What the edit list cuts off is not presented.
    let from = max(0, timing.start - plan.mediaStart)
    guard let duration = UInt32(exactly: timing.end - plan.mediaStart - from) else {
      throw PackagingError(
        .limit,
        "a segment of \(name) would last "
          + "\(MediaTime(timing.end - timing.start, plan.timescale).seconds) s, more than a 'sidx' "
          + "can say")
    }
    let delta = UInt32(clamping: plan.times[start] - timing.start)
    let access = plan.randomAccess.isEmpty ? 1 : plan.randomAccess[start]
    let type: UInt8 = access == RandomAccess.closed.rawValue ? (delta == 0 ? 1 : 2) : 3
    // Type 2 is presented from the earliest time on; only type 3 has a later one (Annex I).
    return SegmentIndexBox.Reference(
      byteCount: UInt32(byteCount), duration: duration, startsWithSAP: true, sapType: type,
      sapDeltaTime: type == 3 ? delta : 0)
  }

  static func fragment(
    _ plan: PlannedTrack, _ samples: Range<Int>, _ timing: SegmentTiming, number: Int,
    flags: [UInt32]
  ) -> Fragment {
    Fragment(
      sequenceNumber: UInt32(number), baseMediaDecodeTime: UInt64(max(0, timing.start)),
      durations: timing.durations, compositionOffsets: timing.compositionOffsets,
      sizes: plan.sizes[samples], flags: flags, isRolling: plan.isRolling)
  }

  var byteCount: Int64 { segments.last.map { $0.offset + $0.byteCount } ?? 0 }
}

/// Decode times of one segment: its presentation times in order.
struct SegmentTiming: Sendable {
  let start: Int64
  /// Start of the next segment, or the end of the track.
  let end: Int64
  let durations: [UInt32]
  let compositionOffsets: [Int32]

  init(_ plan: PlannedTrack, _ samples: Range<Int>) {
    let sorted = plan.times[samples].sorted()
    start = sorted.first ?? 0
    // All samples behind are presented later, so that the next segment starts at its earliest.
    end =
      samples.upperBound < plan.count
      ? Self.earliest(plan, from: samples.upperBound) : plan.end
    var durations: [UInt32] = []
    durations.reserveCapacity(sorted.count)
    for index in sorted.indices {
      let next = index + 1 < sorted.count ? sorted[index + 1] : end
      durations.append(UInt32(clamping: next - sorted[index]))
    }
    self.durations = durations
    compositionOffsets = zip(samples, sorted).map { Int32(clamping: plan.times[$0] - $1) }
  }

  /// The earliest time from a cut on: at its key frame, or at a leading picture right behind.
  private static func earliest(_ plan: PlannedTrack, from start: Int) -> Int64 {
    var earliest = plan.times[start]
    guard !plan.randomAccess.isEmpty else { return earliest }
    var index = start + 1
    while index < plan.count, plan.randomAccess[index] == 0 {
      earliest = min(earliest, plan.times[index])
      // Leading pictures lie before the next picture that is later than the key frame's followers;
      // no stream reorders more than sixteen.
      if index - start > 32 { break }
      index += 1
    }
    return earliest
  }
}
