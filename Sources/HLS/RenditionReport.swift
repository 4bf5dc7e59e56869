/// How far another playlist has come, so that a player can join it without loading it first:
/// EXT-X-RENDITION-REPORT (draft-pantos-hls-rfc8216bis §4.4.5.4).
package struct RenditionReport: Hashable, Sendable {
  /// Of the playlist, relative.
  package var uri: String
  /// LAST-MSN: of its last segment, or of the last part.
  package var lastSegment: Int64?
  /// LAST-PART: of the last part of that segment.
  package var lastPart: Int64?

  package init(uri: String, lastSegment: Int64?, lastPart: Int64? = nil) {
    self.uri = uri
    self.lastSegment = lastSegment
    self.lastPart = lastPart
  }

  static let tag = "EXT-X-RENDITION-REPORT"

  init(_ attributes: AttributeList) throws(HLSError) {
    uri = try attributes.required("URI", attributes.string("URI"))
    lastSegment = try attributes.integer("LAST-MSN")
    lastPart = try attributes.integer("LAST-PART")
  }

  package func render() -> String {
    var text = AttributeText()
    text.uri("URI", uri)
    text.word("LAST-MSN", lastSegment)
    text.word("LAST-PART", lastPart)
    return "#\(Self.tag):\(text.text)\n"
  }
}
