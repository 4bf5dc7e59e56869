import MP4
import MediaCore
import Packaging

/// Says when the times of a publisher are, since 1970: as they stand, where they are near the present
/// (DASH-IF Live Media Ingest §6.1); by `prft`; or by when they came in.
struct SourceClock: Sendable {
  private enum Basis: Sendable {
    case epoch
    case reference
    case arrival
  }

  private var basis: Basis?
  /// Nanoseconds, whole milliseconds: most timescales have a whole number of ticks for it.
  private(set) var offset: Int64 = 0

  var isSinceEpoch: Bool { if case .epoch? = basis { true } else { false } }

  /// Looks at a fragment of a source that is new.
  /// - Parameters:
  ///   - timescale: of its track.
  ///   - now: nanoseconds since 1970.
  mutating func learn(_ fragment: StreamFragment, _ timescale: Timescale, now: Int64) {
    let end = Self.nanoseconds(fragment.end, timescale)
    switch basis {
    case nil:
      if Self.isEpoch(end, now: now) {
        basis = .epoch
      } else if let reference = fragment.reference, Self.isEpoch(reference.wallClock, now: now) {
        basis = .reference
        offset = Self.whole(
          reference.wallClock - Self.nanoseconds(reference.mediaTime, timescale))
      } else {
        basis = .arrival
        offset = Self.whole(now - end)
      }
    // What came fastest tells best when it was made.
    case .arrival?: offset = min(offset, Self.whole(now - end))
    case .epoch?, .reference?: break
    }
  }

  /// Whether a moment, with the offset, is near enough to the present to be of this run of the source.
  func fits(_ time: MediaTime, now: Int64) -> Bool {
    let nanoseconds = Self.nanoseconds(time.value, time.timescale)
    if isSinceEpoch { return Self.isEpoch(nanoseconds, now: now) }
    return abs(nanoseconds - now) <= IngestLimits.drift
  }

  /// The offset in ticks.
  func offset(_ timescale: Timescale) -> Int64 {
    rescale(offset, from: LiveTime.nanoseconds, to: timescale)
  }

  private static func isEpoch(_ time: Int64, now: Int64) -> Bool {
    time >= now - IngestLimits.epochPast && time <= now + IngestLimits.epochFuture
  }

  /// Saturated far from the ends of 64 bits, so that sums are never checked again.
  private static func nanoseconds(_ ticks: Int64, _ timescale: Timescale) -> Int64 {
    let time = rescale(ticks, from: timescale, to: LiveTime.nanoseconds)
    return max(-(1 << 62), min(time, 1 << 62))
  }

  private static func whole(_ nanoseconds: Int64) -> Int64 {
    nanoseconds / 1_000_000 * 1_000_000
  }
}
