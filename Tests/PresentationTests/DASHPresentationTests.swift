import DASH
import Library
import MediaCore
import Presentation
import Testing

@Suite struct DASHPresentationTests {
  func mpd(_ tracks: [TitleTrack], _ addressing: Addressing = .segments) -> MPD {
    DASHPresentation(Title(name: "t", tracks: tracks), addressing: addressing).mpd()
  }

  func sets(_ tracks: [TitleTrack], _ addressing: Addressing = .segments) -> [AdaptationSet] {
    mpd(tracks, addressing).periods[0].adaptationSets
  }

  static func ids(_ sets: [AdaptationSet]) -> [[String]] {
    sets.map { $0.representations.map(\.id) }
  }

  @Test func `video of one codec, range and sample shape is one set`() {
    let parts = Titles.parts([1000], [48048])
    let made = sets([
      Titles.video("pq", 3840, 2160, parts), Titles.video("pq2", 1920, 1080, parts),
      Titles.video("sdr", 1920, 1080, colour: Titles.bt709, parts),
      Titles.video("avc", 1920, 1080, codecs: "avc1.640028", colour: Titles.bt709, parts),
      Titles.video(
        "wide", 1440, 1080, codecs: "avc1.640028", colour: Titles.bt709,
        aspect: Rational(literal: 4, 3), parts),
    ])
    #expect(Self.ids(made) == [["pq", "pq2"], ["sdr"], ["avc"], ["wide"]])
    #expect(made.map(\.id) == [1, 2, 3, 4])
    #expect(made[0].maxWidth == 3840 && made[0].maxHeight == 2160)
    #expect(made[0].essentialProperties.count == 3)
    #expect(made[1].essentialProperties.isEmpty && made[1].supplementalProperties.count == 3)
    #expect(made[3].pictureAspectRatio == Ratio(Rational(literal: 16, 9)))
    #expect(made[3].sampleAspectRatio == Ratio(Rational(literal: 4, 3)))
    #expect(made[0].representations[0].frameRate == Rational(24000, 1001))
    #expect(made.allSatisfy { $0.roles == [.role("main")] })
  }

  @Test func `audio is a set per language, label, role, family and layout`() {
    let parts = Titles.parts([1000], [96256])
    let made = sets([
      Titles.audio("en-high", "en", "English", parts),
      Titles.audio("en-low", "en", "English", parts),
      Titles.audio("en-51", "en", "English", codecs: "ec-3", channels: 6, parts),
      Titles.audio("de", "und", "", codecs: "opus", isDefault: true, parts),
      Titles.audio("ad", "en", "Described", roles: ["description"], parts),
    ])
    #expect(Self.ids(made) == [["en-high", "en-low"], ["en-51"], ["de"], ["ad"]])
    #expect(made.map(\.language) == ["en", "en", "und", "en"])
    #expect(
      made.map(\.labels) == [[Label("English")], [Label("English")], [], [Label("Described")]])
    #expect(made.map(\.roles) == [[], [], [.role("main")], [.role("description")]])
    #expect(
      made[3].accessibilities == [
        .role("description"),
        Descriptor(schemeIdUri: "urn:tva:metadata:cs:AudioPurposeCS:2007", value: "1"),
      ])
    #expect(made[1].representations[0].audioChannelConfigurations == [.audioChannels(6)])
    #expect(made[2].representations[0].codecs == "opus")
    #expect(made[0].representations[0].audioSamplingRate == 48000)
  }

  @Test(arguments: [(1, 1), (2, 2), (3, 3), (0, nil)] as [(UInt8, Int64?)])
  func `the worst access point of the set is told, and nothing if one is unknown`(
    _ sapType: UInt8, _ told: Int64?
  ) {
    let parts = Titles.parts([1000], [48048])
    let tracks = [
      Titles.video("a", 1920, 1080, parts), Titles.video("b", 1280, 720, sapType: sapType, parts),
    ]
    #expect(sets(tracks)[0].startWithSAP == told)
    #expect(sets(tracks)[0].subsegmentStartsWithSAP == nil)
    #expect(sets(tracks, .wholeTracks)[0].subsegmentStartsWithSAP == told)
    #expect(mpd(tracks).profiles.contains(MPD.cmafProfile) == (1...2).contains(sapType))
  }

  @Test func `alignment is told only of tracks whose segments are at the same times`() {
    let ticks = Titles.filmTicks
    let bytes: [Int64] = [1, 2, 3, 4]
    let a = Titles.video("a", 1920, 1080, Titles.parts(bytes, ticks))
    let sameTimes = Titles.video(
      "b", 1280, 720, timescale: Timescale(literal: 48000),
      Titles.parts(bytes, ticks.map { $0 * 2 }))
    let other = Titles.video("c", 960, 540, Titles.parts(bytes, ticks.reversed()))
    let one = sets([a, Titles.video("d", 640, 360, Titles.parts(bytes, ticks))])[0]
    #expect(one.isSegmentAligned && one.segmentTemplate != nil)
    #expect(one.representations.allSatisfy { $0.segmentTemplate == nil })
    let scaled = sets([a, sameTimes])[0]
    #expect(scaled.isSegmentAligned && scaled.segmentTemplate == nil)
    #expect(
      scaled.representations.map(\.segmentTemplate?.timescale.ticksPerSecond) == [24000, 48000])
    #expect(!sets([a, other])[0].isSegmentAligned)
    let rest = sets([a], .wholeTracks)[0]
    #expect(rest.isSubsegmentAligned && !rest.isSegmentAligned)
  }

  @Test func `bandwidth is the leaky bucket's with the target duration as buffer`() {
    let made = mpd([Titles.drama.tracks[0]])
    #expect(made.minBufferTime == ISODuration(microseconds: 2_000_000))
    // 6.2 MB due two seconds after its delivery begins.
    #expect(made.periods[0].adaptationSets[0].representations[0].bandwidth == 24_800_000)
  }

  @Test func `the presentation lasts until the last track ends`() {
    var late = Titles.audio("a", "en", "E", Titles.parts([1, 1], [96256, 96256]))
    for index in late.index.segments.indices { late.index.segments[index].start += 48000 }
    let made = mpd([Titles.video("v", 16, 16, Titles.parts([1, 1], [48048, 48048])), late])
    #expect(made.mediaPresentationDuration == ISODuration("PT5.010667S"))
    #expect(made.maxSegmentDuration == ISODuration("PT2.005334S"))
    let template = made.periods[0].adaptationSets[1].segmentTemplate
    #expect(template?.timeline?.runs == [.init(start: 48000, duration: 96256, repeats: 1)])
    #expect(template?.presentationTimeOffset == 0)
  }

  @Test func `whole tracks are indexed by their ranges, segments by their numbers`() {
    let track = Titles.video("v ü", 16, 16, Titles.parts([5], [48048]))
    let rest = sets([track], .wholeTracks)[0].representations[0]
    #expect(rest.id == "v%20%C3%BC")
    #expect(rest.baseURL == "v%20%C3%BC.mp4")
    #expect(rest.segmentBase?.indexRange == ByteRange(offset: 900, count: 100))
    #expect(rest.segmentBase?.initialization == ByteRange(offset: 0, count: 900))
    let set = sets([track])[0]
    #expect(set.representations[0].baseURL == "v%20%C3%BC/0123456789abcdef/")
    #expect(set.segmentTemplate?.media == "$Number$.m4s")
    #expect(set.segmentTemplate?.initialization == "init.mp4")
    #expect(set.segmentTemplate?.startNumber == 1)
    #expect(mpd([track], .wholeTracks).profiles == [MPD.onDemandProfile, MPD.cmafProfile])
    #expect(mpd([track]).profiles == [MPD.liveProfile, MPD.cmafProfile])
  }

  @Test func `every MPD that is written can be read`() throws {
    for addressing in Addressing.allCases {
      let mpd = DASHPresentation(Titles.drama, addressing: addressing).mpd()
      #expect(try MPD(parsing: mpd.render()) == mpd)
    }
  }
}

@Suite struct TitleDocumentsTests {
  @Test func `a track that would take another document's name gets none`() {
    let parts = Titles.parts([1000], [48048])
    let documents = TitleDocuments(
      Title(
        name: "t",
        tracks: [
          Titles.video("main", 16, 16, parts), Titles.video("v", 16, 16, parts),
          Titles.audio("v.iframes", "en", "E", parts),
        ]), addressing: .segments)
    #expect(
      documents.names == [
        "main.m3u8", "main.iframes.m3u8", "v.m3u8", "v.iframes.m3u8", "manifest.mpd",
        "timeline.mpd", "ondemand.mpd",
      ])
    #expect(documents.document(named: "main.m3u8")?.contains("#EXT-X-STREAM-INF") == true)
  }

  @Test func `ten hours of two-second segments are written and read`() throws {
    let count = 17_982
    let parts = Titles.parts(
      Array(repeating: 3_000_000, count: count), Array(repeating: 48048, count: count))
    let documents = TitleDocuments(
      Title(name: "t", tracks: [Titles.video("v", 3840, 2160, parts)]), addressing: .segments)
    for name in documents.names { #expect(documents.document(named: name) != nil) }
    let mpd = try #require(documents.document(named: "manifest.mpd"))
    #expect(mpd.contains("<S t=\"0\" d=\"48048\" r=\"17981\"/>"))
  }
}
