import Codecs
package import MediaCore
import NIOCore

/// Splice messages of a live title.
package enum LiveMessage {
  private static let clock = Timescale(literal: 90_000)

  /// - Parameters:
  ///   - time: since 1970; `nil`: when it comes.
  ///   - heard: when it comes, since 1970.
  package static func insert(
    _ id: UInt32, isOut: Bool = true, at time: MediaTime?, lasting: MediaTime? = nil,
    heard: MediaTime
  ) -> Splice {
    let ticks = time.map { UInt64($0.rescaled(to: clock).value) % SpliceInfoSection.clockModulus }
    let section = SpliceInfoSection(
      command: .insert(
        SpliceInsert(
          eventID: id, isOut: isOut, ptsTime: ticks,
          breakDuration: lasting.map { UInt64($0.rescaled(to: clock).value) })))
    return Splice(time: heard, section: section.bytes)
  }
}
