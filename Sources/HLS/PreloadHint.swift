/// What will be needed next, and may be asked for before it is there: EXT-X-PRELOAD-HINT
/// (draft-pantos-hls-rfc8216bis §4.4.5.3).
package struct PreloadHint: Hashable, Sendable {
  package enum HintType: String, Sendable {
    case part = "PART"
    /// A media initialization section.
    case map = "MAP"
  }

  package var type: HintType
  package var uri: String
  /// First byte of the resource that is hinted at.
  package var byteRangeStart: Int64
  /// `nil`: to the end, wherever that will be.
  package var byteRangeLength: Int64?

  package init(
    type: HintType, uri: String, byteRangeStart: Int64 = 0, byteRangeLength: Int64? = nil
  ) {
    self.type = type
    self.uri = uri
    self.byteRangeStart = byteRangeStart
    self.byteRangeLength = byteRangeLength
  }

  static let tag = "EXT-X-PRELOAD-HINT"

  init(_ attributes: AttributeList) throws(HLSError) {
    let name = try attributes.required("TYPE", attributes.word("TYPE"))
    guard let type = HintType(rawValue: name) else {
      throw attributes.error(.syntax, "TYPE=\(name) is neither PART nor MAP")
    }
    self.type = type
    uri = try attributes.required("URI", attributes.string("URI"))
    byteRangeStart = try attributes.integer("BYTERANGE-START") ?? 0
    byteRangeLength = try attributes.integer("BYTERANGE-LENGTH")
  }

  package func render() -> String {
    var text = AttributeText()
    text.word("TYPE", type.rawValue)
    text.uri("URI", uri)
    if byteRangeStart > 0 { text.word("BYTERANGE-START", byteRangeStart) }
    text.word("BYTERANGE-LENGTH", byteRangeLength)
    return "#\(Self.tag):\(text.text)\n"
  }
}
