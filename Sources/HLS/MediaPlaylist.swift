/// A list of media segments in order (draft-pantos-hls-rfc8216bis §4.4.3, §4.4.4).
///
///     var playlist = MediaPlaylist(targetDuration: 2)
///     playlist.segments = [MediaSegment(duration: MediaTime(48048, scale), uri: "1.m4s")]
///     playlist.render()
///
/// To add a tag of a segment: a property of `MediaSegment`, a line in its `render`, a `case` in
/// `MediaPlaylistParser`. To add a tag of the playlist: the same here. Then its version in
/// `requiredVersion`.
package struct MediaPlaylist: Hashable, Sendable {
  /// EXT-X-PLAYLIST-TYPE (§4.4.3.5).
  package enum PlaylistType: String, Sendable {
    /// Never changes.
    case vod = "VOD"
    /// Only grows.
    case event = "EVENT"
  }

  /// Seconds, at least 1. See `SegmentDurations.targetDuration(microseconds:)`.
  package var targetDuration: Int
  package var playlistType: PlaylistType?
  /// Media sequence number of the first segment.
  package var mediaSequence: Int64
  /// Number of the first segment's discontinuity; `nil` is 0 and is not written.
  package var discontinuitySequence: Int64?
  /// Each segment can be decoded without another.
  package var hasIndependentSegments: Bool
  /// Each segment is one I-frame.
  package var isIFramesOnly: Bool
  /// Each segment is an image: EXT-X-IMAGES-ONLY (Image Media Playlist 0.4).
  package var isImagesOnly = false
  /// No segment follows: EXT-X-ENDLIST.
  package var isEnded: Bool
  /// What the server offers; a playlist with parts needs it.
  package var serverControl: ServerControl?
  /// Microseconds of the longest part: EXT-X-PART-INF. `nil`: there are no parts.
  package var partTarget: Int64?
  package var definitions: [Definition] = []
  package var start: StartPoint?
  /// Those at the top; others stand around a segment (`MediaSegment.dateRanges`). Each needs a segment
  /// with a `programDateTime` (§4.4.5.1).
  package var dateRanges: [DateRange] = []
  /// Left out in front of `segments`; they count in the media sequence.
  package var skipped: SkippedSegments?
  package var segments: [MediaSegment]
  /// The one being made, behind `segments`.
  package var unfinished: UnfinishedSegment?
  /// At most one of each type, none if the playlist is ended.
  package var preloadHints: [PreloadHint] = []
  package var renditionReports: [RenditionReport] = []

  package init(
    targetDuration: Int, playlistType: PlaylistType? = nil, mediaSequence: Int64 = 0,
    discontinuitySequence: Int64? = nil, hasIndependentSegments: Bool = false,
    isIFramesOnly: Bool = false, isEnded: Bool = false, segments: [MediaSegment] = []
  ) {
    self.targetDuration = targetDuration
    self.playlistType = playlistType
    self.mediaSequence = mediaSequence
    self.discontinuitySequence = discontinuitySequence
    self.hasIndependentSegments = hasIndependentSegments
    self.isIFramesOnly = isIFramesOnly
    self.isEnded = isEnded
    self.segments = segments
  }

  /// The protocol version that the tags of `render()` need, and no higher (§8).
  package var version: Int {
    let least = max(
      definitions.map(\.version).max() ?? 1, isImagesOnly ? Self.imageVersion : 1,
      skipped?.version ?? 1)
    return max(
      least,
      Self.requiredVersion(
        hasDecimals: !segments.isEmpty || unfinished != nil,
        hasByteRanges: segments.contains { $0.byteRange != nil },
        isIFramesOnly: isIFramesOnly,
        hasInitialization: segments.contains { $0.initialization != nil }
          || unfinished?.initialization != nil))
  }

  /// That of the specification's own playlists.
  static let imageVersion = 7

  static func requiredVersion(
    hasDecimals: Bool, hasByteRanges: Bool, isIFramesOnly: Bool, hasInitialization: Bool
  ) -> Int {
    if hasInitialization { return isIFramesOnly ? 5 : 6 }
    if hasByteRanges || isIFramesOnly { return 4 }
    return hasDecimals ? 3 : 1
  }

  /// All of them, in the order of the playlist.
  package var allDateRanges: [DateRange] {
    dateRanges + segments.flatMap { $0.dateRanges + $0.finalDateRanges }
      + (unfinished?.dateRanges ?? [])
  }

  /// EXTINF of each segment in microseconds, as written.
  package var segmentMicroseconds: [Int64] {
    SegmentDurations.microseconds(segments.lazy.map(\.duration))
  }

  package func render() -> String {
    var text = renderHead()
    text.reserveCapacity(256 + segments.count * 96)
    var initialization: MediaInitialization?
    for (segment, microseconds) in zip(segments, segmentMicroseconds) {
      text += segment.render(microseconds: microseconds, after: initialization)
      initialization = segment.initialization ?? initialization
    }
    if let unfinished { text += unfinished.render(after: initialization) }
    for hint in preloadHints { text += hint.render() }
    for report in renditionReports { text += report.render() }
    if isEnded { text += Self.endTag }
    return text
  }

  package static let endTag = "#EXT-X-ENDLIST\n"

  /// All that stands before the first segment: where that follows as text which is there already.
  package func renderHead() -> String {
    var text = "#EXTM3U\n"
    let version = version
    if version > 1 { text += "#EXT-X-VERSION:\(version)\n" }
    text += "#EXT-X-TARGETDURATION:\(targetDuration)\n"
    if let serverControl { text += serverControl.render() }
    if let partTarget { text += PartInformation.render(partTarget: partTarget) }
    if mediaSequence != 0 { text += "#EXT-X-MEDIA-SEQUENCE:\(mediaSequence)\n" }
    if let discontinuitySequence {
      text += "#EXT-X-DISCONTINUITY-SEQUENCE:\(discontinuitySequence)\n"
    }
    if let playlistType { text += "#EXT-X-PLAYLIST-TYPE:\(playlistType.rawValue)\n" }
    if hasIndependentSegments { text += "#EXT-X-INDEPENDENT-SEGMENTS\n" }
    if isIFramesOnly { text += "#EXT-X-I-FRAMES-ONLY\n" }
    if isImagesOnly { text += "#EXT-X-IMAGES-ONLY\n" }
    for definition in definitions { text += definition.render() }
    if let start { text += start.render() }
    for range in dateRanges { text += range.render() }
    if let skipped { text += skipped.render() }
    return text
  }

  /// Reads a playlist, and refuses what breaks the syntax of the draft or holds what these values
  /// do not: keys. Tags that the draft does not know are ignored (§6.3.1), a version above the needed
  /// one is not kept.
  package init(parsing text: String) throws(HLSError) {
    var parser = MediaPlaylistParser()
    for line in try PlaylistLine.lines(of: text) { try parser.take(line) }
    self = try parser.finish()
  }
}
