import DASH
import FileIO
import HLS
import Library
import NIOCore

extension Rule {
  static let documentMissing = Rule("document-missing", "title at rest")
  static let documentUnlisted = Rule("document-unlisted", "title at rest", .warning)
  static let playlistSyntax = Rule("playlist-syntax", "RFC 8216bis §4")
  static let mpdSyntax = Rule("mpd-syntax", "ISO/IEC 23009-1 §5")
}

/// The playlists and the MPD beside the tracks.
struct StaticDocuments {
  static let mainName = "main.m3u8"
  static let mpdName = "manifest.mpd"

  private let folder: String
  private let files: [String]
  private(set) var findings: [Finding] = []
  private(set) var byteCount: Int64 = 0
  private(set) var main: (playlist: MultivariantPlaylist, text: String)?
  private(set) var mpd: MPD?
  /// By the tracks' names.
  private(set) var mediaPlaylists: [String: MediaPlaylist] = [:]
  /// By the names of track files.
  private var declaredRates: [String: DeclaredRate] = [:]

  init(folder: String, files: [String]) {
    self.folder = folder
    self.files = files
    if let text = text(of: Self.mainName) {
      var log = FindingLog(file: Self.mainName)
      do { main = (try MultivariantPlaylist(parsing: text), text) } catch {
        log.add(.playlistSyntax, error.line.map { "line \($0)" } ?? "", error.message)
      }
      findings += log.findings
    }
    if let text = text(of: Self.mpdName) {
      var log = FindingLog(file: Self.mpdName)
      do { mpd = try MPD(parsing: text) } catch {
        log.add(.mpdSyntax, error.line.map { "line \($0)" } ?? "", error.message)
      }
      findings += log.findings
      if let mpd { readRates(mpd) }
    }
  }

  mutating func text(of name: String) -> String? {
    var log = FindingLog(file: name)
    defer { findings += log.findings }
    guard files.contains(name), Folder.entry(at: "\(folder)/\(name)") == .file else {
      log.add(.documentMissing, "", "is missing; every title at rest has it")
      return nil
    }
    do {
      let file = try ReadableFile(path: "\(folder)/\(name)")
      guard file.byteCount <= VerificationLimits.documentByteCount else {
        log.add(
          .limit, "",
          "has \(file.byteCount) bytes; at most \(VerificationLimits.documentByteCount) are read")
        return nil
      }
      byteCount += file.byteCount
      let bytes = try file.read(at: 0, count: Int(file.byteCount))
      return String(decoding: bytes.readableBytesView, as: UTF8.self)
    } catch {
      log.add(.documentMissing, "", "\(error)")
      return nil
    }
  }

  /// The rate that the MPD declares of a track.
  func declaredRate(of name: String) -> DeclaredRate? {
    declaredRates["\(name).mp4"] ?? declaredRates[name]
  }

  private mutating func readRates(_ mpd: MPD) {
    for found in mpd.periods.flatMap(\.adaptationSets).flatMap(\.representations) {
      // Tracks of many files are named by the representation.
      let file = Reference.plain(found.baseURL ?? found.id)
      guard declaredRates[file] == nil else { continue }
      declaredRates[file] = DeclaredRate(
        bitsPerSecond: found.bandwidth, minBufferTime: mpd.minBufferTime.microseconds)
    }
  }

  /// Holds all documents against what the tracks are.
  mutating func check(
    against tracks: [MeasuredTrack], layout: TitleLayout, images: ImageDocumentRules? = nil
  ) {
    var known: Set<String> = [Self.mainName]
    if let images { known.formUnion(check(images)) }
    var playlists: [MediaPlaylistRules] = []
    for track in tracks where track.isVideo || track.isAudio || track.isText {
      let name = "\(track.name).m3u8"
      if !track.isTrick {
        known.insert(name)
        if let rules = playlist(name, track, isIFrames: false) { playlists.append(rules) }
      }
      let iFrames = "\(track.name).iframes.m3u8"
      if track.hasIFrames || track.isVideo && files.contains(iFrames) {
        known.insert(iFrames)
        if let rules = playlist(iFrames, track, isIFrames: true) { playlists.append(rules) }
      }
    }
    findings += MediaPlaylistRules.compare(playlists)
    if let main {
      let target = playlists.filter { !$0.isIFrames }.map(\.targetDuration).max() ?? 1
      var rules = MultivariantRules(main.playlist, text: main.text, tracks: tracks, target: target)
      findings += rules.check()
    }
    if let mpd {
      var rules = MPDRules(mpd, tracks: tracks, layout: layout)
      findings += rules.check()
    }
    known.formUnion(tracks.filter { $0.webVTT != nil }.map(WebVTTRules.fileName))
    for name in files
    where (name.hasSuffix(".m3u8") || name.hasSuffix(".vtt")) && !known.contains(name) {
      var log = FindingLog(file: name)
      log.add(.documentUnlisted, "", "belongs to no track of the title")
      findings += log.findings
    }
  }

  static let spriteMapName = "thumbnails.vtt"

  /// - Returns: names of the documents of thumbnails.
  private mutating func check(_ images: ImageDocumentRules) -> [String] {
    let name = "\(images.thumbnails.name).m3u8"
    if let text = text(of: name) { findings += images.check(playlist: text, name: name) }
    if let text = text(of: Self.spriteMapName) {
      findings += images.check(spriteMap: text, name: Self.spriteMapName)
    }
    if let main { findings += images.check(main: main.playlist, playlist: name) }
    if let period = mpd?.periods.first { findings += images.check(period.adaptationSets) }
    return [name, Self.spriteMapName]
  }

  private mutating func playlist(
    _ name: String, _ track: MeasuredTrack, isIFrames: Bool
  ) -> MediaPlaylistRules? {
    guard let text = text(of: name) else { return nil }
    var rules = MediaPlaylistRules(name: name, text: text, track: track, isIFrames: isIFrames)
    let isRead = rules.check()
    findings += rules.log.findings
    if !isIFrames, let read = rules.playlist { mediaPlaylists[track.name] = read }
    return isRead ? rules : nil
  }
}

/// Relative references in documents (RFC 3986 §4.2).
enum Reference {
  /// Percent-encoding taken off, a leading `./` too; what is not UTF-8 then stays as it was.
  static func plain(_ text: String) -> String {
    var bytes: [UInt8] = []
    var rest = Array(text.utf8)[...]
    if rest.starts(with: [0x2e, 0x2f]) { rest = rest.dropFirst(2) }
    while let byte = rest.popFirst() {
      if byte == 0x25, rest.count >= 2,
        let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
      {
        bytes.append(value)
        rest = rest.dropFirst(2)
      } else {
        bytes.append(byte)
      }
    }
    return String(validating: bytes, as: UTF8.self) ?? text
  }
}
