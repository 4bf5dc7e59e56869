import Codecs
import DASH
import FileIO
import Foundation
import HLS
import ISOBMFF
import Library
import MediaCore
import NIOCore

extension Rule {
  static let chapterTimes = Rule("chapter-times", "title.json")
  static let chapterData = Rule("chapter-session-data", "RFC 8216bis §4.4.6.4")
  static let chapterFile = Rule("chapter-file", "Apple HLS JSON Chapters")
  static let spliceTimes = Rule("splice-times", "title.json")
  static let spliceSection = Rule("splice-section", "SCTE 35 §9.6")
  static let dateRange = Rule("date-range", "RFC 8216bis §4.4.5.1")
  static let dateRangeSplice = Rule("date-range-splice", "RFC 8216bis §4.4.5.1.1")
  static let programDate = Rule("program-date-time", "RFC 8216bis §4.4.4.6")
  static let eventStream = Rule("event-stream", "ISO/IEC 23009-1 §5.10.2")
  static let inbandEvents = Rule("inband-event-stream", "ISO/IEC 23009-1 §5.10.3.2")
  static let eventMessage = Rule("event-message", "ISO/IEC 23009-1 §5.10.3.3")
  static let eventSegment = Rule("event-segment", "ISO/IEC 23000-19 §7.4.5")
  static let score = Rule("score", "RFC 8216bis §4.4.6.2")
  static let stableID = Rule("stable-id", "RFC 8216bis §4.4.6.2")
}

/// An `emsg` box as it stands in a track.
struct MeasuredEvent: Sendable {
  var box: EventMessageBox
  /// The segment that it stands in front of, from 0.
  var segment: Int
  var place: String
}

/// Chapters and splice points: what `title.json` says, the documents and the tracks must say too.
struct TitleEventRules {
  private static let chapterScheme = "urn:dougong:chapters:2026"
  private static let spliceScheme = "urn:scte:scte35:2014:xml+bin"
  private static let inbandScheme = "urn:scte:scte35:2013:bin"
  private static let chaptersName = "chapters.json"
  private static let chaptersID = "com.apple.hls.chapters"

  private let description: TitleDescription
  private let tracks: [MeasuredTrack]
  private var documents: StaticDocuments
  private var findings: [Finding] = []

  init(_ description: TitleDescription, tracks: [MeasuredTrack], documents: StaticDocuments) {
    self.description = description
    self.tracks = tracks
    self.documents = documents
  }

  private var end: MediaTime {
    tracks.map { $0.time($0.end) }.max() ?? MediaTime(0, Timescale(literal: 1))
  }

  mutating func check() -> [Finding] {
    checkChapters()
    checkSplices()
    checkIdentity()
    return findings
  }

  /// What is found in one file.
  private static func logging(
    _ file: String, _ body: (inout FindingLog) -> Void
  ) -> [Finding] {
    var log = FindingLog(file: file)
    body(&log)
    return log.findings
  }

  // MARK: Chapters

  private mutating func checkChapters() {
    var chapters: [Chapter] = []
    let (end, description) = (end, description)
    findings += Self.logging(TitleDescription.fileName) { log in
      do {
        chapters = try description.readChapters(path: TitleDescription.fileName)
      } catch { log.add(.chapterTimes, "", "\(error)") }
      for (index, chapter) in chapters.enumerated() {
        log.require(
          chapter.start < end, .chapterTimes, "chapter \(index + 1)",
          "starts at \(chapter.start.seconds) s; the title ends at \(end.seconds) s")
        log.require(
          chapter.end.map { $0 <= end || $0.seconds - end.seconds < 1e-3 } ?? true, .chapterTimes,
          "chapter \(index + 1)", "ends behind the title")
      }
    }
    let listed = documents.main?.playlist.sessionData.first { $0.dataID == Self.chaptersID }
    findings += Self.logging(StaticDocuments.mainName) { log in
      log.require(
        (listed != nil) == !chapters.isEmpty, .chapterData, "EXT-X-SESSION-DATA",
        chapters.isEmpty
          ? "names chapters, and the title has none" : "does not name the title's chapters")
      if let listed {
        log.require(
          listed.content == .json(uri: Self.chaptersName), .chapterData, "EXT-X-SESSION-DATA",
          "\(Self.chaptersID) is expected to be \(Self.chaptersName)")
      }
    }
    if !chapters.isEmpty { checkChapterFile(chapters) }
    checkEvents(
      scheme: Self.chapterScheme,
      expected: chapters.map { ($0.start.seconds, .text($0.title)) })
  }

  private struct JSONChapter: Decodable {
    struct Title: Decodable { var title: String }

    var start: Double
    var duration: Double?
    var titles: [Title]

    enum CodingKeys: String, CodingKey {
      case start = "start-time"
      case titles, duration
    }
  }

  private mutating func checkChapterFile(_ chapters: [Chapter]) {
    guard let text = documents.text(of: Self.chaptersName) else {
      findings += documents.findings.filter { $0.place.hasPrefix(Self.chaptersName) }
      return
    }
    let end = end
    findings += Self.logging(Self.chaptersName) { log in
      guard let read = try? JSONDecoder().decode([JSONChapter].self, from: Data(text.utf8)) else {
        log.add(.chapterFile, "", "is no list of chapters")
        return
      }
      log.require(
        read.count == chapters.count, .chapterFile, "",
        "lists \(read.count) chapters; the title has \(chapters.count)")
      let nexts = chapters.dropFirst().map(\.start) + [end]
      for (index, (listed, chapter)) in zip(read, chapters).enumerated() {
        let length = (chapter.end ?? nexts[index]).seconds - chapter.start.seconds
        log.require(
          listed.duration.map { abs($0 - max(0, length)) < 2e-6 } ?? false, .chapterFile,
          "chapter \(index + 1)",
          "lasts \(listed.duration.map { "\($0)" } ?? "no time"); \(length) s are expected")
        log.require(
          abs(listed.start - chapter.start.seconds) < 2e-6
            && listed.titles.first?.title == chapter.title,
          .chapterFile, "chapter \(index + 1)",
          "is “\(listed.titles.first?.title ?? "")” at \(listed.start) s; “\(chapter.title)” at "
            + "\(chapter.start.seconds) s is expected")
      }
    }
  }

  // MARK: Splices

  private mutating func checkSplices() {
    var points: [SplicePoint] = []
    let (end, description) = (end, description)
    findings += Self.logging(TitleDescription.fileName) { log in
      do {
        points = try description.readSplices(path: TitleDescription.fileName)
      } catch { log.add(.spliceTimes, "", "\(error)") }
      for (index, point) in points.enumerated() {
        let place = "splice \(index + 1)"
        _ = log.attempt(.spliceSection, place) {
          try SpliceInfoSection(parsing: ByteBuffer(bytes: point.section))
        }
        log.require(
          point.time.seconds <= end.seconds + 1e-3, .spliceTimes, place,
          "is at \(point.time.seconds) s; the title ends at \(end.seconds) s")
      }
    }
    for track in tracks { checkMessages(track, points) }
    checkDateRanges(points)
    checkEvents(
      scheme: Self.spliceScheme,
      expected: points.map { ($0.time.seconds, .splice($0.section)) })
    checkInband(points)
  }

  /// Every picture track carries all splice points, each in the segment in which it happens.
  private mutating func checkMessages(_ track: MeasuredTrack, _ points: [SplicePoint]) {
    let carries = track.isVideo && !track.isTrick
    guard carries || !track.events.isEmpty else { return }
    findings += Self.logging(track.isOneFile ? "\(track.name).mp4" : track.name) { log in
      let expected = carries ? points.count : 0
      log.require(
        track.events.count == expected, .eventMessage, "",
        "carries \(track.events.count) events; the title has \(expected) splice points")
      var ids: Set<UInt32> = []
      for (event, point) in zip(track.events, points) {
        let box = event.box
        log.require(
          box.schemeIdUri == Self.inbandScheme && ids.insert(box.id).inserted, .eventMessage,
          event.place, "scheme '\(box.schemeIdUri)' with id \(box.id), which must be its own")
        log.require(
          Array(box.message.readableBytesView) == point.section, .eventMessage, event.place,
          "its message is not the section of title.json")
        let time = Int64(clamping: box.presentationTime)
        let wanted = point.time.rescaled(to: track.timescale).value
        log.require(
          box.timescale == track.timescale.ticksPerSecond && abs(time - wanted) <= 1, .eventMessage,
          event.place,
          "is at \(time)/\(box.timescale); \(wanted)/\(track.timescale) is expected")
        guard event.segment < track.segments.count else { continue }
        let segment = track.segments[event.segment]
        let isLast = event.segment == track.segments.count - 1
        log.require(
          time >= segment.start && (time < segment.end || isLast), .eventSegment, event.place,
          "happens at \(track.time(time).seconds) s, and stands in a segment from "
            + "\(track.time(segment.start).seconds) to \(track.time(segment.end).seconds) s")
      }
    }
  }

  private mutating func checkDateRanges(_ points: [SplicePoint]) {
    let ranges = SpliceRange.ranges(of: points)
    let hasVideo = tracks.contains(where: \.isVideo)
    for track in tracks {
      guard let playlist = documents.mediaPlaylists[track.name] else { continue }
      let carries = track.isVideo || track.isAudio && !hasVideo
      findings += Self.logging("\(track.name).m3u8") { log in
        let date = playlist.segments.first?.programDateTime
        log.require(
          (date != nil) == !points.isEmpty && date?.millisecondsSince1970 ?? 0 == 0, .programDate,
          "EXT-X-PROGRAM-DATE-TIME",
          "a title with splice points starts at 1970-01-01T00:00:00Z, any other has no date")
        log.require(
          playlist.dateRanges.count == (carries ? ranges.count : 0), .dateRange, "",
          "\(playlist.dateRanges.count) date ranges; \(carries ? ranges.count : 0) are expected")
        guard carries else { return }
        for range in ranges { Self.check(range, in: playlist, &log) }
      }
    }
  }

  private static func check(
    _ range: SpliceRange, in playlist: MediaPlaylist, _ log: inout FindingLog
  ) {
    let place = "EXT-X-DATERANGE \(range.id)"
    let found = playlist.dateRanges.filter { $0.id == range.id }
    guard found.count == 1, let stated = found.first else {
      log.add(.dateRange, place, "stands \(found.count) times; once is expected")
      return
    }
    log.require(
      abs(Double(stated.start.millisecondsSince1970) / 1000 - range.start.seconds) < 1e-3,
      .dateRange, place,
      "starts at \(stated.start); \(range.start.seconds) s from the start is expected")
    let length = range.end.map { $0.seconds - range.start.seconds }
    let declared = stated.duration.map { Double($0) / 1e6 }
    log.require(
      length.map { wanted in declared.map { abs($0 - wanted) < 2e-6 } ?? false }
        ?? (declared == nil), .dateRange, place,
      "DURATION is \(declared.map { "\($0)" } ?? "absent"); "
        + "\(length.map { "\($0)" } ?? "none") is expected")
    let (out, command) = range.kind == .outToIn ? (range.first, []) : ([], range.first)
    log.require(
      stated.spliceOut == out && stated.spliceCommand == command
        && stated.spliceIn == range.last ?? [],
      .dateRangeSplice, place, "SCTE35-OUT, -IN or -CMD is not the section of title.json")
  }

  // MARK: MPD

  private mutating func checkEvents(scheme: String, expected: [(Double, Event.Message)]) {
    guard let mpd = documents.mpd else { return }
    let streams = mpd.periods.flatMap(\.eventStreams).filter { $0.scheme.schemeIdUri == scheme }
    findings += Self.logging(StaticDocuments.mpdName) { log in
      let place = "EventStream \(scheme)"
      log.require(
        streams.count == (expected.isEmpty ? 0 : 1), .eventStream, place,
        "stands \(streams.count) times; the title has \(expected.count) such events")
      guard let stream = streams.first else { return }
      log.require(
        stream.events.count == expected.count, .eventStream, place,
        "lists \(stream.events.count) events; the title has \(expected.count)")
      for (event, (time, message)) in zip(stream.events, expected) {
        let stated = MediaTime(event.presentationTime, stream.timescale).seconds
        let tick = 1 / Double(stream.timescale.ticksPerSecond)
        log.require(
          abs(stated - time) <= tick && event.message == message, .eventStream, place,
          "event \(event.id ?? 0) is at \(stated) s; the title's is at \(time) s, or says something "
            + "else")
      }
    }
  }

  private mutating func checkInband(_ points: [SplicePoint]) {
    guard let mpd = documents.mpd else { return }
    findings += Self.logging(StaticDocuments.mpdName) { log in
      for set in mpd.periods.flatMap(\.adaptationSets) where set.contentType == "video" {
        let isTrick = set.essentialProperties.contains { $0.schemeIdUri.contains("trickmode") }
        let hasStream = set.inbandEventStreams.contains { $0.schemeIdUri == Self.inbandScheme }
        log.require(
          hasStream == (!points.isEmpty && !isTrick), .inbandEvents, "AdaptationSet \(set.id)",
          points.isEmpty
            ? "announces events that no segment carries" : "does not announce its splice events")
      }
    }
  }

  // MARK: Variants

  private mutating func checkIdentity() {
    guard let playlist = documents.main?.playlist else { return }
    findings += Self.logging(StaticDocuments.mainName) { log in
      let scores = playlist.variants.count { $0.score != nil }
      log.require(
        scores == 0 || scores == playlist.variants.count, .score, "EXT-X-STREAM-INF",
        "\(scores) of \(playlist.variants.count) variants have a SCORE; all or none are expected")
      let ids =
        playlist.variants.compactMap(\.stableID) + playlist.iFrameVariants.compactMap(\.stableID)
      log.require(
        Set(ids).count == ids.count, .stableID, "EXT-X-STREAM-INF",
        "two variants have the same STABLE-VARIANT-ID")
    }
  }
}
