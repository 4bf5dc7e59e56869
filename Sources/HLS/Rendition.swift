/// One alternative of a group: EXT-X-MEDIA (draft-pantos-hls-rfc8216bis §4.4.6.1).
package struct Rendition: Hashable, Sendable {
  /// `TYPE`.
  package enum Kind: String, Sendable, CaseIterable {
    case audio = "AUDIO"
    case video = "VIDEO"
    case subtitles = "SUBTITLES"
    /// In the samples of the video; has no playlist.
    case closedCaptions = "CLOSED-CAPTIONS"
  }

  package var kind: Kind
  package var groupID: String
  /// What the viewer reads; unique in the group.
  package var name: String
  /// BCP 47.
  package var language: String?
  package var isDefault: Bool
  /// May be chosen without the viewer's word; holds whenever `isDefault` does.
  package var isAutoselect: Bool
  /// Uniform Type Identifiers, as `public.accessibility.describes-video`.
  package var characteristics: [String]
  /// `"2"`, `"16/JOC"`.
  package var channels: String?
  /// The Media Playlist; `nil` when the variant stream carries this rendition itself.
  package var uri: String?
  /// Subtitles only: to be shown even when the viewer wants none.
  package var isForced = false
  /// Closed captions only: `CC1` to `CC4`, `SERVICE1` to `SERVICE63`.
  package var instreamID: String?

  package init(
    kind: Kind, groupID: String, name: String, language: String? = nil, isDefault: Bool = false,
    isAutoselect: Bool = false, characteristics: [String] = [], channels: String? = nil,
    uri: String? = nil
  ) {
    self.kind = kind
    self.groupID = groupID
    self.name = name
    self.language = language
    self.isDefault = isDefault
    self.isAutoselect = isAutoselect || isDefault
    self.characteristics = characteristics
    self.channels = channels
    self.uri = uri
  }

  static let tag = "EXT-X-MEDIA"

  init(_ attributes: AttributeList) throws(HLSError) {
    let type = try attributes.required("TYPE", attributes.word("TYPE"))
    guard let kind = Kind(rawValue: type) else {
      throw attributes.error(.unsupported, "TYPE=\(type) is not read here")
    }
    let isDefault = try attributes.flag("DEFAULT")
    if isDefault, try attributes.word("AUTOSELECT") == "NO" {
      throw attributes.error(.syntax, "DEFAULT=YES needs AUTOSELECT=YES")
    }
    let uri = try attributes.string("URI")
    if kind == .subtitles { _ = try attributes.required("URI", uri) }
    let instreamID = try attributes.string("INSTREAM-ID")
    if kind == .closedCaptions {
      _ = try attributes.required("INSTREAM-ID", instreamID)
      guard uri == nil else { throw attributes.error(.syntax, "closed captions have no URI") }
    }
    self.init(
      kind: kind,
      groupID: try attributes.required("GROUP-ID", attributes.string("GROUP-ID")),
      name: try attributes.required("NAME", attributes.string("NAME")),
      language: try attributes.string("LANGUAGE"),
      isDefault: isDefault,
      isAutoselect: try attributes.flag("AUTOSELECT"),
      characteristics: try attributes.list("CHARACTERISTICS", separator: ","),
      channels: try attributes.string("CHANNELS"),
      uri: uri)
    isForced = try attributes.flag("FORCED")
    self.instreamID = instreamID
  }

  func render() -> String {
    var attributes = AttributeText()
    attributes.word("TYPE", kind.rawValue)
    attributes.quoted("GROUP-ID", groupID)
    attributes.quoted("NAME", name)
    attributes.quoted("LANGUAGE", language)
    attributes.word("DEFAULT", isDefault ? "YES" : "NO")
    attributes.word("AUTOSELECT", isAutoselect || isDefault ? "YES" : "NO")
    if isForced { attributes.word("FORCED", "YES") }
    attributes.quoted("INSTREAM-ID", instreamID)
    attributes.quoted("CHARACTERISTICS", list: characteristics, separator: ",")
    attributes.quoted("CHANNELS", channels)
    attributes.uri("URI", uri)
    return "#\(Self.tag):\(attributes.text)\n"
  }
}
