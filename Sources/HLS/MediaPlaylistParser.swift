import MediaCore

/// A Media Playlist being read, line by line.
struct MediaPlaylistParser {
  /// What the tags since the last URI say of the next segment.
  private struct Pending {
    var duration: MediaTime?
    var byteRange: (count: Int64, offset: Int64?, line: Int)?
    var hasDiscontinuity = false
    var isGap = false
    var programDateTime: ProgramDateTime?
    var tiles: ImageTiles?
    var dateRanges: [DateRange] = []
    var parts: [PartialSegment] = []
    /// Line of the first tag that needs a segment after it.
    var line: Int?
  }

  private var playlist = MediaPlaylist(targetDuration: 0)
  private var pending = Pending()
  private var initialization: MediaInitialization?
  private var seen: Set<String> = []
  private var declaredVersion = 1
  private var defined = DefinedNames()
  private var hasDecimals = false
  private var dateRangeCount = 0
  private var partCount = 0

  private static let onceTags: Set<String> = [
    "EXT-X-VERSION", "EXT-X-TARGETDURATION", "EXT-X-MEDIA-SEQUENCE",
    "EXT-X-DISCONTINUITY-SEQUENCE", "EXT-X-PLAYLIST-TYPE", "EXT-X-INDEPENDENT-SEGMENTS",
    "EXT-X-I-FRAMES-ONLY", "EXT-X-IMAGES-ONLY", "EXT-X-ENDLIST", ServerControl.tag,
    PartInformation.tag, SkippedSegments.tag,
  ]

  mutating func take(_ line: PlaylistLine) throws(HLSError) {
    switch line.content {
    case .uri(let uri):
      try defined.check(uri, line: line.number)
      try takeURI(uri, line.number)
    case .tag(let name, let value):
      try defined.check(value, line: line.number)
      if Self.onceTags.contains(name) {
        guard seen.insert(name).inserted else {
          throw HLSError(.duplicate, line: line.number, "\(name) stands twice")
        }
        try takePlaylistTag(name, value, line.number)
      } else {
        try takeSegmentTag(name, value, line)
      }
    }
  }

  private mutating func takePlaylistTag(
    _ name: String, _ value: Substring, _ line: Int
  ) throws(HLSError) {
    switch name {
    case "EXT-X-VERSION":
      declaredVersion = Int(try number(name, value, line, atLeast: 1))
    case "EXT-X-TARGETDURATION":
      playlist.targetDuration = Int(try number(name, value, line, atLeast: 1))
    case "EXT-X-MEDIA-SEQUENCE", "EXT-X-DISCONTINUITY-SEQUENCE":
      guard playlist.segments.isEmpty, pending.line == nil else {
        throw HLSError(.order, line: line, "\(name) must stand before the first segment")
      }
      let first = try number(name, value, line, atLeast: 0)
      if name == "EXT-X-MEDIA-SEQUENCE" {
        playlist.mediaSequence = first
      } else {
        playlist.discontinuitySequence = first
      }
    case "EXT-X-PLAYLIST-TYPE":
      guard let type = MediaPlaylist.PlaylistType(rawValue: String(value)) else {
        throw HLSError(.syntax, line: line, "\(name):\(value) is neither VOD nor EVENT")
      }
      playlist.playlistType = type
    case "EXT-X-INDEPENDENT-SEGMENTS": playlist.hasIndependentSegments = true
    case "EXT-X-I-FRAMES-ONLY": playlist.isIFramesOnly = true
    case "EXT-X-IMAGES-ONLY": playlist.isImagesOnly = true
    case ServerControl.tag, PartInformation.tag, SkippedSegments.tag:
      try takeLiveTag(name, value, line)
    default: playlist.isEnded = true
    }
  }

  /// Tags of a playlist that grows, each of which stands once.
  private mutating func takeLiveTag(
    _ name: String, _ value: Substring, _ line: Int
  ) throws(HLSError) {
    let attributes = try AttributeList(parsing: value, tag: name, line: line)
    switch name {
    case ServerControl.tag: playlist.serverControl = try ServerControl(attributes)
    case PartInformation.tag: playlist.partTarget = try PartInformation.partTarget(attributes)
    default:
      guard playlist.segments.isEmpty, pending.line == nil else {
        throw HLSError(.order, line: line, "\(name) must stand before the first segment")
      }
      playlist.skipped = try SkippedSegments(attributes)
    }
  }

  /// Hints and reports.
  private mutating func takeOutlook(
    _ name: String, _ value: Substring, _ line: Int
  ) throws(HLSError) {
    let attributes = try AttributeList(parsing: value, tag: name, line: line)
    if name == PreloadHint.tag {
      let hint = try PreloadHint(attributes)
      guard !playlist.preloadHints.contains(where: { $0.type == hint.type }) else {
        throw HLSError(.duplicate, line: line, "a second \(name) of TYPE=\(hint.type.rawValue)")
      }
      playlist.preloadHints.append(hint)
    } else {
      guard playlist.renditionReports.count < PlaylistLimits.streamCount else {
        throw HLSError(.tooLarge, line: line, "more than \(PlaylistLimits.streamCount) of \(name)")
      }
      playlist.renditionReports.append(try RenditionReport(attributes))
    }
  }

  private mutating func takePart(_ value: Substring, _ line: Int) throws(HLSError) {
    partCount += 1
    guard partCount <= PlaylistLimits.partCount else {
      throw HLSError(.tooLarge, line: line, "more than \(PlaylistLimits.partCount) parts")
    }
    let last = pending.parts.last ?? playlist.segments.last?.parts.last
    let part = try PartialSegment(
      AttributeList(parsing: value, tag: PartialSegment.tag, line: line), after: last)
    pending.parts.append(part)
  }

  /// Tags with attributes that stand for themselves.
  private mutating func takeRange(
    _ name: String, _ value: Substring, _ line: Int
  ) throws(HLSError) {
    let attributes = try AttributeList(parsing: value, tag: name, line: line)
    switch name {
    case Definition.tag:
      let definition = try Definition(attributes)
      try defined.define(definition, line: line)
      playlist.definitions.append(definition)
    case StartPoint.tag:
      guard playlist.start == nil else {
        throw HLSError(.duplicate, line: line, "\(name) stands twice")
      }
      playlist.start = try StartPoint(attributes)
    default:
      let range = try DateRange(attributes)
      dateRangeCount += 1
      if pending.line != nil || playlist.segments.isEmpty && initialization != nil {
        pending.dateRanges.append(range)
      } else if let last = playlist.segments.indices.last {
        playlist.segments[last].finalDateRanges.append(range)
      } else {
        playlist.dateRanges.append(range)
      }
    }
    let count = max(dateRangeCount, playlist.definitions.count)
    guard count <= PlaylistLimits.dateRangeCount else {
      throw HLSError(.tooLarge, line: line, "more than \(PlaylistLimits.dateRangeCount) of \(name)")
    }
  }

  private mutating func takeSegmentTag(
    _ name: String, _ value: Substring, _ line: PlaylistLine
  ) throws(HLSError) {
    if !pending.parts.isEmpty, Self.tagsBeforeParts.contains(name) {
      throw HLSError(
        .order, line: line.number, "\(name) must stand before the first EXT-X-PART of its segment")
    }
    switch name {
    case Definition.tag, StartPoint.tag, DateRange.tag:
      return try takeRange(name, value, line.number)
    case PreloadHint.tag, RenditionReport.tag:
      return try takeOutlook(name, value, line.number)
    case PartialSegment.tag: try takePart(value, line.number)
    case "EXTINF":
      guard pending.duration == nil else {
        throw HLSError(.duplicate, line: line.number, "a second EXTINF before the segment's URI")
      }
      pending.duration = try duration(value, line.number)
    case "EXT-X-BYTERANGE":
      guard pending.byteRange == nil else {
        throw HLSError(.duplicate, line: line.number, "a second EXT-X-BYTERANGE for one segment")
      }
      let range = try Self.byteRange(value, line.number)
      pending.byteRange = (range.count, range.offset, line.number)
    case "EXT-X-DISCONTINUITY": pending.hasDiscontinuity = true
    case "EXT-X-GAP": pending.isGap = true
    case "EXT-X-PROGRAM-DATE-TIME":
      guard let moment = ProgramDateTime(value) else {
        throw HLSError(
          .syntax, line: line.number, "\(value) is no date and time with a zone (ISO 8601)")
      }
      pending.programDateTime = moment
    case ImageTiles.tag:
      guard pending.tiles == nil else {
        throw HLSError(.duplicate, line: line.number, "a second EXT-X-TILES for one segment")
      }
      pending.tiles = try ImageTiles(AttributeList(parsing: value, tag: name, line: line.number))
    case "EXT-X-MAP": try takeInitialization(value, line.number)
    case "EXT-X-BITRATE": return  // a hint; the byte ranges say it better
    default:
      if let refusal = line.refusal(
        of: name, wrongKind: PlaylistLine.multivariantTags, kind: "Media Playlist")
      {
        throw refusal
      }
      return
    }
    if name != "EXT-X-MAP" { pending.line = pending.line ?? line.number }
  }

  /// "… MUST be applied to the … Media Segment before the first EXT-X-PART tag" (§4.4.4.9).
  private static let tagsBeforeParts: Set<String> = [
    "EXT-X-DISCONTINUITY", "EXT-X-MAP", "EXT-X-PROGRAM-DATE-TIME",
  ]

  private mutating func takeInitialization(_ value: Substring, _ line: Int) throws(HLSError) {
    let attributes = try AttributeList(parsing: value, tag: "EXT-X-MAP", line: line)
    let uri = try attributes.required("URI", attributes.string("URI"))
    var range: ByteRange?
    if let text = try attributes.string("BYTERANGE") {
      let (count, offset) = try Self.byteRange(Substring(text), line)
      guard let offset else { throw attributes.error(.missing, "BYTERANGE without an offset") }
      range = try Self.checked(count, offset, line)
    }
    initialization = MediaInitialization(uri: uri, byteRange: range)
  }

  private mutating func takeURI(_ uri: String, _ line: Int) throws(HLSError) {
    guard let duration = pending.duration else {
      throw HLSError(.missing, line: line, "a segment without EXTINF")
    }
    guard playlist.segments.count < PlaylistLimits.segmentCount else {
      throw HLSError(
        .tooLarge, line: line, "more than \(PlaylistLimits.segmentCount) segments")
    }
    var range: ByteRange?
    if let (count, given, rangeLine) = pending.byteRange {
      let last = playlist.segments.last
      guard let offset = given ?? (last?.uri == uri ? last?.byteRange?.end : nil) else {
        throw HLSError(
          .missing, line: rangeLine,
          "EXT-X-BYTERANGE without an offset needs a range of \(uri) just before it")
      }
      range = try Self.checked(count, offset, rangeLine)
    }
    playlist.segments.append(
      MediaSegment(
        duration: duration, uri: uri, byteRange: range, initialization: initialization,
        hasDiscontinuity: pending.hasDiscontinuity, isGap: pending.isGap,
        programDateTime: pending.programDateTime))
    playlist.segments[playlist.segments.count - 1].tiles = pending.tiles
    playlist.segments[playlist.segments.count - 1].dateRanges = pending.dateRanges
    playlist.segments[playlist.segments.count - 1].parts = pending.parts
    pending = Pending()
  }

  private mutating func duration(_ value: Substring, _ line: Int) throws(HLSError) -> MediaTime {
    guard let comma = value.firstIndex(of: ","), let micros = microseconds(value[..<comma]) else {
      throw HLSError(.syntax, line: line, "expected EXTINF:SECONDS, and not EXTINF:\(value)")
    }
    guard micros <= PlaylistLimits.segmentSeconds * 1_000_000 else {
      throw HLSError(
        .tooLarge, line: line, "a segment of more than \(PlaylistLimits.segmentSeconds) s")
    }
    if value[..<comma].contains(".") { hasDecimals = true }
    return MediaTime(micros, SegmentDurations.microsecond)
  }

  /// `n[@o]` (§4.4.4.2).
  static func byteRange(
    _ text: Substring, _ line: Int
  ) throws(HLSError) -> (count: Int64, offset: Int64?) {
    let parts = text.split(separator: "@", omittingEmptySubsequences: false)
    let numbers = parts.compactMap(decimalInteger)
    guard numbers.count == parts.count, (1...2).contains(parts.count) else {
      throw HLSError(.syntax, line: line, "\(text) is no byte range: expected LENGTH@OFFSET")
    }
    return (numbers[0], numbers.count == 2 ? numbers[1] : nil)
  }

  static func checked(
    _ count: Int64, _ offset: Int64, _ line: Int
  ) throws(HLSError) -> ByteRange {
    guard !offset.addingReportingOverflow(count).overflow else {
      throw HLSError(.tooLarge, line: line, "byte range \(count)@\(offset) ends beyond 2^63")
    }
    return ByteRange(offset: offset, count: count)
  }

  private func number(
    _ name: String, _ value: Substring, _ line: Int, atLeast least: Int64
  ) throws(HLSError) -> Int64 {
    guard let number = decimalInteger(value), number >= least else {
      throw HLSError(
        .syntax, line: line, "\(name):\(value): expected a whole number, at least \(least)")
    }
    return number
  }

  mutating func finish() throws(HLSError) -> MediaPlaylist {
    guard seen.contains("EXT-X-TARGETDURATION") else {
      throw HLSError(.missing, line: nil, "EXT-X-TARGETDURATION is missing")
    }
    try finishUnfinished()
    if let line = pending.line {
      throw HLSError(.missing, line: line, "a tag of a segment, and no segment after it")
    }
    let isDated =
      playlist.segments.contains { $0.programDateTime != nil }
      || playlist.unfinished?.programDateTime != nil
    guard dateRangeCount == 0 || isDated else {
      throw HLSError(
        .missing, line: nil, "EXT-X-DATERANGE without EXT-X-PROGRAM-DATE-TIME (§4.4.5.1)")
    }
    var needed = MediaPlaylist.requiredVersion(
      hasDecimals: hasDecimals, hasByteRanges: playlist.segments.contains { $0.byteRange != nil },
      isIFramesOnly: playlist.isIFramesOnly, hasInitialization: initialization != nil)
    needed = max(
      needed, playlist.definitions.map(\.version).max() ?? 1,
      playlist.skipped?.version ?? 1)
    guard declaredVersion >= needed else {
      throw HLSError(
        .version, line: nil, "EXT-X-VERSION is \(declaredVersion), the tags need \(needed)")
    }
    return playlist
  }

  /// Takes what is there of a segment whose URI has yet to come, and looks at what parts need.
  private mutating func finishUnfinished() throws(HLSError) {
    if !pending.parts.isEmpty, pending.duration == nil {
      let last = playlist.segments.last?.initialization
      var unfinished = UnfinishedSegment(
        initialization: initialization == last ? nil : initialization,
        hasDiscontinuity: pending.hasDiscontinuity, programDateTime: pending.programDateTime,
        parts: pending.parts)
      unfinished.dateRanges = pending.dateRanges
      playlist.unfinished = unfinished
      pending = Pending()
    }
    guard !playlist.isEnded || playlist.preloadHints.isEmpty else {
      throw HLSError(.order, line: nil, "a playlist with EXT-X-ENDLIST has no EXT-X-PRELOAD-HINT")
    }
    try playlist.serverControl?.check(
      targetDuration: playlist.targetDuration, partTarget: playlist.partTarget)
    let parts = playlist.segments.flatMap(\.parts) + (playlist.unfinished?.parts ?? [])
    guard !parts.isEmpty else { return }
    guard let target = playlist.partTarget, playlist.serverControl?.partHoldBack != nil else {
      throw HLSError(
        .missing, line: nil,
        "EXT-X-PART needs EXT-X-PART-INF, and PART-HOLD-BACK of EXT-X-SERVER-CONTROL (§4.4.3.7)")
    }
    if let long = parts.first(where: { $0.duration > target }) {
      throw HLSError(
        .syntax, line: nil, "the part \(long.uri) is longer than PART-TARGET=\(sixDecimals(target))"
      )
    }
  }
}

extension AttributeList {
  func byteRange(_ text: String) throws(HLSError) -> (count: Int64, offset: Int64?) {
    try MediaPlaylistParser.byteRange(Substring(text), line)
  }

  func checked(_ count: Int64, _ offset: Int64) throws(HLSError) -> ByteRange {
    try MediaPlaylistParser.checked(count, offset, line)
  }
}
