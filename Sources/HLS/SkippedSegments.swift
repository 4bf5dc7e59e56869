/// What a delta update leaves out: EXT-X-SKIP (draft-pantos-hls-rfc8216bis §4.4.5.2).
package struct SkippedSegments: Hashable, Sendable {
  /// Segments from the front, at least 1.
  package var count: Int

  package init(count: Int) { self.count = count }

  static let tag = "EXT-X-SKIP"

  init(_ attributes: AttributeList) throws(HLSError) {
    guard try attributes.string("RECENTLY-REMOVED-DATERANGES") == nil else {
      throw attributes.error(.unsupported, "RECENTLY-REMOVED-DATERANGES is not read here")
    }
    let count = try attributes.required("SKIPPED-SEGMENTS", attributes.integer("SKIPPED-SEGMENTS"))
    guard count <= PlaylistLimits.segmentCount else {
      throw attributes.error(.tooLarge, "more than \(PlaylistLimits.segmentCount) segments")
    }
    self.count = Int(count)
  }

  /// A playlist with it needs at least this one (§8).
  package static let version = 9

  package func render() -> String { "#\(Self.tag):SKIPPED-SEGMENTS=\(count)\n" }
}
