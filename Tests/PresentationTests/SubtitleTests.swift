import DASH
import HLS
import Library
import MediaCore
import Testing

@testable import Presentation

@Suite struct SubtitleTests {
  /// A text track, with WebVTT segments of so many bytes or without.
  private static func text(
    _ name: String, _ language: String, _ label: String, role: String = "subtitle",
    format: TextFormat = .webVTT, isDefault: Bool = false, webVTT: [Int64]? = [100, 300, 40, 8]
  ) -> TitleTrack {
    let index = TrackIndex(
      name: name, version: "0123456789", byteCount: 1400,
      header: ByteRange(offset: 0, count: 700), sidx: ByteRange(offset: 700, count: 100),
      timescale: Titles.film, codecs: format == .webVTT ? "wvtt" : "stpp.ttml.im1t",
      format: .text(format), language: language,
      segments: Titles.segments(
        after: 800, Titles.parts([150, 150, 150, 150], Titles.filmTicks)))
    var track = TitleTrack(index: index, label: label, roles: [role], isDefault: isDefault)
    var at: Int64 = 0
    track.webVTT = webVTT.map { counts in
      WebVTTIndex(
        version: "9876543210", byteCount: counts.reduce(0, +),
        segments: counts.map { count in
          defer { at += count }
          return ByteRange(offset: at, count: count)
        })
    }
    return track
  }

  private static func title(_ text: [TitleTrack]) -> Title {
    Title(name: "drama", tracks: Titles.drama.tracks + text)
  }

  private static let full = title([
    text("text-de", "de", "Deutsch", isDefault: true),
    text("text-de.ttml", "de", "Deutsch", format: .ttml, webVTT: nil),
    text("text-en", "en", "English (CC)", role: "caption"),
    text("text-en-2", "en", "English"), text("text-en-3", "en", "English"),
    text("text-fr", "fr", "Français", role: "forced-subtitle"),
    text("text-und", "und", "", role: "commentary"),
  ])

  private func renditions(_ title: Title) -> [Rendition] {
    HLSPresentation(title, addressing: .segments).multivariantPlaylist().renditions
      .filter { $0.kind == .subtitles }
  }

  @Test func `all subtitles are one group that every variant names`() {
    let playlist = HLSPresentation(Self.full, addressing: .segments).multivariantPlaylist()
    let text = renditions(Self.full)
    #expect(Set(text.map(\.groupID)) == ["subtitles"])
    #expect(text.count == 6)
    #expect(playlist.variants.allSatisfy { $0.subtitles == "subtitles" })
    #expect(playlist.variants.count == 4)
    #expect(
      text.map(\.name) == [
        "Deutsch", "English (CC)", "English", "English 2", "Français", "text-und",
      ])
  }

  @Test func `players choose by language and purpose, WebVTT first`() {
    let text = renditions(Self.full)
    #expect(text.map(\.isDefault) == [true, false, false, false, false, false])
    #expect(text.map(\.isAutoselect) == [true, true, true, false, true, false])
    #expect(text.map(\.isForced) == [false, false, false, false, true, false])
    #expect(text.map(\.language) == ["de", "en", "en", "en", "fr", nil])
    #expect(
      text[1].characteristics == [
        "public.accessibility.transcribes-spoken-dialog",
        "public.accessibility.describes-music-and-sound",
      ])
  }

  @Test func `codecs name fragmented subtitles, not WebVTT segments`() {
    func codecs(_ title: Title) -> [String] {
      HLSPresentation(title, addressing: .segments).multivariantPlaylist().variants[0].codecs
    }
    #expect(codecs(Self.title([Self.text("t", "de", "D")])) == codecs(Titles.drama))
    let ttml = Self.text("u", "en", "E", format: .ttml, webVTT: nil)
    #expect(codecs(Self.title([ttml, ttml])).filter { $0 == "stpp.ttml.im1t" }.count == 1)
    let foreign = Self.title([Self.text("t", "de", "D", webVTT: nil)])
    #expect(codecs(foreign).contains("wvtt"))
  }

  @Test func `what stands as WebVTT is not named as TTML again`() {
    let playlist = HLSPresentation(Self.full, addressing: .segments).multivariantPlaylist()
    #expect(playlist.variants.allSatisfy { !$0.codecs.contains("stpp.ttml.im1t") })
    #expect(!playlist.renditions.contains { $0.uri?.contains("ttml") == true })
    let alone = Self.title([Self.text("t.ttml", "de", "D", format: .ttml, webVTT: nil)])
    #expect(renditions(alone).map(\.uri) == ["t.ttml.m3u8"])
  }

  @Test func `bandwidth holds the heaviest subtitles`() {
    let plain = HLSPresentation(Titles.drama, addressing: .segments).multivariantPlaylist()
    let small = HLSPresentation(
      Self.title([Self.text("t", "de", "D", webVTT: [10, 10, 10, 10])]), addressing: .segments
    ).multivariantPlaylist()
    let large = HLSPresentation(
      Self.title([
        Self.text("t", "de", "D", webVTT: [10, 10, 10, 10]),
        Self.text("u", "en", "E", webVTT: [100_100, 10, 10, 10]),
      ]), addressing: .segments
    ).multivariantPlaylist()
    for index in plain.variants.indices {
      #expect(small.variants[index].bandwidth > plain.variants[index].bandwidth)
      // 100 100 bytes in 2.002 s.
      let added = large.variants[index].bandwidth - plain.variants[index].bandwidth
      #expect((400_000...400_001).contains(added))
    }
  }

  @Test(arguments: Addressing.allCases)
  func `the playlist has a segment for each cut, aligned with the picture`(addressing: Addressing)
    throws
  {
    let hls = HLSPresentation(Self.full, addressing: addressing)
    let playlist = hls.mediaPlaylist(of: try #require(Self.full[track: "text-de"]))
    let video = hls.mediaPlaylist(of: Self.full.tracks[0])
    #expect(playlist.segmentMicroseconds == video.segmentMicroseconds)
    #expect(playlist.targetDuration == video.targetDuration)
    #expect(playlist.mediaSequence == video.mediaSequence)
    #expect(playlist.segments.allSatisfy { $0.initialization == nil })
    #expect(playlist.isEnded && playlist.playlistType == .vod)
    switch addressing {
    case .wholeTracks:
      #expect(playlist.segments.map(\.uri) == [String](repeating: "text-de.vtt", count: 4))
      #expect(playlist.segments.map { $0.byteRange?.offset } == [0, 100, 400, 440])
    case .segments:
      #expect(
        playlist.segments.map(\.uri) == (1...4).map { "text-de/9876543210/\($0).vtt" })
      #expect(playlist.segments.allSatisfy { $0.byteRange == nil })
    case .segmentFiles: #expect(playlist.segments.map(\.uri) == (1...4).map { "text-de/\($0).vtt" })
    }
    let ttml = hls.mediaPlaylist(of: try #require(Self.full[track: "text-de.ttml"]))
    #expect(ttml.segments.allSatisfy { $0.initialization != nil })
  }

  @Test func `documents hold a playlist for each text track`() {
    let names = TitleDocuments(Self.full, addressing: .wholeTracks).names
    #expect(names.contains("text-de.m3u8") && names.contains("text-de.ttml.m3u8"))
    #expect(Set(names).count == names.count)
  }

  @Test(arguments: Addressing.allCases)
  func `the MPD has an adaptation set for each text track`(addressing: Addressing) throws {
    let mpd = DASHPresentation(Self.full, addressing: addressing).mpd()
    let sets = mpd.periods[0].adaptationSets.filter { $0.contentType == "text" }
    #expect(sets.map(\.language) == ["de", "de", "en", "en", "fr", "und"])
    #expect(sets.allSatisfy { $0.mimeType == "application/mp4" })
    #expect(
      sets.map { $0.representations[0].codecs } == [
        "wvtt", "stpp.ttml.im1t", "wvtt", "wvtt", "wvtt", "wvtt",
      ])
    #expect(
      sets.map { $0.roles.compactMap(\.value) } == [
        ["subtitle"], ["subtitle"], ["caption"], ["subtitle"], ["forced-subtitle"],
        ["commentary"],
      ])
    #expect(sets[0].labels.map(\.text) == ["Deutsch"])
    #expect(try MPD(parsing: mpd.render()) == mpd)
  }

  // MARK: Captions

  private static func captioned(_ services: [CaptionService], tracks: Int) -> Title {
    var title = Titles.drama
    for index in 0..<tracks { title.tracks[index].captions = services }
    return title
  }

  @Test func `captions are a group without playlists, and named where they are`() {
    let services = [
      CaptionService(channel: "CC1", language: "en"),
      CaptionService(channel: "CC3", language: "es"),
      CaptionService(channel: "SERVICE1", language: "en"),
    ]
    let title = Self.captioned(services, tracks: 2)
    let playlist = HLSPresentation(title, addressing: .segments).multivariantPlaylist()
    let captions = playlist.renditions.filter { $0.kind == .closedCaptions }
    #expect(captions.map(\.instreamID) == ["CC1", "CC3", "SERVICE1"])
    #expect(captions.map(\.language) == ["en", "es", "en"])
    #expect(captions.map(\.isAutoselect) == [true, true, false])
    #expect(captions.allSatisfy { $0.uri == nil })
    // Where some variants have captions, NONE would be wrong of the others.
    let stated = playlist.variants.map { variant in
      (["video-2160p.m3u8", "video-1080p.m3u8"].contains(variant.uri), variant.closedCaptions)
    }
    #expect(stated.allSatisfy { $0.1 == ($0.0 ? .group("captions") : nil) })
    let sets = DASHPresentation(title, addressing: .segments).mpd().periods[0].adaptationSets
    #expect(
      sets.first?.accessibilities.map(\.value) == ["CC1=eng;CC3=spa", "1=lang:eng"])
    #expect(
      sets.first?.accessibilities.map(\.schemeIdUri) == [
        "urn:scte:dash:cc:cea-608:2015", "urn:scte:dash:cc:cea-708:2015",
      ])
  }

  @Test func `without captions every variant says so`() {
    let playlist = HLSPresentation(Titles.drama, addressing: .segments).multivariantPlaylist()
    #expect(playlist.variants.allSatisfy { $0.closedCaptions == .absent })
  }
}
