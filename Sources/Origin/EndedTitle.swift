package import Library
import MediaCore
import Packaging

/// What becomes of a live title that was published to, once it has ended.
package enum PublishedKeeping: Sendable {
  /// A title of the library in its place.
  /// - Parameter record: makes it of what was kept, and blocks; it is told when it is to give up.
  case vod(
    record: @Sendable (LiveStore, _ isCancelled: @escaping @Sendable () -> Bool) throws -> Void)
  /// What who publishes again goes on with.
  case dvr
  case none
}

/// A live title that has ended, until players have let go of it. Times are nanoseconds since 1970.
struct EndedTitle {
  enum Step {
    /// A title at rest is to be made of it.
    case keep
    /// Its documents are those of the title at rest.
    case rest
    /// Nobody may follow it any more.
    case remove
  }

  private enum Phase { case unkept, keeping, kept, resting }

  private var phase: Phase
  /// When its playlists may no longer be in a cache, and when nobody follows them.
  private let rest: Int64
  private let end: Int64

  /// - Parameter isKept: nothing is to be made of it.
  init(_ description: LiveTitleDescription, now: Int64, isKept: Bool) {
    phase = isKept ? .resting : .unkept
    let target = Int64(description.targetDuration) * 1_000_000_000
    // As long as caches may keep an answer (draft-pantos-hls-rfc8216bis Appendix B.1).
    rest = now + 6 * target
    // "… equal to the duration of the segment plus the duration of the longest Playlist" (§6.2.2).
    let window = description.window.rescaled(to: LiveTime.nanoseconds).value
    end = rest + max(window, 3 * target) + target
  }

  /// Nothing may be added to what was kept.
  var isBeingKept: Bool { phase == .unkept || phase == .keeping }

  /// - Returns: what is to be done; each once.
  mutating func step(now: Int64) -> Step? {
    switch phase {
    case .unkept:
      phase = .keeping
      return .keep
    case .keeping: return nil
    case .kept where now >= rest:
      phase = .resting
      return .rest
    case .resting where now >= end: return .remove
    case .kept, .resting: return nil
    }
  }

  mutating func isNowKept() { phase = .kept }
}
