import HLS
import Library
import MediaCore

extension HLSPresentation {
  /// The WebVTT segments of a text track, one for each segment of the track beside them
  /// (draft-pantos-hls-rfc8216bis §3.1.4).
  ///
  /// Their times are the title's, so they have no X-TIMESTAMP-MAP.
  func webVTTPlaylist(of track: TitleTrack, _ webVTT: WebVTTIndex) -> MediaPlaylist {
    let index = track.index
    let segments = zip(index.segments, webVTT.segments).enumerated().map { number, pair in
      let duration = MediaTime(pair.0.duration, index.timescale)
      switch addressing {
      case .wholeTracks:
        return MediaSegment(
          duration: duration, uri: place.base + Reference.webVTTFile(index.name), byteRange: pair.1)
      case .segmentFiles, .segments:
        return MediaSegment(
          duration: duration,
          uri: place.base + Reference.folder(index.name, version: webVTT.version, addressing)
            + Reference.webVTTSegment(number + 1))
      }
    }
    return MediaPlaylist(
      targetDuration: targetDuration, playlistType: .vod,
      mediaSequence: addressing.hasSegments ? 1 : 0, isEnded: true, segments: segments)
  }
}
