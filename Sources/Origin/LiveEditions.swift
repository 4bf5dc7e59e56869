import Library
import Live
import MediaCore
import NIOCore
import Presentation

/// Versions of the MPD that lists segments, for as long as patches of them are to be had (ISO/IEC 23009-1 §5.15). What a
/// version says follows from the windows and a few numbers; it is rendered when somebody asks, and once.
struct LiveEditions {
  enum Patch {
    case made(ServedDocument)
    /// There is nothing newer yet.
    case upToDate
    /// The version was never here, or is no longer known.
    case unknown
  }

  /// The oldest first.
  private var editions: [LiveDocuments.Edition] = []
  private var timeline: ServedDocument?
  /// To the last version, by the time of the version that they are of.
  private var patches: [UTCTime: ServedDocument] = [:]

  /// There is another version when a segment is complete in all tracks.
  ///
  /// - Parameter windows: in the order of the title.
  mutating func advance(
    _ windows: [LiveWindow], _ stretches: [LiveDocuments.Stretch],
    _ events: [LiveDocuments.SpliceEvent], in documents: LiveDocuments
  ) {
    let complete = windows.map { $0.lastComplete ?? 0 }.min() ?? 0
    guard complete > editions.last?.segments.upperBound ?? 0, let window = windows.first,
      let last = window.segment(complete)
    else { return }
    let end = MediaTime(last.end, window.timescale)
    let first = first(in: window, until: last, length: documents.description.window)
    add(first...complete, stretches, events, publishTime: end, end: nil)
    let oldest = end.milliseconds - documents.patchTimeToLive * 1000
    while editions.count > 1, editions[0].publishedAt.millisecondsSince1970 < oldest {
      editions.removeFirst()
    }
  }

  /// The last version, which says when all ends.
  mutating func end(
    _ windows: [LiveWindow], _ stretches: [LiveDocuments.Stretch],
    _ events: [LiveDocuments.SpliceEvent], in documents: LiveDocuments
  ) {
    guard let end = windows.compactMap(\.endTime).max(), let last = editions.last,
      let complete = windows.compactMap(\.lastComplete).max(), last.end == nil
    else { return }
    // It may list what the version before does.
    let published = max(end.milliseconds, last.publishTime.milliseconds + 1)
    add(
      last.segments.lowerBound...complete, stretches, events,
      publishTime: MediaTime(published, Timescale(literal: 1000)), end: end)
  }

  private mutating func add(
    _ segments: ClosedRange<Int64>, _ stretches: [LiveDocuments.Stretch],
    _ events: [LiveDocuments.SpliceEvent], publishTime: MediaTime, end: MediaTime?
  ) {
    var listed = stretches.filter { $0.number <= segments.upperBound }
    while listed.count > 1, listed[1].number <= segments.lowerBound { listed.removeFirst() }
    guard !listed.isEmpty else { return }
    editions.append(
      LiveDocuments.Edition(
        segments: segments, stretches: listed, publishTime: publishTime, end: end, events: events))
    (timeline, patches) = (nil, [:])
  }

  /// The first segment that is listed: the window is as long as that of playlists.
  private func first(
    in window: LiveWindow, until last: LiveSegment, length: MediaTime
  ) -> Int64 {
    let horizon = last.end - length.rescaled(to: window.timescale).value
    var number = max(
      editions.last?.segments.lowerBound ?? 0, window.segments.first?.number ?? last.number)
    while number < last.number, let segment = window.segment(number), segment.end <= horizon {
      number += 1
    }
    return number
  }

  // MARK: What is asked for

  /// The last version.
  var last: LiveDocuments.Edition? { editions.last }

  /// - Parameter tracks: those that are named; `nil`: all.
  /// - Returns: `nil` while there is no version.
  mutating func timeline(
    _ tracks: [String]?, _ windows: [LiveWindow], in documents: LiveDocuments
  ) -> ServedDocument? {
    if tracks == nil, let timeline { return timeline }
    guard let edition = editions.last else { return nil }
    let text = ByteBuffer(
      string: documents.timelineText(edition, tracks: tracks, listing: Self.listing(windows)))
    guard tracks == nil else { return ServedDocument(uncoded: text) }
    timeline = ServedDocument(gzipping: text)
    return timeline
  }

  mutating func patch(
    from time: UTCTime?, _ windows: [LiveWindow], in documents: LiveDocuments
  ) -> Patch {
    guard let time, let base = editions.first(where: { $0.publishedAt == time }),
      let current = editions.last
    else { return .unknown }
    guard base.publishedAt != current.publishedAt else {
      return current.end == nil ? .upToDate : .unknown
    }
    if let known = patches[time] { return .made(known) }
    guard
      let text = documents.patchText(from: base, to: current, listing: Self.listing(windows))
    else { return .unknown }
    let made = ServedDocument(gzipping: ByteBuffer(string: text))
    patches[time] = made
    return .made(made)
  }

  /// What the windows list of a track.
  static func listing(_ windows: [LiveWindow]) -> LiveDocuments.Listings {
    { name, numbers in
      guard let window = windows.first(where: { $0.name == name }),
        let listed = window.timeline(of: numbers)
      else { return nil }
      return LiveDocuments.Listing(
        first: listed.first, timescale: window.timescale, timeline: listed.timeline)
    }
  }
}
