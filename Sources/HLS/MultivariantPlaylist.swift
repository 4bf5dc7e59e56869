/// The playlist that names all others (draft-pantos-hls-rfc8216bis §4.4.6).
///
///     var playlist = MultivariantPlaylist()
///     playlist.variants = [VariantStream(bandwidth: 5_000_000, uri: "video.m3u8")]
///     playlist.render()
///
/// To add a tag: a value of its own with `init(_: AttributeList)` and `render()`, a stored
/// property, one line in `render()`, one `case` in `init(parsing:)`, and its version in `version`.
package struct MultivariantPlaylist: Hashable, Sendable {
  /// Every segment of every playlist can be decoded without another (EXT-X-INDEPENDENT-SEGMENTS).
  package var hasIndependentSegments: Bool
  package var definitions: [Definition] = []
  package var start: StartPoint?
  package var contentSteering: ContentSteering?
  /// One for each DATA-ID and language.
  package var sessionData: [SessionData] = []
  package var renditions: [Rendition]
  /// In the order of the playlist: the first is where players without a measurement begin.
  package var variants: [VariantStream]
  package var iFrameVariants: [IFrameVariantStream]
  package var imageVariants: [ImageVariantStream] = []

  package init(
    hasIndependentSegments: Bool = false, renditions: [Rendition] = [],
    variants: [VariantStream] = [], iFrameVariants: [IFrameVariantStream] = []
  ) {
    self.hasIndependentSegments = hasIndependentSegments
    self.renditions = renditions
    self.variants = variants
    self.iFrameVariants = iFrameVariants
  }

  /// The protocol version that the tags need, and no higher (§8); the first is not written.
  package var version: Int {
    var version = 1
    if renditions.contains(where: { $0.instreamID?.hasPrefix("SERVICE") == true }) { version = 7 }
    version = max(version, definitions.map(\.version).max() ?? 1)
    // An attribute whose name starts with REQ-.
    let hasRequirement =
      variants.contains { !$0.videoLayout.isEmpty }
      || iFrameVariants.contains { !$0.videoLayout.isEmpty }
    if hasRequirement { version = 12 }
    return version
  }

  package func render() -> String {
    var text = "#EXTM3U\n"
    if version > 1 { text += "#EXT-X-VERSION:\(version)\n" }
    if hasIndependentSegments { text += "#EXT-X-INDEPENDENT-SEGMENTS\n" }
    for definition in definitions { text += definition.render() }
    if let start { text += start.render() }
    if let contentSteering { text += contentSteering.render() }
    for data in sessionData { text += data.render() }
    for rendition in renditions { text += rendition.render() }
    for variant in variants { text += variant.render() }
    for variant in iFrameVariants { text += variant.render() }
    for variant in imageVariants { text += variant.render() }
    return text
  }

  /// Reads a playlist, and refuses what breaks the draft or holds what these values do not.
  /// Tags that the draft does not know are ignored (§6.3.1), a higher version is not kept.
  package init(parsing text: String) throws(HLSError) {
    self.init()
    var pending: (attributes: AttributeList, line: Int)?
    var seen: Set<String> = []
    var declaredVersion = 1
    var defined = DefinedNames()
    for line in try PlaylistLine.lines(of: text) {
      switch line.content {
      case .uri(let uri):
        guard let stream = pending else {
          throw HLSError(.order, line: line.number, "a URI without EXT-X-STREAM-INF before it")
        }
        try defined.check(uri, line: line.number)
        variants.append(try VariantStream(stream.attributes, uri: uri))
        pending = nil
      case .tag(let name, let value):
        guard pending == nil else {
          throw HLSError(.order, line: line.number, "expected the URI of EXT-X-STREAM-INF")
        }
        try defined.check(value, line: line.number)
        if name == Definition.tag {
          let definition = try Definition(
            AttributeList(parsing: value, tag: name, line: line.number))
          try defined.define(definition, line: line.number)
          definitions.append(definition)
        } else if name == VariantStream.tag {
          pending = (try AttributeList(parsing: value, tag: name, line: line.number), line.number)
        } else {
          try take(name, value, line, &seen, &declaredVersion)
        }
      }
      let count = max(
        variants.count, renditions.count, iFrameVariants.count, sessionData.count,
        definitions.count)
      guard count <= PlaylistLimits.streamCount else {
        throw HLSError(
          .tooLarge, line: line.number, "more than \(PlaylistLimits.streamCount) tags of a kind")
      }
    }
    if let pending {
      throw HLSError(.missing, line: pending.line, "EXT-X-STREAM-INF without a URI line")
    }
    guard !(variants.isEmpty && renditions.isEmpty && iFrameVariants.isEmpty) else {
      throw HLSError(.notThisPlaylist, line: nil, "no variant stream and no rendition")
    }
    guard declaredVersion >= version else {
      throw HLSError(
        .version, line: nil, "EXT-X-VERSION is \(declaredVersion), the tags need \(version)")
    }
  }

  private mutating func take(
    _ name: String, _ value: Substring, _ line: PlaylistLine, _ seen: inout Set<String>,
    _ declaredVersion: inout Int
  ) throws(HLSError) {
    switch name {
    case Rendition.tag:
      renditions.append(
        try Rendition(AttributeList(parsing: value, tag: name, line: line.number)))
    case IFrameVariantStream.tag:
      iFrameVariants.append(
        try IFrameVariantStream(AttributeList(parsing: value, tag: name, line: line.number)))
    case SessionData.tag:
      let data = try SessionData(AttributeList(parsing: value, tag: name, line: line.number))
      let isKnown = sessionData.contains {
        $0.dataID == data.dataID && $0.language == data.language
      }
      guard !isKnown else {
        throw HLSError(
          .duplicate, line: line.number, "\(data.dataID) stands twice in one language")
      }
      sessionData.append(data)
    case StartPoint.tag:
      guard start == nil else {
        throw HLSError(.duplicate, line: line.number, "\(name) stands twice")
      }
      start = try StartPoint(AttributeList(parsing: value, tag: name, line: line.number))
    case ContentSteering.tag:
      guard contentSteering == nil else {
        throw HLSError(.duplicate, line: line.number, "\(name) stands twice")
      }
      contentSteering = try ContentSteering(
        AttributeList(parsing: value, tag: name, line: line.number))
    case ImageVariantStream.tag:
      imageVariants.append(
        try ImageVariantStream(AttributeList(parsing: value, tag: name, line: line.number)))
      guard imageVariants.count <= PlaylistLimits.streamCount else {
        throw HLSError(
          .tooLarge, line: line.number, "more than \(PlaylistLimits.streamCount) streams")
      }
    case "EXT-X-INDEPENDENT-SEGMENTS", "EXT-X-VERSION":
      guard seen.insert(name).inserted else {
        throw HLSError(.duplicate, line: line.number, "\(name) stands twice")
      }
      if name == "EXT-X-INDEPENDENT-SEGMENTS" {
        hasIndependentSegments = true
      } else {
        guard let version = decimalInteger(value), version > 0 else {
          throw HLSError(.syntax, line: line.number, "EXT-X-VERSION:\(value) is no version")
        }
        declaredVersion = Int(version)
      }
    default:
      if let refusal = line.refusal(
        of: name, wrongKind: PlaylistLine.mediaTags, kind: "Multivariant Playlist")
      {
        throw refusal
      }
    }
  }
}
