package import MediaCore

/// One part of a media segment: EXT-X-PART (draft-pantos-hls-rfc8216bis §4.4.4.9).
package struct PartialSegment: Hashable, Sendable {
  package var uri: String
  /// Microseconds, at most the playlist's part target.
  package var duration: Int64
  /// Begins with a sync sample.
  package var isIndependent: Bool
  /// `nil` for the whole resource.
  package var byteRange: ByteRange?
  /// The part is not there.
  package var isGap: Bool

  package init(
    uri: String, duration: Int64, isIndependent: Bool = false, byteRange: ByteRange? = nil,
    isGap: Bool = false
  ) {
    self.uri = uri
    self.duration = duration
    self.isIndependent = isIndependent
    self.byteRange = byteRange
    self.isGap = isGap
  }

  static let tag = "EXT-X-PART"

  /// - Parameter previous: the part before it, whose end a range without an offset begins at.
  init(_ attributes: AttributeList, after previous: PartialSegment?) throws(HLSError) {
    uri = try attributes.required("URI", attributes.string("URI"))
    duration = try attributes.required("DURATION", attributes.seconds("DURATION"))
    isIndependent = try attributes.flag("INDEPENDENT")
    isGap = try attributes.flag("GAP")
    guard let text = try attributes.string("BYTERANGE") else { return }
    let (count, given) = try attributes.byteRange(text)
    guard let offset = given ?? (previous?.uri == uri ? previous?.byteRange?.end : nil) else {
      throw attributes.error(
        .missing, "BYTERANGE without an offset needs a part of \(uri) before it")
    }
    byteRange = try attributes.checked(count, offset)
  }

  package func render() -> String {
    var text = AttributeText()
    text.word("DURATION", sixDecimals(duration))
    text.uri("URI", uri)
    if isIndependent { text.word("INDEPENDENT", "YES") }
    text.quoted("BYTERANGE", byteRange.map(HLS.render))
    if isGap { text.word("GAP", "YES") }
    return "#\(Self.tag):\(text.text)\n"
  }
}

/// What of the segment behind the last one is there: its parts, and the tags before the first of them
/// ("MUST be applied … before the first EXT-X-PART tag of the segment", §4.4.4.9).
package struct UnfinishedSegment: Hashable, Sendable {
  /// Applies until a later segment has another one.
  package var initialization: MediaInitialization?
  package var hasDiscontinuity: Bool
  package var programDateTime: ProgramDateTime?
  package var dateRanges: [DateRange] = []
  package var parts: [PartialSegment]

  package init(
    initialization: MediaInitialization? = nil, hasDiscontinuity: Bool = false,
    programDateTime: ProgramDateTime? = nil, parts: [PartialSegment] = []
  ) {
    self.initialization = initialization
    self.hasDiscontinuity = hasDiscontinuity
    self.programDateTime = programDateTime
    self.parts = parts
  }

  package func render(after previous: MediaInitialization?) -> String {
    var text = hasDiscontinuity ? "#EXT-X-DISCONTINUITY\n" : ""
    if let initialization, initialization != previous { text += initialization.render() }
    if let programDateTime { text += "#EXT-X-PROGRAM-DATE-TIME:\(programDateTime)\n" }
    for range in dateRanges { text += range.render() }
    for part in parts { text += part.render() }
    return text
  }
}
