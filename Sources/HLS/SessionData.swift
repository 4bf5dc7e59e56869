/// Data about the whole presentation: EXT-X-SESSION-DATA (draft-pantos-hls-rfc8216bis §4.4.6.4).
package struct SessionData: Hashable, Sendable {
  package enum Content: Hashable, Sendable {
    case value(String)
    /// A JSON document (`FORMAT=JSON`, the default).
    case json(uri: String)
    /// A document of any kind (`FORMAT=RAW`).
    case raw(uri: String)
  }

  /// In reverse-domain form: `com.apple.hls.chapters`.
  package var dataID: String
  package var content: Content
  /// BCP 47, of a value.
  package var language: String?

  package init(dataID: String, content: Content, language: String? = nil) {
    self.dataID = dataID
    self.content = content
    self.language = language
  }

  static let tag = "EXT-X-SESSION-DATA"

  init(_ attributes: AttributeList) throws(HLSError) {
    dataID = try attributes.required("DATA-ID", attributes.string("DATA-ID"))
    language = try attributes.string("LANGUAGE")
    let value = try attributes.string("VALUE")
    let uri = try attributes.string("URI")
    switch (value, uri, try attributes.word("FORMAT")) {
    case (let value?, nil, _): content = .value(value)
    case (nil, let uri?, nil), (nil, let uri?, "JSON"): content = .json(uri: uri)
    case (nil, let uri?, "RAW"): content = .raw(uri: uri)
    case (nil, _?, let format?):
      throw attributes.error(.syntax, "FORMAT=\(format) is neither JSON nor RAW")
    default: throw attributes.error(.syntax, "either VALUE or URI is expected")
    }
  }

  func render() -> String {
    var attributes = AttributeText()
    attributes.quoted("DATA-ID", dataID)
    switch content {
    case .value(let value): attributes.quoted("VALUE", value)
    case .json(let uri): attributes.uri("URI", uri)
    case .raw(let uri):
      attributes.uri("URI", uri)
      attributes.word("FORMAT", "RAW")
    }
    attributes.quoted("LANGUAGE", language)
    return "#\(Self.tag):\(attributes.text)\n"
  }
}
