package import HLS
package import Library
import MediaCore

/// The playlists of a title at rest.
///
///     let hls = HLSPresentation(title, addressing: .segments)
///     hls.multivariantPlaylist().render()
package struct HLSPresentation: Sendable {
  package let title: Title
  package let addressing: Addressing
  /// Seconds: one for all playlists of the title, so that they can stand in for each other
  /// (draft-pantos-hls-rfc8216bis §6.2.4).
  package let targetDuration: Int
  let place: MediaPlace
  let rates: DeclaredRates

  package init(_ title: Title, addressing: Addressing) {
    self.init(title, addressing: addressing, rates: DeclaredRates(measuring: title))
  }

  init(
    _ title: Title, addressing: Addressing, place: MediaPlace = MediaPlace(), rates: DeclaredRates
  ) {
    self.title = title
    self.addressing = addressing
    self.place = place
    self.rates = rates
    targetDuration = rates.targetDuration
  }

  static func targetDuration(of title: Title) -> Int {
    title.tracks.filter { !$0.isTrick }.reduce(1) { longest, track in
      max(longest, SegmentDurations.targetDuration(microseconds: track.index.segmentMicroseconds))
    }
  }

  package func mediaPlaylist(of track: TitleTrack) -> MediaPlaylist {
    if let webVTT = track.webVTT { return dated(webVTTPlaylist(of: track, webVTT)) }
    var made = playlist(
      of: track, hasIndependentSegments: track.index.hasIndependentSegments,
      track.index.segments.enumerated().map {
        ($0.offset, $0.element, $0.element.duration, $0.element.range)
      })
    // Players look for ranges in the playlist that they follow: the picture's, or the only sound's.
    if track.index.kind == .video || title.tracks(of: .video).isEmpty {
      made.dateRanges = TitleEventDocuments(title: title).dateRanges
    }
    return dated(made)
  }

  /// A title with date ranges has dates in all playlists, so that they stay together.
  private func dated(_ playlist: MediaPlaylist) -> MediaPlaylist {
    guard !title.splices.isEmpty, !playlist.segments.isEmpty else { return playlist }
    var playlist = playlist
    playlist.segments[0].programDateTime = TitleEventDocuments.epoch
    return playlist
  }

  /// The I-frames of a video track: the bytes from each segment's first to the end of its first
  /// sample, each shown until the next (§4.4.3.6).
  package func iFramePlaylist(of track: TitleTrack) -> MediaPlaylist {
    let rows = track.index.iFrames.map { number, segment, duration in
      (
        number, segment, duration,
        ByteRange(offset: segment.range.offset, count: segment.firstSampleEnd)
      )
    }
    var playlist = playlist(of: track, hasIndependentSegments: false, rows)
    playlist.isIFramesOnly = true
    playlist = dated(playlist)
    // Where segments are left out, an I-frame is shown for longer than any segment lasts.
    playlist.targetDuration = max(
      rates.iFrameTargetDuration,
      SegmentDurations.targetDuration(microseconds: playlist.segmentMicroseconds))
    return playlist
  }

  /// - Parameter rows: segments with their number from 0, the time they are shown for, and the
  ///   bytes of the track file that are named.
  private func playlist(
    of track: TitleTrack, hasIndependentSegments: Bool,
    _ rows: [(number: Int, segment: IndexedSegment, duration: Int64, range: ByteRange)]
  ) -> MediaPlaylist {
    let index = track.index
    let folder = place.base + Reference.folder(index.name, version: index.version, addressing)
    let file = place.base + Reference.trackFile(index.name)
    let initialization =
      if let header = place.headers[index.name] {
        header
      } else if addressing == .wholeTracks {
        MediaInitialization(uri: file, byteRange: index.header)
      } else {
        MediaInitialization(uri: folder + Reference.header)
      }
    let segments = rows.map { number, segment, duration, bytes in
      var range: ByteRange? = bytes
      let uri: String
      switch addressing {
      case .wholeTracks: uri = file
      case .segmentFiles, .segments:
        uri = folder + Reference.segment(number + 1)
        if bytes == segment.range { range = nil } else { range?.offset -= segment.range.offset }
      }
      return MediaSegment(
        duration: MediaTime(duration, index.timescale), uri: uri, byteRange: range,
        initialization: initialization)
    }
    // Media sequence numbers are those in the names of the segments.
    return MediaPlaylist(
      targetDuration: targetDuration, playlistType: .vod,
      mediaSequence: addressing.hasSegments ? 1 : 0,
      hasIndependentSegments: hasIndependentSegments, isEnded: true, segments: segments)
  }
}
