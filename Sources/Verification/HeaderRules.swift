import ISOBMFF
import MediaCore

extension Rule {
  static let brand = Rule("brand", "ISO/IEC 23000-19 §7.2")
  static let cmf2EditList = Rule("cmf2-edit-list", "ISO/IEC 23000-19 §7.7.1")
  static let trackCount = Rule("track-count", "ISO/IEC 23000-19 §7.3.1")
  static let headerDuration = Rule("header-duration", "ISO/IEC 23000-19 §7.5.1")
  static let movieTimescale = Rule("movie-timescale", "ISO/IEC 14496-12 §8.2.2")
  static let trackID = Rule("track-id", "ISO/IEC 14496-12 §8.3.2")
  static let movieExtends = Rule("trex", "ISO/IEC 14496-12 §8.8.3")
  static let handler = Rule("handler", "ISO/IEC 14496-12 §8.4.3")
  static let sampleTableNotEmpty = Rule("sample-table-not-empty", "ISO/IEC 23000-19 §7.5.12")
  static let syncTable = Rule("sync-table", "ISO/IEC 23000-19 §7.5.17")
  static let videoEditList = Rule("video-edit-list", "ISO/IEC 23000-19 §9.2.1")
  static let editList = Rule("edit-list", "ISO/IEC 23000-19 §7.5.13")
  static let rollGroup = Rule("roll-group", "ISO/IEC 14496-12 §10.1")
  static let dataReference = Rule("data-reference", "ISO/IEC 14496-12 §8.7.2")
}

/// `ftyp`.
enum FileTypeRules {
  static func read(_ box: Box, _ log: inout FindingLog) -> FileTypeBox? {
    guard let type = log.attempt(.boxUnreadable, box.place, { try FileTypeBox(box) }) else {
      return nil
    }
    let brands = Set(type.compatibleBrands)
    log.require(
      brands.contains("cmfc") || brands.contains("cmf2"), .brand, box.place,
      "neither 'cmfc' nor 'cmf2' is among the compatible brands")
    log.require(
      brands.contains(type.majorBrand), .brand, box.place,
      "the major brand '\(type.majorBrand)' is not among the compatible brands")
    log.require(
      brands.contains("iso6")
        || !brands.isDisjoint(with: ["iso7", "iso8", "iso9", "isoa", "isob"]),
      .brand, box.place,
      "no brand of ISO/IEC 14496-12 from 'iso6' on, which default-base-is-moof and 'tfdt' need")
    return type
  }
}

/// `moov` of a track file.
enum HeaderRules {
  static func read(_ moov: Box, brands: FileTypeBox?, _ log: inout FindingLog) -> HeaderFacts? {
    var facts = HeaderFacts()
    facts.brands = Set(brands?.compatibleBrands ?? [])
    let children = log.children(of: moov)
    for child in children where child.type == "meta" || child.type == "udta" {
      log.add(.boxForbidden, child.place, "'\(child.type)' must not stand in a CMAF header")
    }
    let traks = children.filter { $0.type == "trak" }
    guard traks.count == 1, let trak = traks.first else {
      log.add(.trackCount, moov.place, "has \(traks.count) 'trak'; one is expected")
      return nil
    }
    let inside = log.children(of: trak)
    guard let mdia = log.only("mdia", inside, of: trak),
      let tkhd = log.only("tkhd", inside, of: trak),
      let track = log.attempt(.boxUnreadable, tkhd.place, { try TrackHeaderBox(tkhd) })
    else { return nil }
    facts.trackID = track.trackID
    log.require(track.trackID != 0, .trackID, tkhd.place, "track_ID is 0")
    log.require(
      track.duration == 0, .headerDuration, tkhd.place,
      "duration is \(track.duration); 0 is expected where all samples are in fragments")
    guard readMedia(mdia, track, &facts, &log) else { return nil }
    readMovie(children, moov, &facts, &log)
    readEdits(inside, trak, &facts, &log)
    AudioEntryRules.checkPreSkip(facts, &log)
    return facts
  }

  private static func readMovie(
    _ children: [Box], _ moov: Box, _ facts: inout HeaderFacts, _ log: inout FindingLog
  ) {
    if let box = log.only("mvhd", children, of: moov),
      let movie = log.attempt(.boxUnreadable, box.place, { try MovieHeaderBox(box) })
    {
      log.require(
        movie.duration == 0, .headerDuration, box.place,
        "duration is \(movie.duration); 0 is expected")
      log.require(
        movie.timescale == facts.timescale, .movieTimescale, box.place,
        "timescale is \(movie.timescale), the media's \(facts.timescale): edits would be rounded")
      log.require(
        movie.nextTrackID > facts.trackID, .trackID, box.place,
        "next_track_ID \(movie.nextTrackID) is in use")
    }
    guard let mvex = log.only("mvex", children, of: moov) else { return }
    let inside = log.children(of: mvex)
    for child in inside where child.type == "mehd" {
      facts.fragmentDuration = log.attempt(.boxUnreadable, child.place) { () throws -> UInt64 in
        var fields = child.fields
        return try fields.wide(try fields.versionAndFlags().version)
      }
    }
    let extends = inside.filter { $0.type == "trex" }
    log.require(
      extends.count == 1, .movieExtends, mvex.place, "has \(extends.count) 'trex'; one is expected")
    guard let box = extends.first,
      let trex = log.attempt(.boxUnreadable, box.place, { try TrackExtendsBox(box) })
    else { return }
    log.require(
      trex.trackID == facts.trackID, .movieExtends, box.place,
      "is of track \(trex.trackID); the track is \(facts.trackID)")
    log.require(
      trex.descriptionIndex == 1, .movieExtends, box.place,
      "default_sample_description_index is \(trex.descriptionIndex); 1 is expected")
    facts.defaults = trex
  }

  private static func readEdits(
    _ children: [Box], _ trak: Box, _ facts: inout HeaderFacts, _ log: inout FindingLog
  ) {
    guard children.contains(where: { $0.type == "edts" }),
      let edts = log.only("edts", children, of: trak),
      let box = log.only("elst", log.children(of: edts), of: edts),
      let list = log.attempt(.boxUnreadable, box.place, { try EditListBox(box) })
    else { return }
    if facts.kind == .video {
      log.add(
        .videoEditList, box.place,
        "video has an edit list; signed composition offsets in 'trun' version 1 are expected")
      if facts.brands.contains("cmf2") {
        log.add(.cmf2EditList, box.place, "the brand 'cmf2' excludes edit lists of video")
      }
    }
    log.require(
      list.entries.count == 1, .editList, box.place, "\(list.entries.count) edits; one is expected")
    guard let edit = list.entries.first else { return }
    log.require(
      edit.segmentDuration == 0, .editList, box.place,
      "segment_duration is \(edit.segmentDuration); 0, all there is, is expected")
    log.require(
      edit.mediaRate == 0x1_0000, .editList, box.place, "media_rate is not 1")
    let longest: Int64 =
      if case .sound(let record) = facts.coding { AudioEntryRules.longestPriming(record) } else {
        8 * 1024
      }
    guard (0..<VerificationLimits.ticks).contains(edit.mediaTime) else {
      log.add(.editList, box.place, "media_time is \(edit.mediaTime); 0 or more is expected")
      return
    }
    log.require(
      facts.kind == .video || edit.mediaTime <= longest, .editList, box.place,
      "media_time is \(edit.mediaTime), more than any priming of this coding, \(longest)")
    facts.mediaStart = edit.mediaTime
  }

  // MARK: mdia

  private static func readMedia(
    _ mdia: Box, _ track: TrackHeaderBox, _ facts: inout HeaderFacts, _ log: inout FindingLog
  ) -> Bool {
    let children = log.children(of: mdia)
    guard let mdhd = log.only("mdhd", children, of: mdia),
      let media = log.attempt(.boxUnreadable, mdhd.place, { try MediaHeaderBox(mdhd) }),
      let hdlr = log.only("hdlr", children, of: mdia),
      let handler = log.attempt(.boxUnreadable, hdlr.place, { try HandlerBox(hdlr) }),
      let minf = log.only("minf", children, of: mdia)
    else { return false }
    facts.timescale = media.timescale
    facts.language = media.language
    log.require(
      media.duration == 0, .headerDuration, mdhd.place,
      "duration is \(media.duration); 0 is expected")
    facts.handlerType = handler.handlerType
    switch handler.handlerType {
    case "vide": facts.kind = .video
    case "soun": facts.kind = .audio
    case "text", "subt": facts.kind = .text
    default:
      log.add(
        .handler, hdlr.place,
        "handler_type is '\(handler.handlerType)'; 'vide', 'soun', 'text' or 'subt' is expected")
    }
    let inside = log.children(of: minf)
    readReferences(inside, minf, &log)
    if let type = mediaHeaders[handler.handlerType] { _ = log.only(type, inside, of: minf) }
    guard let stbl = log.only("stbl", inside, of: minf) else { return true }
    let tables = log.children(of: stbl)
    readTables(tables, stbl, &facts, &log)
    if let stsd = log.only("stsd", tables, of: stbl) {
      readDescription(stsd, track, &facts, &log)
    }
    return true
  }

  /// The media header that goes with a handler (ISO/IEC 14496-12 §12).
  private static let mediaHeaders: [FourCC: FourCC] = [
    "vide": "vmhd", "soun": "smhd", "text": "nmhd", "subt": "sthd",
  ]

  private static func readReferences(_ children: [Box], _ minf: Box, _ log: inout FindingLog) {
    guard let dinf = log.only("dinf", children, of: minf),
      let dref = log.only("dref", log.children(of: dinf), of: dinf)
    else { return }
    let entries = log.children(of: dref, after: 8)
    let flags = entries.first.flatMap { entry -> UInt32? in
      var fields = entry.fields
      return (try? fields.versionAndFlags())?.flags
    }
    log.require(
      entries.count == 1 && flags == 1, .dataReference, dref.place,
      "one entry that says 'in this file' is expected")
  }

  private static func readDescription(
    _ stsd: Box, _ track: TrackHeaderBox, _ facts: inout HeaderFacts, _ log: inout FindingLog
  ) {
    let entries = log.children(of: stsd, after: 8)
    log.require(
      entries.count == 1, .sampleEntry, stsd.place,
      "\(entries.count) sample entries; one is expected")
    guard let entry = entries.first else { return }
    facts.entryType = entry.type
    switch facts.kind {
    case .video: VideoEntryRules.read(entry, track, &facts, &log)
    case .audio: AudioEntryRules.read(entry, &facts, &log)
    case .text: TextEntryRules.read(entry, &facts, &log)
    case .other: break
    }
  }

  // MARK: stbl

  private static func readTables(
    _ tables: [Box], _ stbl: Box, _ facts: inout HeaderFacts, _ log: inout FindingLog
  ) {
    for (type, skipped) in [("stts", 4), ("stsc", 4), ("stsz", 8), ("stco", 4)] as [(FourCC, Int)] {
      guard let box = log.only(type, tables, of: stbl) else { continue }
      requireEmpty(box, after: skipped, &log)
    }
    if let stss = tables.first(where: { $0.type == "stss" }) {
      facts.hasSyncTable = true
      requireEmpty(stss, after: 4, &log)
    }
    for box in tables where box.type == "sgpd" { readGroup(box, &facts, &log) }
  }

  private static func requireEmpty(_ box: Box, after skipped: Int, _ log: inout FindingLog) {
    var fields = box.fields
    guard (try? fields.skip(skipped)) != nil, let count = try? fields.read(UInt32.self) else {
      log.add(.boxUnreadable, box.place, "is cut short")
      return
    }
    log.require(
      count == 0 && fields.remaining == 0, .sampleTableNotEmpty, box.place,
      "lists \(count) entries; none is expected where all samples are in fragments")
  }

  /// `sgpd` with grouping_type `roll` (ISO/IEC 14496-12 §8.9.3, §10.1).
  private static func readGroup(_ box: Box, _ facts: inout HeaderFacts, _ log: inout FindingLog) {
    facts.rollDistance =
      log.attempt(.boxUnreadable, box.place) { () throws -> Int16? in
        var fields = box.fields
        let (version, _) = try fields.versionAndFlags()
        guard try fields.code() == "roll", version > 0 else { return facts.rollDistance }
        let length: UInt32 = try fields.read()
        if version >= 2 { try fields.skip(4) }
        let count: UInt32 = try fields.read()
        guard length == 2, count == 1 else { return nil }
        return try fields.read(Int16.self)
      } ?? facts.rollDistance
  }
}
