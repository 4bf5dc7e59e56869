import DASH
import HLS
import MediaCore

// Clips are cut from the documents of the whole: media, names and rates are the same.

extension ClipRange {
  /// The playlists that it names are of the clip too.
  func clipped(_ playlist: MultivariantPlaylist) -> MultivariantPlaylist {
    var made = playlist
    let query = query
    func asked(_ uri: String) -> String { uri + (uri.contains("?") ? "&" : "?") + query }
    func ask(_ uri: inout String) { uri = asked(uri) }
    for index in made.renditions.indices {
      made.renditions[index].uri = made.renditions[index].uri.map(asked)
    }
    for index in made.variants.indices { ask(&made.variants[index].uri) }
    for index in made.iFrameVariants.indices { ask(&made.iFrameVariants[index].uri) }
    for index in made.imageVariants.indices { ask(&made.imageVariants[index].uri) }
    return made
  }

  /// Segments of a playlist at rest that have some of the clip; EXT-X-START says where in the first it begins.
  ///
  /// - Returns: `nil` if there are none.
  func clipped(_ playlist: MediaPlaylist) -> MediaPlaylist? {
    let (from, to) = (start * 1000, end.map { $0 * 1000 } ?? .max)
    var at: Int64 = 0
    var first: (index: Int, time: Int64)?
    var last = 0
    for (index, duration) in playlist.segmentMicroseconds.enumerated() {
      if at < to, at + duration > from {
        first = first ?? (index, at)
        last = index
      }
      at += duration
    }
    guard let first else { return nil }
    var made = playlist
    made.segments = Array(playlist.segments[first.index...last])
    made.mediaSequence += Int64(first.index)
    if from > first.time {
      made.start = StartPoint(offsetMicroseconds: from - first.time, isPrecise: true)
    }
    if playlist.segments[0].programDateTime != nil, first.index > 0 {
      made.segments[0].programDateTime = ProgramDateTime(
        millisecondsSince1970: first.time / 1000)
    }
    return made
  }

  /// Periods that have some of the clip, whose segments are listed or have a range of bytes; `presentationTimeOffset`
  /// says where in the first segment it begins. What has an end is static.
  ///
  /// - Returns: `nil` if there are none.
  func clipped(_ mpd: MPD) -> MPD? {
    var made = mpd
    made.periods = []
    var total: Int64 = 0
    var next: Int64 = 0
    for period in mpd.periods {
      let from = period.start?.microseconds ?? next
      let length = period.duration ?? (mpd.periods.count == 1 ? mpd.mediaPresentationDuration : nil)
      next = from + (length?.microseconds ?? 0)
      let (low, high) = (
        max(start * 1000, from), min(end.map { $0 * 1000 } ?? .max, length == nil ? .max : next)
      )
      guard low < high else { continue }
      var kept = period
      kept.eventStreams = period.eventStreams.compactMap {
        Self.cut($0, by: low - from, length: high == .max ? nil : high - low)
      }
      for index in kept.adaptationSets.indices {
        Self.cut(
          &kept.adaptationSets[index], by: low - from, length: high == .max ? nil : high - low)
      }
      kept.adaptationSets.removeAll { $0.representations.isEmpty }
      guard !kept.adaptationSets.isEmpty else { continue }
      if end != nil || mpd.dynamic == nil {
        kept.start = ISODuration(microseconds: total)
        kept.duration = ISODuration(microseconds: high - low)
        total += high - low
      } else {
        kept.start = ISODuration(microseconds: low)
        kept.duration = period.duration.map { _ in ISODuration(microseconds: high - low) }
      }
      made.periods.append(kept)
    }
    guard !made.periods.isEmpty else { return nil }
    if end != nil || mpd.dynamic == nil {
      made.dynamic = nil
      made.mediaPresentationDuration = ISODuration(microseconds: total)
    }
    made.dynamic?.patchLocation = nil
    return made
  }

  /// - Parameters:
  ///   - offset: microseconds of the Period that are left out.
  ///   - length: microseconds; `nil`: all that follows.
  private static func cut(_ set: inout AdaptationSet, by offset: Int64, length: Int64?) {
    set.producerReferenceTimes = []
    set.segmentTemplate = set.segmentTemplate.flatMap { cut($0, by: offset, length) }
    let isShared = set.segmentTemplate != nil
    for index in set.representations.indices {
      let own = set.representations[index].segmentTemplate
      set.representations[index].segmentTemplate = own.flatMap { cut($0, by: offset, length) }
      if let base = set.representations[index].segmentBase {
        set.representations[index].segmentBase?.presentationTimeOffset += rescale(
          offset, from: microsecond, to: base.timescale)
      }
    }
    set.representations.removeAll {
      !isShared && $0.segmentTemplate == nil && $0.segmentBase == nil
    }
  }

  /// Events that have some of the clip, from its begin on.
  private static func cut(
    _ stream: EventStream, by offset: Int64, length: Int64?
  ) -> EventStream? {
    let ticks = stream.timescale
    let from = stream.presentationTimeOffset + rescale(offset, from: microsecond, to: ticks)
    let to = length.map { from + rescale($0, from: microsecond, to: ticks) } ?? .max
    var made = stream
    made.presentationTimeOffset = from
    made.events = stream.events.compactMap { event in
      let (end, isEndless) = event.presentationTime.addingReportingOverflow(event.duration ?? 0)
      guard event.presentationTime < to, end > from || isEndless || event.presentationTime == from
      else { return nil }
      var event = event
      let passed = max(0, from - event.presentationTime)
      event.presentationTime += passed
      event.duration = event.duration.map { $0 - passed }
      return event
    }
    return made.events.isEmpty ? nil : made
  }

  private static let microsecond = Timescale(literal: 1_000_000)

  /// - Returns: `nil` if no segment that it lists has any of it.
  private static func cut(
    _ template: SegmentTemplate, by offset: Int64, _ length: Int64?
  ) -> SegmentTemplate? {
    var made = template
    let from =
      template.presentationTimeOffset + rescale(offset, from: microsecond, to: template.timescale)
    let to = length.map { from + rescale($0, from: microsecond, to: template.timescale) } ?? .max
    made.presentationTimeOffset = from
    guard let timeline = template.timeline else { return nil }
    let segments = timeline.segments
    guard let first = segments.firstIndex(where: { $0.start + $0.duration > from }),
      let last = segments.lastIndex(where: { $0.start < to }), first <= last
    else { return nil }
    made.startNumber += Int64(first)
    made.timeline = SegmentTimeline(segments[first...last].map { ($0.start, $0.duration) })
    return made
  }
}
