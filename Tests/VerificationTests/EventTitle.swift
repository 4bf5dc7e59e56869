import Codecs
import FileIO
import Foundation
import Library
import MP4
import MediaCore
import NIOCore
import Packaging

/// A title with chapters and a break, in either layout: the sample's picture and sound.
enum EventTitle {
  static let video = "video-180p"

  /// The source with events that its container does not have.
  private struct Source: MediaSource {
    var file: MP4Source
    var name: String { file.name }
    var tracks: [SourceTrack] { file.tracks }

    var chapters: [Chapter] {
      let milli = Timescale(literal: 1000)
      return [
        Chapter(start: MediaTime(0, milli), end: MediaTime(3000, milli), title: "One"),
        Chapter(start: MediaTime(3000, milli), title: "Two"),
      ]
    }

    /// Out at 1 s, in at 3 s, both where key frames are.
    var splices: [Splice] {
      [(true, Int64(1)), (false, 3)].map { isOut, seconds in
        let section = SpliceInfoSection(
          command: .insert(
            SpliceInsert(
              eventID: 7, isOut: isOut, ptsTime: UInt64(seconds * 90_000),
              breakDuration: isOut ? 180_000 : nil)))
        return Splice(time: MediaTime(0, Timescale(literal: 90_000)), section: section.bytes)
      }
    }

    func makeReader(of tracks: Set<Int>) throws -> any PayloadReader {
      try file.makeReader(of: tracks)
    }
  }

  private static let tracks = Result { try make(.tracks) }
  private static let files = Result { try make(.files) }

  private static func make(_ layout: TitleLayout) throws -> String {
    let folder = SampleTitle.temporaryFolder()
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let path = "\(folder)/source.mp4"
    try SampleTitle.generate("320x180", hasAudio: true, into: path)
    let source = Source(
      file: try MP4Source(try ReadableFile(path: path), name: "source", isCancelled: { false }))
    var options = PackagingOptions()
    options.layout = layout
    return try SampleTitle.package([source], options: options, into: "\(folder)/title")
  }

  /// A copy in a folder of its own, which the caller removes.
  static func copy(_ layout: TitleLayout) throws -> String {
    let folder = SampleTitle.temporaryFolder()
    try FileManager.default.copyItem(
      atPath: try (layout == .tracks ? tracks : files).get(), toPath: folder)
    return folder
  }
}

extension Fault {
  private static let playlist = "video-180p.m3u8"
  private static let mpd = "manifest.mpd"
  private static let main = "main.m3u8"

  /// Of titles with events, in one file for each track.
  static let eventFaults: [Fault] = [
    .text("chapter-times", "title.json", "\"start\" : \"3000/1000\"", "\"start\" : \"9000/1000\""),
    .text("chapter-session-data", main, "#EXT-X-SESSION-DATA.*\n", ""),
    .text("chapter-session-data", main, "chapters.json", "other.json"),
    .text("chapter-file", "chapters.json", "\"start-time\": 3.000000", "\"start-time\": 2.000000"),
    .text("chapter-file", "chapters.json", "\"Two\"", "\"Three\""),
    .text("chapter-file", "chapters.json", "\\[", "{"),
    .folder("document-missing", "no chapters.json") {
      try FileManager.default.removeItem(atPath: "\($0)/chapters.json")
    },
    .text("splice-times", "title.json", "\"time\" : \"270000/90000\"", "\"time\" : \"1/90000\""),
    .text("splice-section", "title.json", "\"section\" : \"/DA", "\"section\" : \"/DB"),
    .text("date-range", playlist, "#EXT-X-DATERANGE.*\n", ""),
    .text("date-range", playlist, "DURATION=2.000000", "DURATION=2.100000"),
    .text("date-range", playlist, "01.000Z", "01.002Z"),
    .text("date-range-splice", playlist, "SCTE35-OUT=0xFC", "SCTE35-OUT=0xFD"),
    .text("date-range-splice", playlist, "SCTE35-OUT", "SCTE35-CMD"),
    .text("program-date-time", "audio-en.m3u8", "#EXT-X-PROGRAM-DATE-TIME.*\n", ""),
    .text("program-date-time", playlist, "(DATE-TIME:)1970", "$12026"),
    .text("event-stream", mpd, "presentationTime=\"90000\"", "presentationTime=\"90090\""),
    .text("event-stream", mpd, "<Binary>/DA", "<Binary>/DB"),
    .text("event-stream", mpd, ">One<", ">Eins<"),
    .text("event-stream", mpd, "urn:dougong:chapters:2026", "urn:other"),
    .text("inband-event-stream", mpd, "<InbandEventStream.*/>", ""),
    .track("event-message", "its time") { try $0.add("emsg", 8, 900) },
    .track("event-message", "its section") { try $0.add("emsg", 60, 1) },
    .track("event-segment", "of another segment") { try $0.add("emsg", 8, 40 * 512) },
    .track("box-unreadable", "emsg version 0") { try $0.set("emsg", 0, byte: 0) },
    .text(
      "stable-id", main, "STABLE-VARIANT-ID=\"video-180p/iframes\"",
      "STABLE-VARIANT-ID=\"video-180p/audio-aac\""),
  ]

  /// Of titles with a file for each segment.
  static let fileFaults: [Fault] = [
    .folder("segment-file", "two segments in one file") { folder in
      let path = "\(folder)/video-180p"
      let first = try Data(contentsOf: URL(fileURLWithPath: "\(path)/1.m4s"))
      let second = try Data(contentsOf: URL(fileURLWithPath: "\(path)/2.m4s"))
      try (first + second.prefix(40)).write(to: URL(fileURLWithPath: "\(path)/1.m4s"))
      try second.dropFirst(40).write(to: URL(fileURLWithPath: "\(path)/2.m4s"))
    },
    .folder("sidx-size", "the last is missing") { folder in
      let names = try FileManager.default.contentsOfDirectory(atPath: "\(folder)/video-180p")
      let last = names.filter { $0.hasSuffix(".m4s") }.max() ?? ""
      try FileManager.default.removeItem(atPath: "\(folder)/video-180p/\(last)")
    },
    .folder("segment-file-unlisted", "an old file") {
      try Data().write(to: URL(fileURLWithPath: "\($0)/video-180p/old.m4s"))
    },
    .folder("header-file", "another header") {
      try FileManager.default.removeItem(atPath: "\($0)/video-180p/init.mp4")
      try FileManager.default.copyItem(
        atPath: "\($0)/audio-en/init.mp4", toPath: "\($0)/video-180p/init.mp4")
    },
    .folder("track-file-missing", "no index") {
      try FileManager.default.removeItem(atPath: "\($0)/video-180p/index.mp4")
    },
    .text("playlist-segments", playlist, "video-180p/2.m4s", "video-180p/3.m4s"),
    .text("map", playlist, "video-180p/init.mp4", "video-180p/index.mp4"),
    .text("mpd-profile", mpd, "isoff-live", "isoff-on-demand"),
    .text("segment-template", mpd, "Number\\$.m4s", "Number\\$.mp4"),
    .text("segment-template", mpd, "init.mp4", "index.mp4"),
    .text("segment-template", mpd, "startNumber=\"1\"", "startNumber=\"0\""),
    .text("segment-timeline", mpd, "<S t=\"0\" d=\"([0-9]+)\"", "<S t=\"9\" d=\"$1\""),
    .text(
      "max-segment-duration", mpd, "maxSegmentDuration=\"[^\"]*\"", "maxSegmentDuration=\"PT1S\""),
  ]
}
