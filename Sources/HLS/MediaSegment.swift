package import MediaCore

/// A moment of EXT-X-PROGRAM-DATE-TIME (§4.4.4.6).
package typealias ProgramDateTime = UTCTime

/// What a segment needs before it can be parsed: EXT-X-MAP (§4.4.4.5).
package struct MediaInitialization: Hashable, Sendable {
  package var uri: String
  /// `nil` for the whole resource.
  package var byteRange: ByteRange?

  package init(uri: String, byteRange: ByteRange? = nil) {
    self.uri = uri
    self.byteRange = byteRange
  }

  package func render() -> String {
    var attributes = AttributeText()
    attributes.uri("URI", uri)
    attributes.quoted("BYTERANGE", byteRange.map(HLS.render))
    return "#EXT-X-MAP:\(attributes.text)\n"
  }
}

/// One media segment of a Media Playlist, with the tags that apply to it (§4.4.4).
package struct MediaSegment: Hashable, Sendable {
  /// Exact; the text is what `SegmentDurations` makes of it and its neighbours. A parsed segment
  /// has microseconds.
  package var duration: MediaTime
  package var uri: String
  /// `nil` for the whole resource.
  package var byteRange: ByteRange?
  /// Applies until a later segment has another one: a playlist cannot take it back.
  package var initialization: MediaInitialization?
  /// EXT-X-DISCONTINUITY: timestamps, tracks or encoding change before this segment.
  package var hasDiscontinuity: Bool
  /// EXT-X-GAP: the segment is not there.
  package var isGap: Bool
  /// Wall-clock time of the first sample.
  package var programDateTime: ProgramDateTime?
  /// What it consists of, near the end of a live playlist.
  package var parts: [PartialSegment] = []
  /// Date ranges that stand before the segment, wherever in time they lie (§4.4.5.1).
  package var dateRanges: [DateRange] = []
  /// Those behind the segment, before any tag of the next one.
  package var finalDateRanges: [DateRange] = []
  /// The segment is a sheet of pictures.
  package var tiles: ImageTiles?

  package init(
    duration: MediaTime, uri: String, byteRange: ByteRange? = nil,
    initialization: MediaInitialization? = nil, hasDiscontinuity: Bool = false,
    isGap: Bool = false, programDateTime: ProgramDateTime? = nil
  ) {
    self.duration = duration
    self.uri = uri
    self.byteRange = byteRange
    self.initialization = initialization
    self.hasDiscontinuity = hasDiscontinuity
    self.isGap = isGap
    self.programDateTime = programDateTime
  }

  /// - Parameters:
  ///   - microseconds: the segment's EXTINF.
  ///   - previous: the initialization that applies so far.
  package func render(microseconds: Int64, after previous: MediaInitialization?) -> String {
    var text = hasDiscontinuity ? "#EXT-X-DISCONTINUITY\n" : ""
    if let initialization, initialization != previous { text += initialization.render() }
    if let programDateTime { text += "#EXT-X-PROGRAM-DATE-TIME:\(programDateTime)\n" }
    for range in dateRanges { text += range.render() }
    for part in parts { text += part.render() }
    if isGap { text += "#EXT-X-GAP\n" }
    text += "#EXTINF:\(sixDecimals(microseconds)),\n"
    if let tiles { text += tiles.render() }
    if let byteRange { text += "#EXT-X-BYTERANGE:\(HLS.render(byteRange))\n" }
    text += AttributeText.uri(uri) + "\n"
    for range in finalDateRanges { text += range.render() }
    return text
  }
}

/// `length@offset` (§4.4.4.2); the offset is always written, so each range stands alone.
func render(_ range: ByteRange) -> String { "\(range.count)@\(range.offset)" }
