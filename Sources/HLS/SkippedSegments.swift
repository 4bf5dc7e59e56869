/// What a delta update leaves out: EXT-X-SKIP (draft-pantos-hls-rfc8216bis §4.4.5.2).
package struct SkippedSegments: Hashable, Sendable {
  /// Segments from the front, at least 1.
  package var count: Int
  /// Date ranges that have gone from the playlist lately; `nil` where none are left out (§6.2.5.1).
  package var recentlyRemovedDateRanges: [String]?

  package init(count: Int, recentlyRemovedDateRanges: [String]? = nil) {
    self.count = count
    self.recentlyRemovedDateRanges = recentlyRemovedDateRanges
  }

  static let tag = "EXT-X-SKIP"

  init(_ attributes: AttributeList) throws(HLSError) {
    recentlyRemovedDateRanges = try attributes.string("RECENTLY-REMOVED-DATERANGES")
      .map { $0.split(separator: "\t").map(String.init) }
    let count = try attributes.required("SKIPPED-SEGMENTS", attributes.integer("SKIPPED-SEGMENTS"))
    guard count <= PlaylistLimits.segmentCount else {
      throw attributes.error(.tooLarge, "more than \(PlaylistLimits.segmentCount) segments")
    }
    self.count = Int(count)
  }

  /// A playlist with it needs at least this one (§8).
  package var version: Int { recentlyRemovedDateRanges == nil ? 9 : 10 }

  package func render() -> String {
    var text = AttributeText()
    text.word("SKIPPED-SEGMENTS", count)
    text.quoted("RECENTLY-REMOVED-DATERANGES", tabbed: recentlyRemovedDateRanges)
    return "#\(Self.tag):\(text.text)\n"
  }
}
