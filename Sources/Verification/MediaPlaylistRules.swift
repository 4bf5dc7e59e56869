import HLS
import Library
import MediaCore

extension Rule {
  static let targetDuration = Rule("target-duration", "RFC 8216bis §4.4.3.1")
  static let targetDurationLoose = Rule("target-duration-loose", "RFC 8216bis §4.4.3.1", .warning)
  static let targetDurationDiffers = Rule("target-duration-differs", "RFC 8216bis §6.2.4")
  static let playlistType = Rule("playlist-type", "RFC 8216bis §4.4.3.5")
  static let endList = Rule("end-list", "RFC 8216bis §4.4.3.4")
  static let playlistSegments = Rule("playlist-segments", "RFC 8216bis §4.4.4")
  static let segmentDuration = Rule("extinf", "RFC 8216bis §4.4.4.1")
  static let playlistDuration = Rule("playlist-duration", "RFC 8216bis §4.4.4.1")
  static let byteRange = Rule("byte-range", "RFC 8216bis §4.4.4.2")
  static let discontinuity = Rule("discontinuity", "RFC 8216bis §4.4.4.3")
  static let initialization = Rule("map", "RFC 8216bis §4.4.4.5")
  static let independentSegments = Rule("independent-segments", "RFC 8216bis §4.4.2.1")
  static let iFramesOnly = Rule("i-frames-only", "RFC 8216bis §4.4.3.6")
  static let iFrameRange = Rule("i-frame-range", "RFC 8216bis §4.4.3.6")
}

/// Line numbers of the tags of a playlist.
struct PlaylistLines {
  private var numbers: [Substring: [Int]] = [:]

  /// Tags that findings point at.
  private static let tags: Set<Substring> = [
    "#EXTINF", "#EXT-X-MAP", "#EXT-X-MEDIA", "#EXT-X-STREAM-INF", "#EXT-X-I-FRAME-STREAM-INF",
    "#EXT-X-TARGETDURATION", "#EXT-X-PLAYLIST-TYPE", "#EXT-X-I-FRAMES-ONLY",
    "#EXT-X-INDEPENDENT-SEGMENTS",
  ]

  init(_ text: String) {
    for (index, line) in text.utf8.split(separator: 0x0a, omittingEmptySubsequences: false)
      .enumerated()
    where line.starts(with: "#EXT".utf8) {
      let tag = Substring(line.prefix { $0 != UInt8(ascii: ":") })
      if Self.tags.contains(tag) { numbers[tag, default: []].append(index + 1) }
    }
  }

  /// `line 7`: where a tag stands for the nth time, from 0.
  func place(_ tag: Substring, _ index: Int = 0) -> String {
    guard let found = numbers[tag], index < found.count else { return "" }
    return "line \(found[index])"
  }
}

/// A media or I-frame playlist of one track.
struct MediaPlaylistRules {
  let track: MeasuredTrack
  let isIFrames: Bool
  /// What the playlist is expected to list.
  private let segments: [MeasuredSegment]
  private let text: String
  private(set) var log: FindingLog
  /// As read.
  private(set) var playlist: MediaPlaylist?
  /// As declared, 1 if it could not be read.
  private(set) var targetDuration = 1
  /// The least that the segments allow.
  private var neededDuration = 1
  private let lines: PlaylistLines

  init(name: String, text: String, track: MeasuredTrack, isIFrames: Bool) {
    self.track = track
    self.isIFrames = isIFrames
    segments = isIFrames ? track.iFrames : track.listedSegments
    self.text = text
    log = FindingLog(file: name)
    lines = PlaylistLines(text)
  }

  /// - Returns: whether the playlist could be read.
  mutating func check() -> Bool {
    let playlist: MediaPlaylist
    do { playlist = try MediaPlaylist(parsing: text) } catch {
      log.add(.playlistSyntax, error.line.map { "line \($0)" } ?? "", error.message)
      return false
    }
    self.playlist = playlist
    targetDuration = playlist.targetDuration
    checkTags(playlist)
    checkDurations(playlist)
    log.require(
      playlist.segments.count == segments.count, .playlistSegments, "",
      "lists \(playlist.segments.count) segments; \(segments.count) of \(track.listedFile) are expected"
    )
    for (index, (listed, segment)) in zip(playlist.segments, segments).enumerated() {
      check(listed, segment, index)
    }
    return true
  }

  private mutating func checkTags(_ playlist: MediaPlaylist) {
    log.require(
      playlist.playlistType == .vod, .playlistType, lines.place("#EXT-X-PLAYLIST-TYPE"),
      "EXT-X-PLAYLIST-TYPE:VOD is expected")
    log.require(playlist.isEnded, .endList, "", "EXT-X-ENDLIST is missing: players will reload it")
    log.require(
      playlist.isIFramesOnly == isIFrames, .iFramesOnly, lines.place("#EXT-X-I-FRAMES-ONLY"),
      isIFrames ? "EXT-X-I-FRAMES-ONLY is missing" : "EXT-X-I-FRAMES-ONLY must not stand here")
    log.require(
      !playlist.hasIndependentSegments || track.isIndependent, .independentSegments,
      lines.place("#EXT-X-INDEPENDENT-SEGMENTS"),
      "EXT-X-INDEPENDENT-SEGMENTS stands here, and a segment does not begin with an access point of "
        + "type 1 or 2")
  }

  private mutating func checkDurations(_ playlist: MediaPlaylist) {
    for (index, segment) in playlist.segments.enumerated() {
      // To the nearest second, halves up: durations are whole microseconds.
      let rounded = Int((segment.duration.value + 500_000) / 1_000_000)
      neededDuration = max(neededDuration, rounded)
      log.require(
        rounded <= targetDuration, .targetDuration, lines.place("#EXTINF", index),
        "a segment of \(segment.duration.seconds) s; EXT-X-TARGETDURATION is \(targetDuration)")
    }
    // Positions, so that nothing drifts however long the playlist is.
    var position: Int64 = 0
    let scale = Int128(track.timescale.ticksPerSecond)
    let start = segments.first?.start ?? 0
    for (index, (listed, segment)) in zip(playlist.segments, segments).enumerated() {
      let exact = Int128(segment.duration) * 1_000_000
      let micros = Int128(listed.duration.value)
      log.require(
        (micros * scale - exact).magnitude <= UInt128(scale), .segmentDuration,
        lines.place("#EXTINF", index),
        "EXTINF is \(listed.duration.seconds) s; the segment lasts "
          + "\(track.time(segment.duration).seconds) s")
      position += listed.duration.value
      let end = Int128(segment.end - start) * 1_000_000
      log.require(
        (Int128(position) * scale - end).magnitude <= UInt128(scale), .playlistDuration,
        lines.place("#EXTINF", index),
        "durations up to here add up to \(position) µs, the media to "
          + "\(track.time(segment.end - start).seconds) s")
    }
  }

  private mutating func check(_ listed: MediaSegment, _ segment: MeasuredSegment, _ index: Int) {
    let place = lines.place("#EXTINF", index)
    let file = track.listedFile(segment)
    log.require(
      Reference.plain(listed.uri) == file, .playlistSegments, place,
      "the segment is of \(listed.uri); \(file) is expected")
    var expected =
      isIFrames
      ? ByteRange(offset: segment.range.offset, count: segment.firstSampleEnd) : segment.range
    if !track.isOneFile { expected.offset = 0 }
    // A whole file needs no range.
    let range =
      listed.byteRange ?? (track.isOneFile ? nil : ByteRange(offset: 0, count: segment.range.count))
    log.require(
      range == expected, isIFrames ? .iFrameRange : .byteRange, place,
      "bytes \(range.map { "\($0.offset) to \($0.end)" } ?? "are not given"); "
        + "\(expected.offset) to \(expected.end) are expected")
    log.require(
      !listed.hasDiscontinuity && !listed.isGap, .discontinuity, place,
      "a track file has no discontinuity and no gap")
    let map = listed.initialization
    if track.webVTT != nil {
      log.require(
        map == nil, .initialization, lines.place("#EXT-X-MAP"), "WebVTT segments have no EXT-X-MAP")
      return
    }
    let header = track.isOneFile ? file : "\(track.name)/\(TrackStorage.headerName)"
    log.require(
      map.map { Reference.plain($0.uri) } == header
        && map?.byteRange == (track.isOneFile ? track.headerRange : nil),
      .initialization, lines.place("#EXT-X-MAP"),
      "EXT-X-MAP is expected to be bytes \(track.headerRange.offset) to \(track.headerRange.end) of "
        + header)
  }

  // MARK: Between playlists

  /// All playlists of a title have one target duration, no longer than the longest segment asks.
  /// That of an I-frame playlist follows from its own pictures.
  static func compare(_ all: [MediaPlaylistRules]) -> [Finding] {
    let playlists = all.filter { !$0.isIFrames }
    guard let first = playlists.first else { return [] }
    var findings: [Finding] = []
    for other in playlists.dropFirst() where other.targetDuration != first.targetDuration {
      var log = FindingLog(file: other.log.file)
      log.add(
        .targetDurationDiffers, other.lines.place("#EXT-X-TARGETDURATION"),
        "EXT-X-TARGETDURATION is \(other.targetDuration), that of \(first.log.file) "
          + "\(first.targetDuration)")
      findings += log.findings
    }
    let needed = playlists.map(\.neededDuration).max() ?? 1
    if let loose = playlists.first(where: { $0.targetDuration > needed }) {
      var log = FindingLog(file: loose.log.file)
      log.add(
        .targetDurationLoose, loose.lines.place("#EXT-X-TARGETDURATION"),
        "EXT-X-TARGETDURATION is \(loose.targetDuration), where \(needed) is enough: players stay "
          + "further behind than they need")
      findings += log.findings
    }
    return findings
  }
}
