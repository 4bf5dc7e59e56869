package import DASH
import Library
package import MediaCore

/// The MPD that lists the segments of a live title, for players that want to know when each begins: those that are
/// complete, and nothing of low latency. There is another version of it with every segment.
extension LiveDocuments {
  /// One version of that MPD.
  package struct Edition: Sendable {
    /// Numbers of the segments that it lists.
    package var segments: ClosedRange<Int64>
    /// Those that have some of them.
    package var stretches: [Stretch]
    /// Since 1970; another one for each version.
    package var publishTime: MediaTime
    /// Since 1970, of what has been ended.
    package var end: MediaTime?
    package var events: [SpliceEvent]

    package init(
      segments: ClosedRange<Int64>, stretches: [Stretch], publishTime: MediaTime,
      end: MediaTime? = nil, events: [SpliceEvent] = []
    ) {
      self.events = events
      self.segments = segments
      self.stretches = stretches
      self.publishTime = publishTime
      self.end = end
    }

    package var publishedAt: UTCTime { UTCTime(millisecondsSince1970: publishTime.milliseconds) }
  }

  /// Segments of one track.
  package struct Listing: Hashable, Sendable {
    /// The number of the first one.
    package var first: Int64
    package var timescale: Timescale
    package var timeline: SegmentTimeline

    package init(first: Int64, timescale: Timescale, timeline: SegmentTimeline) {
      self.first = first
      self.timescale = timescale
      self.timeline = timeline
    }
  }

  /// Seconds for which a patch of a version is to be had (ISO/IEC 23009-1 §5.15.2).
  package var patchTimeToLive: Int64 { max(60, Int64(10 * description.targetDuration)) }

  /// "… the segment duration … should not exceed 30% of the target latency" (DASH-IF Low-Latency CR 9.X.4.4).
  private static let latencySegments: Int64 = 4

  /// The segments of a track, by its name, in a range of numbers; `nil` if it has none there.
  package typealias Listings = (String, ClosedRange<Int64>) -> Listing?

  package func timelineText(
    _ edition: Edition, tracks: [String]?, listing: Listings
  ) -> String {
    timelineMPD(edition, tracks: tracks, listing: listing).render()
  }

  /// The same of some of the time; with an end it says all that it ever will. `nil` if nothing is there.
  package func clipText(
    _ clip: ClipRange, _ edition: Edition, tracks: [String]?, listing: Listings
  ) -> String? {
    var mpd = timelineMPD(edition, tracks: tracks, listing: listing)
    // What has ended is clipped as what is at rest.
    if edition.end != nil, clip.end == nil { mpd.dynamic = nil }
    return clip.clipped(mpd).map { made in
      var made = made
      made.dynamic?.location = "\(DocumentName.timedMPD)?\(clip.query)"
      return made.render()
    }
  }

  /// What makes the MPD of one version that of a later one; `nil` if nothing can.
  package func patchText(
    from base: Edition, to current: Edition, listing: Listings
  ) -> String? {
    MPDPatch(
      from: timelineMPD(base, tracks: nil, listing: listing),
      to: timelineMPD(current, tracks: nil, listing: listing))?.render()
  }

  /// - Parameter tracks: those that are named; `nil`: all, with the place of a patch.
  package func timelineMPD(_ edition: Edition, tracks: [String]?, listing: Listings) -> MPD {
    let firsts = edition.stretches.map(\.number)
    let lasts = firsts.dropFirst().map { $0 - 1 } + [edition.segments.upperBound]
    let ranges = Dictionary(
      zip(firsts, lasts).map { first, last in
        let from = max(first, edition.segments.lowerBound)
        return (first, from...max(from, last))
      }, uniquingKeysWith: { first, _ in first })
    var mpd = mpd(
      periods: periods(edition.stretches, events: edition.events, end: edition.end, tracks: tracks)
      {
        set, _, stretch in
        guard let range = ranges[stretch.number] else { return }
        list(&set, of: stretch) { listing($0, range) }
      },
      publishTime: edition.publishTime, isEnded: edition.end != nil,
      latency: Self.latencySegments * description.segmentDuration.milliseconds)
    mpd.id = description.name
    if tracks == nil, edition.end == nil {
      mpd.dynamic?.patchLocation = PatchLocation(
        url: "\(DocumentName.patch)?publishTime=\(edition.publishedAt)",
        timeToLive: patchTimeToLive)
    }
    return mpd
  }

  private func list(
    _ set: inout AdaptationSet, of stretch: Stretch, listing: (String) -> Listing?
  ) {
    let templates = set.representations.map { representation in
      description.tracks.first { Reference.encoded($0.name) == representation.id }
        .flatMap { listing($0.name) }.map { template($0, from: stretch) }
    }
    let isShared = templates.allSatisfy { $0 == templates[0] }
    set.segmentTemplate = isShared ? templates.first ?? nil : nil
    for (index, template) in zip(set.representations.indices, templates) {
      set.representations[index].segmentTemplate = isShared ? nil : template
    }
  }

  private func template(_ listing: Listing, from stretch: Stretch) -> SegmentTemplate {
    SegmentTemplate(
      timescale: listing.timescale,
      presentationTimeOffset: stretch.start.rescaled(to: listing.timescale).value,
      startNumber: listing.first, initialization: Reference.header, media: "$Number$.m4s",
      timeline: listing.timeline)
  }
}
