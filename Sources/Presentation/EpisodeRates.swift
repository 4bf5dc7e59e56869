import DASH
import Episodes
import HLS
import Library
import MediaCore

/// What the documents of all paths of an episode declare alike, so that a player that follows the
/// story from one path to the next never reads that a variant has become another.
struct EpisodeRates {
  let graph: EpisodeGraph
  let whole: Title
  /// In the order of the episode's scenes.
  let scenes: [Title]

  var declared: DeclaredRates {
    let played = whole.tracks.filter { !$0.isTrick }
    var made = DeclaredRates(
      targetDuration: targetDuration(played) { $0.segments.map(\.duration) },
      iFrameTargetDuration: targetDuration(whole.tracks) { index in
        index.hasIFrames ? index.iFrames.map(\.duration) : []
      })
    made.iFrameTargetDuration = max(made.targetDuration, made.iFrameTargetDuration)
    let places = Dictionary(
      graph.episode.scenes.enumerated().map { ($1.id, $0) }, uniquingKeysWith: { first, _ in first }
    )
    let successors = graph.episode.scenes.map { scene in
      graph.successors(of: scene).compactMap { places[$0.id] }
    }
    for (number, track) in whole.tracks.enumerated() {
      let tracks = scenes.map { $0.tracks[number] }
      let name = track.index.name
      func peak(_ parts: [[(byteCount: Int64, duration: Int64)]]) -> PeakBitrate {
        PeakBitrate(
          scenes: parts, successors: successors, timescale: track.index.timescale,
          targetDuration: made.targetDuration)
      }
      made.playlists[name] = peak(
        tracks.map { track in
          zip(track.playedByteCounts, track.index.segments).map { ($0, $1.duration) }
        })
      if track.index.hasIFrames {
        made.iFrames[name] = peak(
          tracks.map { $0.index.iFrames.map { ($0.segment.firstSampleEnd, $0.duration) } })
      }
      made.representations[name] = LeakyBucket.bandwidth(
        ofScenes: tracks.map { $0.index.segments.map { ($0.range.count, $0.start) } },
        ends: tracks.map(\.index.duration), timescale: track.index.timescale,
        minBufferTime: made.targetDuration)
    }
    return made
  }

  /// The least that holds wherever a scene lies on a path: EXTINF is rounded to the microsecond, up
  /// or down with the place.
  private func targetDuration(
    _ tracks: [TitleTrack], _ durations: (TrackIndex) -> [Int64]
  ) -> Int {
    var longest: Int64 = 0
    for track in tracks {
      let number = whole.tracks.firstIndex { $0.index.name == track.index.name } ?? 0
      for scene in scenes {
        let index = scene.tracks[number].index
        for ticks in durations(index) {
          let time = MediaTime(ticks, index.timescale)
          longest = max(longest, ISODuration(time, rounding: .up).microseconds)
        }
      }
    }
    return SegmentDurations.targetDuration(microseconds: [longest])
  }
}

extension TitleTrack {
  /// Of each segment that playlists name: of WebVTT, where there is any.
  var playedByteCounts: [Int64] {
    guard let webVTT, webVTT.segments.count == index.segments.count else {
      return index.segments.map(\.range.count)
    }
    return webVTT.segments.map(\.count)
  }
}
