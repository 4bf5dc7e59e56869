/// One alternative of a group: EXT-X-MEDIA (draft-pantos-hls-rfc8216bis §4.4.6.1).
package struct Rendition: Hashable, Sendable {
  /// `TYPE`
  package enum Kind: String, Sendable, CaseIterable {
    case audio = "AUDIO"
    case video = "VIDEO"
    case subtitles = "SUBTITLES"
    /// Carried in the video's samples: has an `instreamID`, and no `uri`.
    case closedCaptions = "CLOSED-CAPTIONS"
  }

  package var kind: Kind
  package var groupID: String
  /// What the viewer reads; unique in the group.
  package var name: String
  /// BCP 47.
  package var language: String?
  /// BCP 47: another language that belongs to the rendition, as the written one of spoken text.
  package var associatedLanguage: String?
  package var isDefault: Bool
  /// May be chosen without the viewer's word; holds whenever `isDefault` does.
  package var isAutoselect: Bool
  /// Subtitles that are to be shown even if the viewer has not asked for any.
  package var isForced: Bool
  /// Uniform Type Identifiers, as `public.accessibility.describes-video`.
  package var characteristics: [String]
  /// `"2"`, `"16/JOC"`.
  package var channels: String?
  /// `CC1` to `CC4` (CEA-608), `SERVICE1` to `SERVICE63` (CEA-708): of closed captions only.
  package var instreamID: String?
  /// STABLE-RENDITION-ID: the same whenever the playlist is made.
  package var stableID: String?
  /// The Media Playlist; `nil` when the variant stream carries this rendition itself.
  package var uri: String?

  package init(
    kind: Kind, groupID: String, name: String, language: String? = nil,
    associatedLanguage: String? = nil, isDefault: Bool = false, isAutoselect: Bool = false,
    isForced: Bool = false, characteristics: [String] = [], channels: String? = nil,
    instreamID: String? = nil, stableID: String? = nil, uri: String? = nil
  ) {
    self.kind = kind
    self.groupID = groupID
    self.name = name
    self.language = language
    self.associatedLanguage = associatedLanguage
    self.isDefault = isDefault
    self.isAutoselect = isAutoselect || isDefault
    self.isForced = isForced
    self.characteristics = characteristics
    self.channels = channels
    self.instreamID = instreamID
    self.stableID = stableID
    self.uri = uri
  }

  static let tag = "EXT-X-MEDIA"

  init(_ attributes: AttributeList) throws(HLSError) {
    let type = try attributes.required("TYPE", attributes.word("TYPE"))
    guard let kind = Kind(rawValue: type) else {
      throw attributes.error(
        .unsupported, "TYPE=\(type) is none of AUDIO, VIDEO, SUBTITLES, CLOSED-CAPTIONS")
    }
    let isDefault = try attributes.flag("DEFAULT")
    if isDefault, try attributes.word("AUTOSELECT") == "NO" {
      throw attributes.error(.syntax, "DEFAULT=YES needs AUTOSELECT=YES")
    }
    self.init(
      kind: kind,
      groupID: try attributes.required("GROUP-ID", attributes.string("GROUP-ID")),
      name: try attributes.required("NAME", attributes.string("NAME")),
      language: try attributes.string("LANGUAGE"),
      associatedLanguage: try attributes.string("ASSOC-LANGUAGE"),
      isDefault: isDefault,
      isAutoselect: try attributes.flag("AUTOSELECT"),
      isForced: try attributes.flag("FORCED"),
      characteristics: try attributes.list("CHARACTERISTICS", separator: ","),
      channels: try attributes.string("CHANNELS"),
      instreamID: try attributes.string("INSTREAM-ID"),
      stableID: try attributes.stableID("STABLE-RENDITION-ID"),
      uri: try attributes.string("URI"))
    try check(attributes)
  }

  /// Which attributes a type must have, and which it must not.
  private func check(_ attributes: AttributeList) throws(HLSError) {
    if kind == .subtitles { _ = try attributes.required("URI", uri) }
    if isForced, kind != .subtitles {
      throw attributes.error(.syntax, "FORCED is of SUBTITLES only")
    }
    guard kind == .closedCaptions else {
      if instreamID != nil {
        throw attributes.error(.unsupported, "INSTREAM-ID of \(kind.rawValue) is not read here")
      }
      return
    }
    guard uri == nil else {
      throw attributes.error(.syntax, "CLOSED-CAPTIONS have no URI: the video carries them")
    }
    let id = try attributes.required("INSTREAM-ID", instreamID)
    guard Self.isInstreamID(id) else {
      throw attributes.error(.syntax, "INSTREAM-ID=\"\(id)\": CC1 to CC4 or SERVICE1 to SERVICE63")
    }
  }

  static func isInstreamID(_ text: String) -> Bool {
    if text.hasPrefix("CC"), let channel = decimalInteger(text.dropFirst(2)) {
      return text.utf8.count == 3 && (1...4).contains(channel)
    }
    guard text.hasPrefix("SERVICE"), let service = decimalInteger(text.dropFirst(7)) else {
      return false
    }
    return (1...63).contains(service) && text.utf8.dropFirst(7).first != UInt8(ascii: "0")
  }

  func render() -> String {
    var attributes = AttributeText()
    attributes.word("TYPE", kind.rawValue)
    attributes.quoted("GROUP-ID", groupID)
    attributes.quoted("NAME", name)
    attributes.quoted("LANGUAGE", language)
    attributes.quoted("ASSOC-LANGUAGE", associatedLanguage)
    attributes.word("DEFAULT", isDefault ? "YES" : "NO")
    attributes.word("AUTOSELECT", isAutoselect || isDefault ? "YES" : "NO")
    if isForced { attributes.word("FORCED", "YES") }
    attributes.quoted("CHARACTERISTICS", list: characteristics, separator: ",")
    attributes.quoted("CHANNELS", channels)
    attributes.quoted("INSTREAM-ID", instreamID)
    attributes.quoted("STABLE-RENDITION-ID", stableID)
    attributes.uri("URI", uri)
    return "#\(Self.tag):\(attributes.text)\n"
  }
}
