import HLS
import MediaCore

/// A Media Playlist as a player takes it: whatever can be read is used, whatever cannot is left out
/// (draft-pantos-hls-rfc8216bis §6.3.1).
///
/// `HLS.MediaPlaylist` refuses what breaks the draft, and is the rules' measure; a measurement goes on.
struct ObservedPlaylist: Sendable {
  struct Resource: Hashable, Sendable {
    var uri: String
    var range: ByteRange?
  }

  struct Part: Hashable, Sendable {
    var resource: Resource
    var duration: Duration
    var isIndependent: Bool
    var isGap: Bool
  }

  struct Segment: Hashable, Sendable {
    /// Media sequence number.
    var number: Int64
    /// Since 1970 if the playlist is dated, else since the first segment that was seen.
    var position = Duration.zero
    /// `nil` while it is being made.
    var resource: Resource?
    /// Of what is there.
    var duration = Duration.zero
    var initialization: Resource?
    var isGap = false
    var isDiscontinuous = false
    /// EXT-X-PROGRAM-DATE-TIME, given or counted on from the last one: since 1970.
    var dated: Duration?
    var parts: [Part] = []
  }

  struct Hint: Hashable, Sendable {
    var isPart: Bool
    var resource: Resource
    /// BYTERANGE-START without a length.
    var isOpen: Bool
  }

  struct Report: Hashable, Sendable {
    var uri: String
    var lastNumber: Int64?
    var lastPart: Int?
  }

  var version = 1
  var targetDuration = Duration.seconds(1)
  var partTarget: Duration?
  var canBlockReload = false
  var canSkipUntil: Duration?
  var holdBack: Duration?
  var partHoldBack: Duration?
  var mediaSequence: Int64 = 0
  var discontinuitySequence: Int64 = 0
  var skippedCount = 0
  var isEnded = false
  var hints: [Hint] = []
  var reports: [Report] = []
  /// In order; the last one may be unfinished.
  var segments: [Segment] = []

  /// - Throws: `ProbeError` for what is no Media Playlist, or is too long.
  init(_ text: String) throws(ProbeError) {
    guard text.hasPrefix("#EXTM3U") || text.hasPrefix("\u{feff}#EXTM3U") else {
      throw ProbeError(.server, "what came is no playlist: it does not begin with #EXTM3U")
    }
    var reader = Reader()
    for line in text.utf8.split(whereSeparator: { $0 == 0x0a || $0 == 0x0d }) {
      try reader.take(Substring(line), &self)
    }
    reader.finish(&self)
  }

  var lastComplete: Segment? { segments.last { $0.resource != nil } }

  /// Where the media that is there ends.
  var end: Duration? { segments.last.map { $0.position + $0.duration } }

  func segment(_ number: Int64) -> Segment? {
    guard let first = segments.first?.number, number >= first,
      number - first < Int64(segments.count)
    else { return nil }
    return segments[Int(number - first)]
  }

  /// Puts back what a delta update left out (§6.3.7), and goes on with the positions of the playlist
  /// before.
  /// - Returns: `false` if what was left out is not known.
  mutating func follow(_ previous: ObservedPlaylist?) -> Bool {
    if skippedCount > 0 {
      guard let previous,
        let old = previous.segment(mediaSequence),
        previous.segment(mediaSequence + Int64(skippedCount) - 1)?.resource != nil
      else { return false }
      let start = Int(old.number - previous.segments[0].number)
      let restored = previous.segments[start..<start + skippedCount]
      if segments.first?.initialization == nil {
        let last = restored.last?.initialization
        for index in segments.indices where segments[index].initialization == nil {
          segments[index].initialization = last
        }
      }
      segments = restored + segments
    }
    place(after: previous)
    return true
  }

  private mutating func place(after previous: ObservedPlaylist?) {
    for index in segments.indices.dropFirst() where segments[index].dated == nil {
      if let before = segments[index - 1].dated, !segments[index].isDiscontinuous {
        segments[index].dated = before + segments[index - 1].duration
      }
    }
    // What stands before the first date.
    for index in segments.indices.dropLast().reversed() where segments[index].dated == nil {
      if let after = segments[index + 1].dated {
        segments[index].dated = after - segments[index].duration
      }
    }
    guard let first = segments.first else { return }
    if first.dated != nil {
      for index in segments.indices { segments[index].position = segments[index].dated ?? .zero }
      return
    }
    var position = Duration.zero
    if let known = previous?.segment(first.number) {
      position = known.position
    } else if let last = previous?.segments.last {
      position = last.position + last.duration
    }
    for index in segments.indices {
      segments[index].position = position
      position += segments[index].duration
    }
  }
}

extension ObservedPlaylist {
  /// What the lines so far say of the next segment.
  private struct Reader {
    var segment = Segment(number: 0)
    var extinf: Duration?
    var range: (count: Int64, offset: Int64?)?
    var initialization: Resource?
    var previousRange: (uri: String, end: Int64)?
    var previousPart: (uri: String, end: Int64)?
    var pieceCount = 0

    mutating func take(_ line: Substring, _ playlist: inout ObservedPlaylist) throws(ProbeError) {
      guard line.utf8.first == UInt8(ascii: "#") else {
        return try takeURI(String(line), &playlist)
      }
      guard line.hasPrefix("#EXT") else { return }
      let colon = line.utf8.firstIndex(of: UInt8(ascii: ":")) ?? line.endIndex
      let value = colon < line.endIndex ? line[line.utf8.index(after: colon)...] : ""
      switch line[..<colon] {
      case "#EXTINF":
        extinf = Duration(readSeconds: value.prefix { $0 != "," })
      case "#EXT-X-PART": try takePart(Attributes(value))
      case "#EXT-X-BYTERANGE": range = Self.range(value)
      case "#EXT-X-PROGRAM-DATE-TIME":
        segment.dated = ProgramDateTime(value).map { .milliseconds($0.millisecondsSince1970) }
      case "#EXT-X-MAP":
        let attributes = Attributes(value)
        guard let uri = attributes["URI"] else { return }
        let range = attributes["BYTERANGE"].flatMap { Self.range($0) }
        initialization = Resource(
          uri: String(uri), range: range.map { ByteRange(offset: $0.offset ?? 0, count: $0.count) })
      case "#EXT-X-GAP": segment.isGap = true
      case "#EXT-X-DISCONTINUITY": segment.isDiscontinuous = true
      default: takePlaylistTag(line[..<colon], value, &playlist)
      }
    }

    private func takePlaylistTag(
      _ name: Substring, _ value: Substring, _ playlist: inout ObservedPlaylist
    ) {
      switch name {
      case "#EXT-X-VERSION": playlist.version = Int(value) ?? 1
      case "#EXT-X-TARGETDURATION":
        playlist.targetDuration = Duration(readSeconds: value) ?? .seconds(1)
      case "#EXT-X-MEDIA-SEQUENCE":
        playlist.mediaSequence = min(max(Int64(value) ?? 0, 0), .max / 2)
      case "#EXT-X-DISCONTINUITY-SEQUENCE":
        playlist.discontinuitySequence = Int64(value) ?? 0
      case "#EXT-X-ENDLIST": playlist.isEnded = true
      case "#EXT-X-PART-INF":
        playlist.partTarget = Attributes(value).seconds("PART-TARGET")
      case "#EXT-X-SERVER-CONTROL":
        let attributes = Attributes(value)
        playlist.canBlockReload = attributes["CAN-BLOCK-RELOAD"] == "YES"
        playlist.canSkipUntil = attributes.seconds("CAN-SKIP-UNTIL")
        playlist.holdBack = attributes.seconds("HOLD-BACK")
        playlist.partHoldBack = attributes.seconds("PART-HOLD-BACK")
      case "#EXT-X-SKIP":
        let count = Attributes(value)["SKIPPED-SEGMENTS"].flatMap { Int($0) } ?? 0
        playlist.skippedCount = min(max(count, 0), Limits.playlistPieceCount)
      case "#EXT-X-PRELOAD-HINT" where playlist.hints.count < Limits.reportCount:
        let attributes = Attributes(value)
        guard let uri = attributes["URI"] else { return }
        let start = attributes["BYTERANGE-START"].flatMap { Int64($0) }
        let count = attributes["BYTERANGE-LENGTH"].flatMap { Int64($0) }
        playlist.hints.append(
          Hint(
            isPart: attributes["TYPE"] == "PART",
            resource: Resource(
              uri: String(uri),
              range: count.map { ByteRange(offset: max(0, start ?? 0), count: max(0, $0)) }),
            isOpen: start != nil && count == nil))
      case "#EXT-X-RENDITION-REPORT" where playlist.reports.count < Limits.reportCount:
        let attributes = Attributes(value)
        guard let uri = attributes["URI"] else { return }
        playlist.reports.append(
          Report(
            uri: String(uri), lastNumber: attributes["LAST-MSN"].flatMap { Int64($0) },
            lastPart: attributes["LAST-PART"].flatMap { Int($0) }))
      default: break
      }
    }

    private mutating func takePart(_ attributes: Attributes) throws(ProbeError) {
      guard let uri = attributes["URI"].map({ String($0) }),
        let duration = attributes.seconds("DURATION")
      else { return }
      try count()
      var resource = Resource(uri: uri)
      if let range = attributes["BYTERANGE"].flatMap({ Self.range($0) }) {
        let follows = previousPart.flatMap { $0.uri == uri ? $0.end : nil }
        let whole = ByteRange(offset: range.offset ?? follows ?? 0, count: range.count)
        resource.range = whole
        previousPart = (uri, whole.end)
      }
      segment.parts.append(
        Part(
          resource: resource, duration: duration,
          isIndependent: attributes["INDEPENDENT"] == "YES", isGap: attributes["GAP"] == "YES"))
    }

    private mutating func takeURI(
      _ uri: String, _ playlist: inout ObservedPlaylist
    ) throws(ProbeError) {
      guard let duration = extinf else { return }
      try count()
      var resource = Resource(uri: uri)
      if let range {
        let follows = previousRange.flatMap { $0.uri == uri ? $0.end : nil }
        let whole = ByteRange(offset: range.offset ?? follows ?? 0, count: range.count)
        resource.range = whole
        previousRange = (uri, whole.end)
      }
      segment.resource = resource
      segment.duration = duration
      append(&playlist)
    }

    private mutating func append(_ playlist: inout ObservedPlaylist) {
      segment.number =
        playlist.mediaSequence + Int64(playlist.skippedCount + playlist.segments.count)
      segment.initialization = initialization
      playlist.segments.append(segment)
      segment = Segment(number: 0)
      extinf = nil
      range = nil
    }

    mutating func finish(_ playlist: inout ObservedPlaylist) {
      guard !segment.parts.isEmpty else { return }
      segment.duration = segment.parts.reduce(.zero) { $0 + $1.duration }
      append(&playlist)
    }

    private mutating func count() throws(ProbeError) {
      pieceCount += 1
      guard pieceCount <= Limits.playlistPieceCount else {
        throw ProbeError(
          .server, "a playlist has more than \(Limits.playlistPieceCount) segments and parts")
      }
    }

    /// `length[@offset]`
    static func range(_ text: some StringProtocol) -> (count: Int64, offset: Int64?)? {
      let pieces = text.split(separator: "@")
      guard let first = pieces.first, let count = Int64(first), count > 0, count <= 1 << 40 else {
        return nil
      }
      guard pieces.count > 1 else { return (count, nil) }
      guard let offset = Int64(pieces[1]), (0...1 << 50).contains(offset) else { return nil }
      return (count, offset)
    }
  }

  /// An attribute list (§4.2), of which what cannot be read is left out.
  struct Attributes {
    private var values: [(name: Substring, value: Substring)] = []

    init(_ text: Substring) {
      var rest = text.utf8
      while let equals = rest.firstIndex(of: UInt8(ascii: "=")) {
        let name = Substring(rest[..<equals])
        rest = rest[rest.index(after: equals)...]
        let value: Substring
        if rest.first == UInt8(ascii: "\"") {
          rest = rest.dropFirst()
          let end = rest.firstIndex(of: UInt8(ascii: "\"")) ?? rest.endIndex
          value = Substring(rest[..<end])
          rest = rest[end...].drop { $0 != UInt8(ascii: ",") }
        } else {
          let end = rest.firstIndex(of: UInt8(ascii: ",")) ?? rest.endIndex
          value = Substring(rest[..<end])
          rest = rest[end...]
        }
        values.append((name.drop { $0 == " " }, value))
        rest = rest.dropFirst()
      }
    }

    subscript(_ name: String) -> Substring? { values.first { $0.name == name }?.value }

    func seconds(_ name: String) -> Duration? {
      self[name].flatMap { Duration(readSeconds: $0) }
    }
  }
}
