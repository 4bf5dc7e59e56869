import CMAF
import ISOBMFF
package import MediaCore
import NIOCore

/// Gathers the samples of a live track to its next chunk.
///
/// Decode times have no holes and no overlaps: each sample begins where the one before ends, and composition offsets
/// say when it is presented.
struct ChunkBuilder {
  private let timescale: Timescale
  var header: LiveHeader
  /// Every sample needs those before it that the header's `roll` group counts.
  var isRolling: Bool
  /// Decode time of the next sample since 1970, ticks.
  private(set) var clock: Int64 = 0
  /// Number of the segment to which the next chunk belongs.
  private(set) var segment: Int64 = 0
  private(set) var part = 0
  private var startsDiscontinuity = false
  private var durations: [UInt32] = []
  private var compositionOffsets: [Int32] = []
  private var sizes: [UInt32] = []
  private var flags: [UInt32] = []
  private var isIndependent = false
  private var payload = ByteBuffer()
  /// Ticks that are gathered.
  private(set) var duration: Int64 = 0

  init(_ format: LiveFormat) {
    timescale = format.timescale
    header = format.header
    isRolling = format.isRolling
  }

  init(timescale: Timescale, header: LiveHeader) {
    self.timescale = timescale
    self.header = header
    isRolling = false
  }

  var isEmpty: Bool { sizes.isEmpty }
  var count: Int { sizes.count }
  var byteCount: Int { payload.readableBytes }

  /// The next sample begins a segment.
  /// - Precondition: nothing is gathered.
  mutating func begin(segment: Int64, at time: Int64, startsDiscontinuity: Bool) {
    precondition(isEmpty, "segment \(segment) begins amid a chunk")
    self.segment = segment
    part = 0
    clock = time
    self.startsDiscontinuity = startsDiscontinuity
  }

  /// - Parameters:
  ///   - presented: presentation time, ticks since 1970.
  ///   - flags: `sample_flags`; `nil` of sound.
  mutating func append(
    _ sample: ByteBuffer, presented: Int64, duration: Int64, isSync: Bool, flags: UInt32?
  ) {
    if isEmpty { isIndependent = isSync }
    durations.append(UInt32(clamping: duration))
    compositionOffsets.append(Int32(clamping: presented - clock))
    sizes.append(UInt32(clamping: sample.readableBytes))
    if let flags { self.flags.append(flags) }
    payload.writeImmutableBuffer(sample)
    clock += duration
    self.duration += duration
  }

  /// - Returns: the chunk of what was gathered; `nil` if that is nothing.
  mutating func finish(endsSegment: Bool) -> LiveChunk? {
    guard !isEmpty else { return nil }
    let time = clock - duration
    let fragment = Fragment(
      sequenceNumber: sequenceNumber, baseMediaDecodeTime: UInt64(max(0, time)),
      durations: durations, compositionOffsets: compositionOffsets, sizes: sizes[...],
      flags: flags, isRolling: isRolling)
    let wallClock = nanoseconds(time)
    var bytes = ByteBuffer()
    bytes.reserveCapacity(payload.readableBytes + fragment.shape.moofByteCount + 64)
    ProducerReferenceTimeBox(
      trackID: CMAFHeader.trackID, wallClock: wallClock, mediaTime: UInt64(max(0, time))
    ).write(into: &bytes)
    fragment.writeHeaders(into: &bytes)
    bytes.writeImmutableBuffer(payload)
    defer {
      part += 1
      startsDiscontinuity = false
      clear()
    }
    return LiveChunk(
      header: header, segment: segment, part: part, time: time, duration: duration,
      isIndependent: isIndependent, endsSegment: endsSegment,
      startsDiscontinuity: startsDiscontinuity, producedAt: wallClock, bytes: bytes)
  }

  /// Chunks in which nothing is, to the end of their segment; no longer than `longest`.
  /// - Precondition: nothing is gathered, and `end` is not before the clock.
  mutating func gap(until end: Int64, longest: Int64) -> [LiveChunk] {
    precondition(isEmpty && end >= clock, "a gap from \(clock) to \(end)")
    let (start, total) = (clock, end - clock)
    let count = max(1, (total + longest - 1) / longest)
    return (1...count).map { number in
      let time = clock
      clock = start + total * number / count
      defer {
        startsDiscontinuity = false
        part += 1
      }
      return LiveChunk(
        header: header, segment: segment, part: part, time: time, duration: clock - time,
        isIndependent: false, endsSegment: number == count,
        startsDiscontinuity: startsDiscontinuity, isGap: true, producedAt: nanoseconds(time),
        bytes: ByteBuffer())
    }
  }

  private mutating func clear() {
    durations.removeAll(keepingCapacity: true)
    compositionOffsets.removeAll(keepingCapacity: true)
    sizes.removeAll(keepingCapacity: true)
    flags.removeAll(keepingCapacity: true)
    payload.clear()
    duration = 0
  }

  /// Rises with each chunk, and starts over after 2²² segments.
  private var sequenceNumber: UInt32 {
    UInt32(truncatingIfNeeded: segment) << 10 | UInt32(min(part, 1022) + 1)
  }

  private func nanoseconds(_ time: Int64) -> Int64 {
    rescale(time, from: timescale, to: LiveTime.nanoseconds)
  }
}

/// Wall-clock time: nanoseconds since 1970.
package enum LiveTime {
  package static let nanoseconds = Timescale(literal: 1_000_000_000)
}
