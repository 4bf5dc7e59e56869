import Codecs
import DASH
import HLS
import Library
import MediaCore
import NIOCore
import Presentation
import Testing

extension Titles {
  /// The drama with two chapters, and a break between 2.002 and 4.004 s.
  static func eventful(_ layout: TitleLayout) -> Title {
    var title = drama
    let clock = Timescale(literal: 90_000)
    func section(_ isOut: Bool) -> [UInt8] {
      Array(
        SpliceInfoSection(
          command: .insert(
            SpliceInsert(
              eventID: 7, isOut: isOut, ptsTime: 900_000, breakDuration: isOut ? 180_000 : nil))
        ).bytes.readableBytesView)
    }
    title.chapters = [
      Chapter(start: MediaTime(0, Timescale(literal: 1000)), title: "The \"gate\""),
      Chapter(start: MediaTime(4004, Timescale(literal: 1000)), title: "斗拱"),
    ]
    title.splices = [
      SplicePoint(time: MediaTime(180_180, clock), section: section(true)),
      SplicePoint(time: MediaTime(360_360, clock), section: section(false)),
    ]
    title.layout = layout
    return title
  }
}

@Suite struct EventDocumentTests {
  @Test(arguments: [
    ("at-rest", Addressing.wholeTracks, TitleLayout.tracks),
    ("at-rest-files", .segmentFiles, .files), ("at-origin", .segments, .tracks),
  ])
  func `chapters and splice points are in the documents of Manifests`(
    _ folder: String, _ addressing: Addressing, _ layout: TitleLayout
  ) throws {
    let documents = TitleDocuments(Titles.eventful(layout), addressing: addressing)
    let shown = [
      "main.m3u8", "video-2160p.m3u8", "video-2160p.iframes.m3u8", "audio-de.m3u8", "manifest.mpd",
      "timeline.mpd", "ondemand.mpd", "chapters.json",
    ]
    for name in documents.names where shown.contains(name) {
      try Goldens.expect(
        try #require(documents.document(named: name)), is: "events/\(folder)/\(name)")
    }
  }

  @Test func `every form of the MPD is at the origin, whatever the files`() {
    for layout in TitleLayout.allCases {
      let names = TitleDocuments(Titles.eventful(layout), addressing: .segments).names
      #expect(Set(names).isSuperset(of: ["manifest.mpd", "timeline.mpd", "ondemand.mpd"]))
    }
    let rest = TitleDocuments(Titles.eventful(.tracks), addressing: .wholeTracks).names
    #expect(!rest.contains("timeline.mpd"))
  }

  @Test func `a title without events has no date and no event stream`() throws {
    let title = Titles.drama
    let hls = HLSPresentation(title, addressing: .segments)
    let playlist = hls.mediaPlaylist(of: title.tracks[0])
    #expect(playlist.dateRanges.isEmpty && playlist.segments[0].programDateTime == nil)
    #expect(hls.multivariantPlaylist().sessionData.isEmpty)
    let mpd = DASHPresentation(title, addressing: .segments).mpd()
    #expect(mpd.periods[0].eventStreams.isEmpty)
    #expect(mpd.periods[0].adaptationSets.allSatisfy { $0.inbandEventStreams.isEmpty })
  }

  @Test func `better variants have higher scores, whatever they cost`() throws {
    let playlist = HLSPresentation(Titles.drama, addressing: .segments).multivariantPlaylist()
    let scores = Dictionary(
      uniqueKeysWithValues: playlist.variants.map { ($0.uri, $0.score?.value ?? 0) })
    #expect(
      scores == [
        "video-2160p.m3u8": 4, "video-1080p.m3u8": 3, "video-1080p-sdr.m3u8": 2,
        "video-540p-sdr.m3u8": 1,
      ])
    let ids = playlist.variants.compactMap(\.stableID)
    #expect(Set(ids).count == 4 && ids.allSatisfy(StableID.isValid))
  }
}
