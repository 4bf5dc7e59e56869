import DASH
package import Episodes
package import HLS
package import Library
import MediaCore

extension PresentedEpisode {
  /// Seconds: of all playlists of the episode.
  package var targetDuration: Int { rates.targetDuration }

  /// What decodes a track of its screenings in all scenes; `nil` for WebVTT.
  package func initialization(of track: TitleTrack) -> MediaInitialization? {
    guard track.webVTT == nil else { return nil }
    return EpisodeReferences(episode: self, addressing: .origin, first: graph.episode.entry)
      .place(of: graph.episode.entry).headers[track.index.name]
  }

  /// The multivariant playlist of its screenings, whose media playlists lie beside it.
  ///
  /// - Parameters:
  ///   - tracks: those that are named; `nil`: all.
  ///   - isContinuous: on one timeline, on which no TTML is: its times lie inside of samples.
  package func screeningText(tracks: [String]?, isContinuous: Bool = false) -> String {
    var shown = tracks.map { whole.keeping(Set($0)) } ?? whole
    if isContinuous { shown.tracks.removeAll { $0.index.format == .text(.ttml) } }
    var playlist = HLSPresentation(
      shown, addressing: .wholeTracks, place: MediaPlace(), rates: rates
    ).multivariantPlaylist()
    playlist.iFrameVariants = []
    playlist.imageVariants = []
    return playlist.render()
  }
}

extension ScreeningCourse {
  /// The MPD of what is published: a Period for each scene, and nothing in it that is not there yet.
  ///
  /// - Parameters:
  ///   - published: how far the path is published, in milliseconds.
  ///   - isOver: all is published, and players have been told so twice while it still was live: "keep ≥ 2
  ///     updates, then flip to static".
  ///   - tracks: those that are named; `nil`: all.
  package func mpdText(
    published: Int64, isOver: Bool, tracks: [String]?
  ) throws(EpisodesError) -> String {
    let shown = tracks.map(episode.keeping) ?? episode
    var documents = try EpisodeDocuments(shown, walk, addressing: .origin)
    documents.screening = clock
    var mpd = documents.mpd
    let oldest = published - ScreeningPace.window.milliseconds
    // A scene of which nothing is published yet has no Period.
    let last = beatCount == 0 ? position - 1 : position
    mpd.periods = (0...max(0, last)).filter { number in
      isOver || number == last || documents.placed[number].end.milliseconds > oldest
    }.map { number in
      guard number == position else { return documents.period(number) }
      var period = documents.period(number, keeping: publishedCounts(of: shown))
      if !isEnded { period.duration = nil }
      return period
    }
    let end = documents.placed[position].end
    guard !isOver else {
      mpd.mediaPresentationDuration = ISODuration(end, rounding: .nearest)
      return mpd.render()
    }
    let target = MediaTime(Int64(clock.pace.targetDuration), Timescale(literal: 1))
    mpd.dynamic = DynamicPresentation(
      availabilityStartTime: clock.date(0), publishTime: clock.date(published),
      minimumUpdatePeriod: ISODuration(target, rounding: .up),
      timeShiftBufferDepth: ISODuration(ScreeningPace.window, rounding: .nearest),
      suggestedPresentationDelay: ISODuration(microseconds: clock.pace.holdBack * 1000),
      serviceDescriptions: [
        ServiceDescription(
          id: 0, latency: .init(referenceID: nil, target: clock.pace.holdBack),
          playbackRate: .init(min: 960, max: 1040))
      ],
      utcTimings: Descriptor.clocks)
    return mpd.render()
  }

  /// By the track's name: segments of the scene that are published.
  private func publishedCounts(of shown: PresentedEpisode) -> [String: Int] {
    var counts: [String: Int] = [:]
    for (number, track) in episode.whole.tracks.enumerated() {
      let beats = scene.beats[..<beatCount]
      counts[track.index.name] = beats.last?.segments[number].upperBound ?? 0
    }
    return counts
  }
}
