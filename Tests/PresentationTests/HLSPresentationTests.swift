import HLS
import Library
import MediaCore
import Presentation
import Testing

@Suite struct HLSPresentationTests {
  static let film = Titles.filmTicks
  static let sound = Titles.audioTicks

  func multivariant(_ tracks: [TitleTrack]) -> MultivariantPlaylist {
    HLSPresentation(Title(name: "t", tracks: tracks), addressing: .segments).multivariantPlaylist()
  }

  static func video(
    _ name: String = "video", bytes: Int64 = 1_000_000, height: Int = 1080, sapType: UInt8 = 1,
    colour: ColourInformation = Titles.bt709, frameRate: Rational? = Rational(25, 1)
  ) -> TitleTrack {
    Titles.video(
      name, height * 16 / 9, height, codecs: "avc1.640028", colour: colour, frameRate: frameRate,
      sapType: sapType, Titles.parts([bytes, bytes, bytes, bytes / 2], film))
  }

  static func audio(
    _ name: String, _ language: String = "en", _ label: String = "English",
    codecs: String = "mp4a.40.2", channels: Int = 2, roles: [String] = [],
    isDefault: Bool = false, bytes: Int64 = 32_000
  ) -> TitleTrack {
    Titles.audio(
      name, language, label, codecs: codecs, channels: channels, roles: roles,
      isDefault: isDefault, Titles.parts([bytes, bytes, bytes, bytes / 2], sound))
  }

  @Test func `BANDWIDTH is the video peak and the largest audio peak, exact`() {
    let tracks = Titles.drama.tracks
    let playlist = HLSPresentation(Titles.drama, addressing: .segments).multivariantPlaylist()
    let variant = playlist.variants.first { $0.uri == "video-2160p.m3u8" }
    func peak(_ bytes: Int64, _ ticks: Int64, _ scale: Int64) -> Int64 {
      (bytes * 8 * scale + ticks - 1) / ticks
    }
    // The highest run of 1 to 3 s is the second segment; English has the largest audio peak.
    #expect(
      variant?.bandwidth == peak(6_200_000, 48048, 24000)
        + max(peak(32_600, 96256, 48000), peak(16_300, 48128, 48000)))
    let video = tracks[0].index
    let average = peak(17_200_000, video.duration, 24000) + peak(113_400, 335_872, 48000)
    #expect(variant?.averageBandwidth == average)
  }

  @Test func `one target duration for all, the longest segment of any track`() {
    let long = Titles.audio("a", "en", "E", Titles.parts([1, 1], [48000, 48000 * 5 / 2]))
    let title = Title(name: "t", tracks: [Self.video(), long])
    let hls = HLSPresentation(title, addressing: .wholeTracks)
    #expect(hls.targetDuration == 3)
    for track in title.tracks {
      #expect(hls.mediaPlaylist(of: track).targetDuration == 3)
    }
    #expect(hls.iFramePlaylist(of: title.tracks[0]).targetDuration == 3)
  }

  @Test(arguments: [(1, true), (2, true), (3, false), (0, false)] as [(UInt8, Bool)])
  func `independent segments are claimed only of closed groups of pictures`(
    _ sapType: UInt8, _ isClaimed: Bool
  ) {
    let title = Title(
      name: "t", tracks: [Self.video(), Self.video("open", sapType: sapType), Self.audio("a")])
    let hls = HLSPresentation(title, addressing: .segments)
    #expect(hls.multivariantPlaylist().hasIndependentSegments == isClaimed)
    #expect(hls.mediaPlaylist(of: title.tracks[0]).hasIndependentSegments)
    #expect(hls.mediaPlaylist(of: title.tracks[1]).hasIndependentSegments == isClaimed)
    #expect(hls.mediaPlaylist(of: title.tracks[2]).hasIndependentSegments)
  }

  @Test func `CODECS names every format of the variant, in Apple's spelling`() {
    let playlist = multivariant([
      Self.video(), Self.audio("a"), Self.audio("b", "de", "Deutsch", codecs: "opus"),
      Self.audio("c", "fr", "Français", codecs: "flac"),
    ])
    #expect(
      playlist.variants.first { $0.audio == "audio-flac" }?.codecs
        == ["avc1.640028", "mp4a.40.2", "Opus", "fLaC"])
  }

  private func members(_ playlist: MultivariantPlaylist) -> [String: [String]] {
    Dictionary(grouping: playlist.renditions, by: \.groupID).mapValues { $0.compactMap(\.uri) }
  }

  @Test func `a sound in a rare coding keeps no player from the others`() {
    let playlist = multivariant([
      Self.video(), Self.audio("en"), Self.audio("fr", "fr", "Français", codecs: "ac-3"),
      Self.audio("ja", "ja", "Talk", codecs: "opus", roles: ["commentary"]),
    ])
    #expect(
      members(playlist) == [
        "audio-aac": ["en.m3u8"], "audio-opus": ["en.m3u8", "ja.m3u8"],
        "audio-ac3": ["en.m3u8", "fr.m3u8", "ja.m3u8"],
      ])
    let codecs = Dictionary(
      uniqueKeysWithValues: playlist.variants.map { ($0.audio ?? "", $0.codecs.dropFirst()) })
    #expect(codecs["audio-aac"] == ["mp4a.40.2"])
    #expect(codecs["audio-opus"] == ["mp4a.40.2", "Opus"])
    #expect(codecs["audio-ac3"] == ["mp4a.40.2", "ac-3", "Opus"])
    // Who can decode more takes the group that has more.
    let best = playlist.variants.sorted { $0.score?.value ?? 0 > $1.score?.value ?? 0 }
    #expect(best.map(\.audio) == ["audio-ac3", "audio-opus", "audio-aac"])
    #expect(
      playlist.renditions.filter(\.isDefault).map(\.uri) == ["en.m3u8", "en.m3u8", "en.m3u8"])
  }

  @Test func `a group without the default sound begins with its first that is no commentary`() {
    let renditions = multivariant([
      Self.video(), Self.audio("fr", "fr", "Français", codecs: "ac-3", isDefault: true),
      Self.audio("talk", "en", "Talk", roles: ["commentary"]), Self.audio("en"),
    ]).renditions
    let group = renditions.filter { $0.groupID == "audio-aac" }
    #expect(group.map(\.uri) == ["talk.m3u8", "en.m3u8"])
    #expect(group.map(\.isDefault) == [false, true])
    #expect(
      renditions.filter { $0.groupID == "audio-ac3" && $0.isDefault }.map(\.uri) == ["fr.m3u8"])
  }

  @Test func `bit rates of a rare coding borrow the same sounds`() {
    let playlist = multivariant([
      Self.video(), Self.video("small"), Self.audio("en"), Self.audio("de", "de", "Deutsch"),
      Self.audio("en-high", codecs: "ec-3", bytes: 90_000),
      Self.audio("en-low", codecs: "ec-3", bytes: 50_000),
      Self.audio("fr", "fr", "Français", codecs: "ec-3"),
    ])
    #expect(
      members(playlist) == [
        "audio-aac": ["en.m3u8", "de.m3u8"],
        "audio-eac3-1": ["en-high.m3u8", "de.m3u8", "fr.m3u8"],
        "audio-eac3-2": ["en-low.m3u8", "de.m3u8", "fr.m3u8"],
      ])
  }

  @Test func `codec families with the same members are groups of their own`() {
    let playlist = multivariant([
      Self.video(), Self.audio("a", isDefault: true), Self.audio("b", "de", "Deutsch"),
      Self.audio("a-51", codecs: "ec-3", channels: 6, bytes: 90_000),
      Self.audio("b-51", "de", "Deutsch", codecs: "ec-3", channels: 6, bytes: 90_000),
    ])
    #expect(
      playlist.renditions.map(\.groupID) == ["audio-aac", "audio-aac", "audio-eac3", "audio-eac3"])
    #expect(playlist.renditions.map(\.isDefault) == [true, false, true, false])
    #expect(playlist.renditions.map(\.channels) == ["2", "2", "6", "6"])
    #expect(playlist.variants.map(\.audio) == ["audio-eac3", "audio-aac"])
    #expect(playlist.variants[0].bandwidth > playlist.variants[1].bandwidth)
    #expect(playlist.variants[0].codecs == ["avc1.640028", "ec-3"])
  }

  @Test func `names are unique, one rendition is the default, und is not said`() {
    let renditions = multivariant([
      Self.video(), Self.audio("a", "und", "English"), Self.audio("b"),
      Self.audio("c", roles: ["commentary"]), Self.audio("d", roles: ["description"]),
      Self.audio("e", "de", ""),
    ]).renditions
    #expect(renditions.map(\.name) == ["English", "English 2", "English 3", "English 4", "e"])
    #expect(renditions.map(\.language) == [nil, "en", "en", "en", "de"])
    #expect(renditions.map(\.isDefault) == [true, false, false, false, false])
    #expect(renditions.map(\.isAutoselect) == [true, true, false, true, true])
    #expect(renditions[3].characteristics == ["public.accessibility.describes-video"])
  }

  @Test func `a family borrows what it lacks, so that all groups have the same members`() {
    let renditions = multivariant([
      Self.video(), Self.audio("aac"), Self.audio("talk", "en", "Talk", roles: ["commentary"]),
      Titles.audio(
        "surround", "en", "Surround", codecs: "ec-3", channels: 6, Titles.parts([1000], [96256])),
    ]).renditions
    #expect(
      renditions.map(\.groupID) == ["audio-aac", "audio-aac", "audio-eac3", "audio-eac3"])
    #expect(renditions.map(\.uri) == ["aac.m3u8", "talk.m3u8", "surround.m3u8", "talk.m3u8"])
    // Corresponding members differ in URI and CHANNELS alone.
    #expect(renditions[0].name == renditions[2].name)
    #expect(renditions.map(\.channels) == ["2", "2", "6", "2"])
  }

  @Test func `objects are counted in CHANNELS, and are a group of their own`() {
    var joc = Titles.audio(
      "joc", "en", "English", codecs: "ec-3", channels: 6, Titles.parts([1000], [96256]))
    joc.index.format = .audio(
      AudioFormat(channelCount: 6, sampleRate: 48000, objectCount: 16, channelMap: 0xf801))
    let renditions = multivariant([Self.video(), Self.audio("aac"), joc]).renditions
    #expect(renditions.map(\.channels) == ["2", "16/JOC"])
    #expect(renditions.map(\.groupID) == ["audio-aac", "audio-eac3joc"])
  }

  @Test func `the default is the track that says so, once`() {
    let renditions = multivariant([
      Self.video(), Self.audio("a"), Self.audio("b", "de", "D", isDefault: true),
      Self.audio("c", "fr", "F", isDefault: true),
    ]).renditions
    #expect(renditions.map(\.isDefault) == [false, true, false])
  }

  @Test func `RESOLUTION is the shown size, FRAME-RATE the known one, VIDEO-RANGE always there`() {
    let anamorphic = Titles.video(
      "v", 1440, 1080, colour: Titles.pq, aspect: Rational(literal: 4, 3), frameRate: nil,
      Titles.parts([1000], [48048]))
    let playlist = multivariant([anamorphic, Self.video("w")])
    let byURI = Dictionary(uniqueKeysWithValues: playlist.variants.map { ($0.uri, $0) })
    #expect(byURI["v.m3u8"]?.resolution == Resolution(width: 1920, height: 1080))
    #expect(byURI["v.m3u8"]?.frameRate == nil)
    #expect(byURI["v.m3u8"]?.videoRange == .pq)
    #expect(byURI["w.m3u8"]?.frameRate == Rational(25, 1))
    #expect(byURI["w.m3u8"]?.videoRange == .sdr)
    #expect(playlist.variants.allSatisfy { $0.closedCaptions == .absent })
  }

  @Test func `the first variant is the heaviest that starts without a wait`() {
    let tracks = [
      Self.video("v4", bytes: 6_000_000, height: 2160), Self.video("v3", bytes: 2_500_000),
      Self.video("v2", bytes: 1_200_000, height: 720),
      Self.video("v1", bytes: 300_000, height: 360),
    ]
    #expect(
      multivariant(tracks).variants.map(\.uri)
        == ["v2.m3u8", "v4.m3u8", "v3.m3u8", "v1.m3u8"])
    #expect(multivariant(Array(tracks[..<2])).variants.map(\.uri) == ["v3.m3u8", "v4.m3u8"])
    let sdr = [
      Self.video("pq", bytes: 500_000, colour: Titles.pq), Self.video("sdr", bytes: 400_000),
    ]
    #expect(multivariant(sdr).variants.map(\.uri) == ["sdr.m3u8", "pq.m3u8"])
  }

  @Test func `I-frame variants have the bandwidth of their byte ranges`() {
    let playlist = multivariant([Self.video(), Self.video("unknown", sapType: 0), Self.audio("a")])
    #expect(playlist.iFrameVariants.map(\.uri) == ["video.iframes.m3u8"])
    let variant = playlist.iFrameVariants[0]
    #expect(variant.bandwidth == (125_000 * 8 * 24000 + 48047) / 48048)
    #expect(variant.resolution == Resolution(width: 1920, height: 1080))
    #expect(variant.codecs == ["avc1.640028"])
    #expect(variant.videoRange == .sdr)
  }

  @Test func `an I-frame playlist covers the head of each segment and lasts to the next`() {
    let title = Title(name: "t", tracks: [Self.video()])
    for addressing in Addressing.allCases {
      let playlist = HLSPresentation(title, addressing: addressing).iFramePlaylist(
        of: title.tracks[0])
      #expect(playlist.isIFramesOnly)
      #expect(playlist.version == 5)
      #expect(playlist.segments.map(\.duration.value) == Self.film)
      #expect(playlist.segments.map(\.byteRange?.count) == [125_000, 125_000, 125_000, 62_500])
      #expect(
        playlist.segments[1].byteRange?.offset == (addressing == .wholeTracks ? 1_001_000 : 0))
    }
  }

  @Test func `audio alone is a variant, several of one family are a group of one variant`() {
    let single = multivariant([Self.audio("a")])
    #expect(single.renditions.isEmpty)
    #expect(single.variants.map(\.uri) == ["a.m3u8"])
    #expect(single.variants[0].audio == nil)
    #expect(single.variants[0].videoRange == nil)
    #expect(single.hasIndependentSegments)
    let two = multivariant([
      Self.audio("a"), Self.audio("b", "de", "Deutsch", isDefault: true, bytes: 64_000),
    ])
    #expect(two.variants.map(\.uri) == ["b.m3u8"])
    #expect(two.variants[0].audio == "audio-aac")
    #expect(two.renditions.count == 2)
  }

  @Test func `video alone has no group`() {
    let playlist = multivariant([Self.video()])
    #expect(playlist.renditions.isEmpty)
    #expect(playlist.variants[0].audio == nil)
    #expect(playlist.variants[0].codecs == ["avc1.640028"])
  }

  @Test func `media playlists are complete and name ranges or numbered segments`() {
    let title = Title(name: "t", tracks: [Self.video("v ü/1")])
    let track = title.tracks[0]
    let rest = HLSPresentation(title, addressing: .wholeTracks).mediaPlaylist(of: track)
    #expect(rest.playlistType == .vod)
    #expect(rest.isEnded)
    #expect(Set(rest.segments.map(\.uri)) == ["v%20%C3%BC%2F1.mp4"])
    #expect(rest.segments.map(\.byteRange) == track.index.segments.map(\.range))
    #expect(rest.segments[0].initialization?.byteRange == ByteRange(offset: 0, count: 900))
    let origin = HLSPresentation(title, addressing: .segments).mediaPlaylist(of: track)
    #expect(origin.mediaSequence == 1)
    #expect(origin.segments.last?.uri == "v%20%C3%BC%2F1/0123456789abcdef/4.m4s")
    #expect(origin.segments.allSatisfy { $0.byteRange == nil })
    #expect(
      origin.segments[0].initialization
        == MediaInitialization(uri: "v%20%C3%BC%2F1/0123456789abcdef/init.mp4"))
  }

  @Test func `every playlist that is written can be read`() throws {
    for addressing in Addressing.allCases {
      let documents = TitleDocuments(Titles.drama, addressing: addressing)
      for name in documents.names where name.hasSuffix(".m3u8") {
        let text = try #require(documents.document(named: name))
        if name == "main.m3u8" {
          #expect(try MultivariantPlaylist(parsing: text).render() == text)
        } else {
          #expect(try MediaPlaylist(parsing: text).render() == text)
        }
      }
    }
  }
}
