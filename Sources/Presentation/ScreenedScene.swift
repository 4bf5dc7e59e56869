import Episodes
import HLS
import Library
import MediaCore

/// The scene that is being published: which segments go together, and what playlists call them.
struct ScreenedScene: Sendable {
  struct Beat: Sendable {
    /// Of the path, in milliseconds.
    var end: Int64
    /// `[track]`: positions of segments.
    var segments: [Range<Int>]
  }

  /// A segment of a track at its place on the path.
  struct PlacedSegment: Sendable {
    var segment: MediaSegment
    /// On the path, in ticks of the track.
    var start: Int64
    /// EXTINF in microseconds.
    var microseconds: Int64

    init(_ segment: MediaSegment, start: Int64, since origin: Int64) {
      self.segment = segment
      self.start = start
      func microseconds(_ ticks: Int64) -> Int64 {
        MediaTime(ticks, segment.duration.timescale).rescaled(to: Timescale(literal: 1_000_000))
          .value
      }
      self.microseconds =
        microseconds(start - origin + segment.duration.value) - microseconds(start - origin)
    }

    var end: Int64 { start + segment.duration.value }
  }

  /// Of the path, in ticks of the clock of all scenes.
  let start: MediaTime
  let end: MediaTime
  let beats: [Beat]
  let tracks: [[PlacedSegment]]
  /// On one timeline: each track up to the end of this scene.
  let timelines: [ContinuousTrack]?

  /// - Parameter timelines: each track up to the end of the scene before, if they are on one timeline.
  init(
    _ episode: PresentedEpisode, _ id: String, start: MediaTime, timelines: [ContinuousTrack]?
  ) {
    let duration = episode.duration(of: id)
    let from = start.rescaled(to: duration.timescale)
    let end = MediaTime(from.value + duration.value, duration.timescale)
    (self.start, self.end) = (from, end)
    let title = episode.scenes[id] ?? episode.whole
    let references = EpisodeReferences(
      episode: episode, addressing: .origin, first: episode.graph.episode.entry)
    let hls = HLSPresentation(
      title, addressing: references.addressing(of: title), place: references.place(of: id),
      rates: episode.rates)
    tracks = title.tracks.enumerated().map { number, track in
      guard !track.isTrick else { return [] }
      let segments = hls.mediaPlaylist(of: track).segments
      return timelines.map {
        Self.moved(segments, $0[number].segments(of: track.index), track.index)
      }
        ?? Self.placed(segments, from: from, track.index)
    }
    self.timelines = timelines.map { timelines in
      zip(timelines, title.tracks).map { timeline, track in
        var timeline = timeline
        timeline.append(track.index, until: end)
        return timeline
      }
    }
    beats = Self.beats(
      tracks, clock: title.tracks.firstIndex { $0.index.name == episode.clockName } ?? 0,
      from: from)
  }

  private static func placed(
    _ segments: [MediaSegment], from start: MediaTime, _ index: TrackIndex
  ) -> [PlacedSegment] {
    let origin = start.rescaled(to: index.timescale).value
    var position = origin
    return segments.map { segment in
      defer { position += segment.duration.value }
      return PlacedSegment(segment, start: position, since: origin)
    }
  }

  /// Those of a scene's segments that are played, where they are played.
  private static func moved(
    _ segments: [MediaSegment], _ places: [ContinuousTrack.Segment], _ index: TrackIndex
  ) -> [PlacedSegment] {
    places.map { place in
      var segment = segments[place.number - 1]
      segment.uri = Reference.moved(segment.uri, by: place.move)
      segment.duration = MediaTime(place.duration, index.timescale)
      return PlacedSegment(segment, start: place.start, since: 0)
    }
  }

  var startMilliseconds: Int64 { start.milliseconds }
  var endMilliseconds: Int64 { end.milliseconds }

  /// A segment goes with the segment of the picture in which its middle lies, so that what was cut
  /// together is published together; each track has something from the first on.
  private static func beats(
    _ tracks: [[PlacedSegment]], clock: Int, from start: MediaTime
  ) -> [Beat] {
    guard tracks.indices.contains(clock) else { return [] }
    let ends = tracks[clock].map { MediaTime($0.end, $0.segment.duration.timescale) }
    var beats = ends.map { Beat(end: $0.milliseconds, segments: []) }
    for segments in tracks {
      var next = 0
      for beat in beats.indices {
        let first = next
        while next < segments.count {
          let segment = segments[next]
          let middle = MediaTime(segment.start + segment.end, segment.segment.duration.timescale)
          let end = MediaTime(2 * ends[beat].value, ends[beat].timescale)
          guard next == 0 || beat == beats.count - 1 || middle < end else { break }
          next += 1
        }
        beats[beat].segments.append(first..<next)
      }
    }
    return beats
  }

  func listed(_ number: Int, ofTrack track: Int, _ clock: ScreeningClock) -> ListedSegment {
    let placed = tracks[track][number]
    var segment = placed.segment
    let timescale = segment.duration.timescale
    segment.initialization = nil
    segment.programDateTime = clock.date(MediaTime(placed.start, timescale).milliseconds)
    let origin = MediaTime(clock.origin, Timescale(literal: 1000)).rescaled(to: timescale).value
    return ListedSegment(
      start: origin + placed.start, duration: segment.duration.value, segment: segment,
      microseconds: placed.microseconds)
  }
}
