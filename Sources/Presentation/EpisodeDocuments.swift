import DASH
package import Episodes
import HLS
import Library
import MediaCore

/// All documents of one path through an episode.
///
///     let documents = EpisodeDocuments(episode, walk, addressing: .origin)
///     documents.document(named: "main.m3u8")
///
/// The document of a longer path continues that of a shorter one: the same bytes up to
/// `#EXT-X-ENDLIST` or `</MPD>`. So nothing here may depend on what comes after.
///
/// With `.continuous` they are on one timeline (`ContinuousTrack`): no discontinuity, and one Period.
package struct EpisodeDocuments: Sendable {
  /// What stands before the names of documents on one timeline.
  package static let continuousName = "continuous"
  package static let compiledName = TitleStore.episodeFileName
  /// Segments of all tracks that the documents of one path may name: two days of one-second segments
  /// of one picture. Longer walks are refused before anything is rendered.
  package static let segmentCount = 200_000

  /// A scene at its place on the path.
  struct Placed {
    var step: Walk.Step
    var title: Title
    /// Of the clock's ticks.
    var start: MediaTime
    var end: MediaTime
    /// Of each choice of the scene: how often it was met, with this time.
    var occurrences: [Int]
  }

  package let episode: PresentedEpisode
  package let walk: Walk
  /// `nil`: references are relative to the document alone.
  package var steering: Steering?
  /// Of a screening, whose choices may open earlier than they were written.
  var screening: ScreeningClock?
  let references: EpisodeReferences
  let placed: [Placed]

  /// - Throws: `.limit` if the path is too long to be written down.
  package init(
    _ episode: PresentedEpisode, _ walk: Walk, addressing: EpisodeAddressing
  ) throws(EpisodesError) {
    self.episode = episode
    self.walk = walk
    references = EpisodeReferences(
      episode: episode, addressing: addressing, first: walk.steps.first?.scene.id ?? "")
    var placed: [Placed] = []
    var counts: [String: Int] = [:]
    var (ticks, segments): (Int64, Int) = (0, 0)
    for step in walk.steps {
      let duration = episode.duration(of: step.scene.id)
      guard let title = episode.scenes[step.scene.id] else { continue }
      segments += title.tracks.reduce(0) { $0 + $1.index.segments.count }
      guard segments <= Self.segmentCount else {
        throw EpisodesError(
          .limit, "the documents of the path would name more than \(Self.segmentCount) segments")
      }
      let (end, overflow) = ticks.addingReportingOverflow(duration.value)
      guard !overflow else { throw EpisodesError(.limit, "the path lasts too long") }
      let occurrences = step.scene.choices.map { choice in
        counts[choice.id, default: 0] += 1
        return counts[choice.id, default: 1]
      }
      placed.append(
        Placed(
          step: step, title: title, start: MediaTime(ticks, duration.timescale),
          end: MediaTime(end, duration.timescale), occurrences: occurrences))
      ticks = end
    }
    self.placed = placed
  }

  var isContinuous: Bool { references.addressing == .continuous }

  /// TTML tells its times inside of samples, counted from the track's start: nothing moves them. The
  /// same subtitles are there as WebVTT.
  private func has(_ track: TitleTrack) -> Bool {
    !isContinuous || track.index.format != .text(.ttml)
  }

  /// The episode with the tracks that the documents have.
  var whole: Title {
    var whole = episode.whole
    whole.tracks.removeAll { !has($0) }
    return whole
  }

  /// In a stable order; the same for all paths of the episode.
  package var names: [String] { Self.names(of: episode) }

  package static func names(of episode: PresentedEpisode) -> [String] {
    TitleDocuments(episode.whole, addressing: .wholeTracks).names
  }

  /// The document's text; the same bytes each time. `nil` if there is none.
  package func document(named name: String) -> String? {
    switch name {
    case DocumentName.multivariantPlaylist:
      let playlist = multivariantPlaylist
      return (steering?.steered(playlist) ?? playlist).render()
    case DocumentName.mpd:
      let mpd = mpd
      return (steering?.steered(mpd) ?? mpd).render()
    default:
      for (number, track) in episode.whole.tracks.enumerated() where has(track) {
        if name == DocumentName.playlist(of: track), !track.isTrick {
          return mediaPlaylist(number).render()
        }
        if name == DocumentName.iFramePlaylist(of: track), track.index.hasIFrames {
          return iFramePlaylist(number).render()
        }
      }
      return nil
    }
  }

  /// The same for all paths but for AVERAGE-BANDWIDTH, which is the path's own.
  private var multivariantPlaylist: MultivariantPlaylist {
    var playlist = multivariantPlaylist(episode.rates)
    let own = multivariantPlaylist(ownRates)
    for (index, variant) in own.variants.enumerated() {
      let place = playlist.variants.firstIndex { $0.stableID == variant.stableID } ?? index
      playlist.variants[place].averageBandwidth = variant.averageBandwidth
    }
    for (index, variant) in own.iFrameVariants.enumerated() {
      playlist.iFrameVariants[index].averageBandwidth = variant.averageBandwidth
    }
    return playlist
  }

  private func multivariantPlaylist(_ rates: DeclaredRates) -> MultivariantPlaylist {
    HLSPresentation(
      whole, addressing: .wholeTracks, place: MediaPlace(), rates: rates
    ).multivariantPlaylist()
  }

  /// The peaks of the episode with the averages of this path.
  private var ownRates: DeclaredRates {
    var made = episode.rates
    for (number, whole) in episode.whole.tracks.enumerated() {
      let name = whole.index.name
      let tracks = placed.map { $0.title.tracks[number] }
      func own(
        _ rate: PeakBitrate?, _ parts: [(byteCount: Int64, duration: Int64)]
      ) -> PeakBitrate? {
        rate?.averaged(over: parts, timescale: whole.index.timescale)
      }
      made.playlists[name] = own(
        made.playlists[name],
        tracks.flatMap { Array(zip($0.playedByteCounts, $0.index.segments.map(\.duration))) })
      made.iFrames[name] = own(
        made.iFrames[name],
        tracks.flatMap { $0.index.iFrames.map { ($0.segment.firstSampleEnd, $0.duration) } })
    }
    return made
  }

  // MARK: Media playlists

  private func hls(_ scene: Placed) -> HLSPresentation {
    HLSPresentation(
      scene.title, addressing: references.addressing(of: scene.title),
      place: references.place(of: scene.step.scene.id), rates: episode.rates)
  }

  private func mediaPlaylist(_ number: Int) -> MediaPlaylist {
    let whole = episode.whole.tracks[number]
    var ranges = ChoiceRanges(walk: walk, references: references, track: whole)
    var timeline = ContinuousTrack()
    var playlist = empty(episode.rates.targetDuration)
    playlist.hasIndependentSegments =
      whole.webVTT == nil && whole.index.hasIndependentSegments
    for (position, scene) in placed.enumerated() {
      let track = scene.title.tracks[number]
      var segments = hls(scene).mediaPlaylist(of: track).segments
      if isContinuous {
        segments = moved(segments, timeline.segments(of: track.index), track.index)
        timeline.append(track.index, until: scene.end)
        ranges.timeline = timeline
      }
      mark(&segments, scene, isFirst: position == 0)
      let (start, end) = (scene.start.milliseconds, scene.end.milliseconds)
      for (index, decision) in scene.step.decisions.enumerated() where !segments.isEmpty {
        let open = ranges.open(
          index, of: scene.step, start: start, end: end)
        // What hangs on a choice may stand only behind everything that was there before it.
        if index == 0 {
          segments[0].dateRanges.append(open)
        } else {
          segments[segments.count - 1].finalDateRanges.append(open)
        }
        if let chosen = ranges.chosen(decision, start: start, end: end) {
          segments[segments.count - 1].finalDateRanges.append(chosen)
        }
      }
      playlist.segments += segments
    }
    return playlist
  }

  /// Those of a scene's segments that are played, where they are played.
  private func moved(
    _ segments: [MediaSegment], _ places: [ContinuousTrack.Segment], _ index: TrackIndex
  ) -> [MediaSegment] {
    places.map { place in
      var segment = segments[place.number - 1]
      segment.uri = Reference.moved(segment.uri, by: place.move)
      segment.duration = MediaTime(place.duration, index.timescale)
      return segment
    }
  }

  private func iFramePlaylist(_ number: Int) -> MediaPlaylist {
    var timeline = ContinuousTrack()
    var playlist = empty(episode.rates.iFrameTargetDuration)
    playlist.isIFramesOnly = true
    for (position, scene) in placed.enumerated() {
      let track = scene.title.tracks[number]
      var segments = hls(scene).iFramePlaylist(of: track).segments
      if isContinuous {
        let move = timeline.segments(of: track.index).first?.move ?? TimelineMove(offset: 0)
        for index in segments.indices {
          segments[index].uri = Reference.moved(segments[index].uri, by: move)
        }
        timeline.append(track.index, until: scene.end)
      }
      mark(&segments, scene, isFirst: position == 0)
      playlist.segments += segments
    }
    return playlist
  }

  private func empty(_ targetDuration: Int) -> MediaPlaylist {
    var playlist = MediaPlaylist(
      targetDuration: targetDuration, playlistType: .vod, mediaSequence: 1,
      discontinuitySequence: isContinuous ? nil : 0, isEnded: true)
    playlist.start = StartPoint(offsetMicroseconds: 0, isPrecise: true)
    return playlist
  }

  /// Media times start again at 0 in every scene, the path's time goes on. On one timeline one date is
  /// enough: sound keeps to its own frames, and further dates would contradict it by some milliseconds.
  private func mark(_ segments: inout [MediaSegment], _ scene: Placed, isFirst: Bool) {
    guard !segments.isEmpty, isFirst || !isContinuous else { return }
    segments[0].hasDiscontinuity = !isFirst
    segments[0].programDateTime = ChoiceRanges.date(scene.start.milliseconds)
  }
}
