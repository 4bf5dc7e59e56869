import DASH
import MediaCore

/// Splice points of a live title as its MPD lists them.
extension LiveDocuments {
  /// One message about a moment.
  package struct SpliceEvent: Hashable, Sendable {
    /// Since 1970, 90 kHz.
    package var time: Int64
    /// Ticks that it was meant to last.
    package var duration: Int64?
    /// Its own.
    package var number: UInt32
    /// The whole splice_info_section.
    package var section: [UInt8]

    package init(time: Int64, duration: Int64?, number: UInt32, section: [UInt8]) {
      self.time = time
      self.duration = duration
      self.number = number
      self.section = section
    }
  }

  /// Times of events are since 1970, as those of the media: a Period's offset says when it starts.
  func eventStreams(
    _ events: [SpliceEvent], from start: MediaTime, to end: MediaTime?
  ) -> [EventStream] {
    let clock = TitleEventDocuments.spliceClock
    let from = start.rescaled(to: clock).value
    let to = end?.rescaled(to: clock).value ?? .max
    let own = events.filter { (from..<to).contains($0.time) }
    guard !own.isEmpty else { return [] }
    return [
      EventStream(
        scheme: Descriptor(schemeIdUri: TitleEventDocuments.spliceScheme), timescale: clock,
        presentationTimeOffset: from,
        events: own.map {
          Event(
            presentationTime: $0.time, duration: $0.duration, id: Int64($0.number),
            message: .splice($0.section))
        })
    ]
  }
}
