import DASH
import HLS
import Library
import MediaCore

extension Rule {
  static let imagePlaylist = Rule("image-playlist", "Image Media Playlist 0.4")
  static let imageTiles = Rule("image-tiles", "Image Media Playlist 0.4, EXT-X-TILES")
  static let imageBandwidth = Rule("image-bandwidth", "Image Media Playlist 0.4")
  static let imageSet = Rule("image-set", "DASH-IF IOP 4.3 §6.2.6")
  static let spriteMap = Rule("sprite-map", "WebVTT §4, Media Fragments 1.0 §4.2.2")
}

/// What documents say of thumbnails, held against the sheets.
struct ImageDocumentRules {
  let thumbnails: TitleImages.Thumbnails
  /// Of each sheet.
  let byteCounts: [Int64]
  /// Of the title, in seconds.
  let end: Double

  private func reference(_ sheet: Int) -> String {
    "\(thumbnails.name)/\(TitleImages.sheetName(sheet + 1))"
  }

  /// Seconds that a sheet is for.
  private func length(_ sheet: Int) -> Double {
    let whole = Double(thumbnails.sheetDuration) / 1000
    let left = end - whole * Double(sheet)
    return sheet == thumbnails.sheetCount - 1 && left > 0 ? left : whole
  }

  /// Bits in a second over runs of sheets, as of any playlist.
  private var peak: Double {
    let lengths = byteCounts.indices.map { Int64((length($0) * 1e6).rounded()) }
    let longest = lengths.max() ?? 0
    return SegmentRate(
      zip(byteCounts, lengths).map { ($0, $1) }, timescale: Timescale(literal: 1_000_000),
      target: max(1, Int((longest + 500_000) / 1_000_000))
    ).peak
  }

  /// The same of the largest sheet, each taken for the time of a whole one.
  private var sheetRate: Double {
    Double(byteCounts.max() ?? 0) * 8000 / Double(thumbnails.sheetDuration)
  }

  // MARK: HLS

  func check(playlist text: String, name: String) -> [Finding] {
    var log = FindingLog(file: name)
    let playlist: MediaPlaylist
    do { playlist = try MediaPlaylist(parsing: text) } catch {
      log.add(.playlistSyntax, error.line.map { "line \($0)" } ?? "", error.message)
      return log.findings
    }
    log.require(playlist.isImagesOnly, .imagePlaylist, "", "EXT-X-IMAGES-ONLY is missing")
    log.require(playlist.isEnded, .endList, "", "EXT-X-ENDLIST is missing: players will reload it")
    guard playlist.segments.count == thumbnails.sheetCount else {
      log.add(
        .imagePlaylist, "",
        "lists \(playlist.segments.count) sheets; there are \(thumbnails.sheetCount)")
      return log.findings
    }
    let tiles = ImageTiles(
      resolution: Resolution(width: thumbnails.tileWidth, height: thumbnails.tileHeight),
      columns: thumbnails.columns, rows: thumbnails.rows, duration: thumbnails.interval * 1000)
    for (index, segment) in playlist.segments.enumerated() {
      let place = "sheet \(index + 1)"
      log.require(
        Reference.plain(segment.uri) == reference(index), .imagePlaylist, place,
        "is \(segment.uri); \(reference(index)) is expected")
      log.require(
        segment.tiles == tiles, .imageTiles, place,
        "EXT-X-TILES is not \(thumbnails.columns)x\(thumbnails.rows) of \(thumbnails.tileWidth)x"
          + "\(thumbnails.tileHeight), one in \(thumbnails.interval) ms")
      log.require(
        abs(segment.duration.seconds - length(index)) <= 2e-6, .segmentDuration, place,
        "EXTINF is \(segment.duration.seconds) s; the sheet is for \(length(index)) s")
      log.require(
        segment.duration.seconds < Double(playlist.targetDuration) + 0.5, .targetDuration, place,
        "EXTINF is \(segment.duration.seconds) s; EXT-X-TARGETDURATION is "
          + "\(playlist.targetDuration)")
    }
    return log.findings
  }

  func check(main: MultivariantPlaylist, playlist name: String) -> [Finding] {
    var log = FindingLog(file: StaticDocuments.mainName)
    let found = main.imageVariants.filter { Reference.plain($0.uri) == name }
    log.require(
      found.count == 1 && main.imageVariants.count == 1, .imagePlaylist, "",
      "EXT-X-IMAGE-STREAM-INF names \(name) \(found.count) times; once is expected")
    for variant in found {
      log.require(
        variant.resolution
          == Resolution(width: thumbnails.tileWidth, height: thumbnails.tileHeight),
        .imagePlaylist, "EXT-X-IMAGE-STREAM-INF",
        "RESOLUTION is not that of a tile, \(thumbnails.tileWidth)x\(thumbnails.tileHeight)")
      log.require(
        variant.codecs == ["jpeg"], .imagePlaylist, "EXT-X-IMAGE-STREAM-INF",
        "CODECS is \"\(variant.codecs.joined(separator: ","))\"; \"jpeg\" is expected")
      checkRate(variant.bandwidth, peak, "EXT-X-IMAGE-STREAM-INF", &log)
    }
    return log.findings
  }

  private func checkRate(
    _ declared: Int64, _ peak: Double, _ place: String, _ log: inout FindingLog
  ) {
    guard byteCounts.count == thumbnails.sheetCount else { return }
    log.require(
      Double(declared) >= peak - 1 && Double(declared) <= peak * 1.001 + 2, .imageBandwidth, place,
      "BANDWIDTH is \(declared); a peak of \(Int(min(peak, 1e18).rounded(.up))) was measured")
  }

  // MARK: DASH

  func check(_ sets: [AdaptationSet]) -> [Finding] {
    var log = FindingLog(file: StaticDocuments.mpdName)
    let images = sets.filter { $0.contentType == "image" }
    guard images.count == 1, let set = images.first, set.representations.count == 1,
      let found = set.representations.first
    else {
      log.add(.imageSet, "", "one set of images with one representation is expected")
      return log.findings
    }
    let place = "Representation \(found.id)"
    log.require(
      set.mimeType == "image/jpeg", .imageSet, place, "mimeType is '\(set.mimeType ?? "")'")
    log.require(
      (found.essentialProperties + set.essentialProperties).contains {
        $0.schemeIdUri == "http://dashif.org/guidelines/thumbnail_tile"
          && $0.value == "\(thumbnails.columns)x\(thumbnails.rows)"
      }, .imageSet, place,
      "thumbnail_tile is not \(thumbnails.columns)x\(thumbnails.rows)")
    log.require(
      found.width == Int64(thumbnails.width) && found.height == Int64(thumbnails.height),
      .imageSet, place,
      "width and height are not those of a sheet, \(thumbnails.width)x\(thumbnails.height)")
    let template = found.segmentTemplate ?? set.segmentTemplate
    let milliseconds = template.flatMap { template in
      template.duration.map {
        Double($0) * 1000 / Double(template.timescale.ticksPerSecond)
      }
    }
    log.require(
      milliseconds == Double(thumbnails.sheetDuration) && template?.timeline == nil, .imageSet,
      place,
      "a sheet is for \(milliseconds ?? 0) ms; \(thumbnails.sheetDuration) are expected")
    let media = (found.baseURL ?? "") + (template?.media ?? "")
    log.require(
      Reference.plain(media) == "\(thumbnails.name)/$Number$.jpg" && template?.startNumber == 1,
      .imageSet, place, "media is '\(media)', from \(template?.startNumber ?? 0)")
    checkRate(found.bandwidth, sheetRate, place, &log)
    return log.findings
  }

  // MARK: WebVTT

  /// Cues of a sprite map, at most.
  private static let maximumCueCount = TitleImages.maximumPictureCount

  func check(spriteMap text: String, name: String) -> [Finding] {
    var log = FindingLog(file: name)
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    log.require(lines.first == "WEBVTT", .spriteMap, "line 1", "WEBVTT is expected")
    var picture = 0
    for (index, line) in lines.enumerated() where line.contains(" --> ") {
      defer { picture += 1 }
      guard picture < Self.maximumCueCount, picture < thumbnails.count else { continue }
      let place = "line \(index + 1)"
      let times = line.split(separator: " --> ").map(String.init).map(Self.milliseconds)
      let start = thumbnails.interval * Int64(picture)
      let stop =
        picture == thumbnails.count - 1
        ? Int64((end * 1000 - 1e-6).rounded(.up)) : start + thumbnails.interval
      log.require(
        times.count == 2 && times[0] == start && times[1].map { abs($0 - stop) <= 1 } ?? false,
        .spriteMap, place, "the cue is not from \(start) to \(stop) ms")
      let tile = picture % thumbnails.tilesPerSheet
      let corner = (
        tile % thumbnails.columns * thumbnails.tileWidth,
        tile / thumbnails.columns * thumbnails.tileHeight
      )
      let wanted =
        "\(reference(picture / thumbnails.tilesPerSheet))#xywh=\(corner.0),\(corner.1),"
        + "\(thumbnails.tileWidth),\(thumbnails.tileHeight)"
      log.require(
        index + 1 < lines.count && lines[index + 1] == wanted, .spriteMap, place,
        "the cue names another picture than \(wanted)")
    }
    log.require(
      picture == thumbnails.count, .spriteMap, "",
      "has \(picture) cues; there are \(thumbnails.count) pictures")
    return log.findings
  }

  /// `01:02:03.004`.
  private static func milliseconds(_ text: String) -> Int64? {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 3, let hours = Int64(parts[0]), let minutes = Int64(parts[1]),
      (0...1_000_000).contains(hours), (0..<60).contains(minutes)
    else { return nil }
    let seconds = parts[2].split(separator: ".", omittingEmptySubsequences: false)
    guard seconds.count == 2, let whole = Int64(seconds[0]), (0..<60).contains(whole),
      seconds[1].utf8.count == 3, let part = Int64(seconds[1]), part >= 0
    else { return nil }
    return ((hours * 60 + minutes) * 60 + whole) * 1000 + part
  }
}
