import DASH
import MediaCore
import TestSupport
import Testing

@Suite struct MPDTests {
  static let film = Timescale(literal: 24000)

  static let full = MPD(
    profiles: [MPD.liveProfile, MPD.cmafProfile],
    mediaPresentationDuration: ISODuration(microseconds: 7_007_000),
    minBufferTime: ISODuration(microseconds: 2_000_000),
    maxSegmentDuration: ISODuration(microseconds: 2_005_334),
    maxSubsegmentDuration: ISODuration(microseconds: 1),
    periods: [
      Period(
        id: "1", start: ISODuration(microseconds: 0),
        duration: ISODuration(microseconds: 7_007_000),
        adaptationSets: [
          AdaptationSet(
            id: 1, contentType: "video", mimeType: "video/mp4", language: "en",
            pictureAspectRatio: Ratio(Rational(literal: 16, 9)),
            sampleAspectRatio: Ratio(.one), maxWidth: 3840, maxHeight: 2160,
            maxFrameRate: Rational(24000, 1001), isSegmentAligned: true,
            isSubsegmentAligned: true, startWithSAP: 2, subsegmentStartsWithSAP: 1,
            audioChannelConfigurations: [.audioChannels(6)],
            essentialProperties: [Descriptor(schemeIdUri: "urn:x")],
            supplementalProperties: Descriptor.colour(
              ColourInformation(primaries: 9, transfer: 16, matrix: 2, isFullRange: false)),
            labels: [Label("a < b & \"c\"\n", language: "en")],
            accessibilities: [.role("description")], roles: [.role("main"), .role("commentary")],
            segmentTemplate: SegmentTemplate(
              timescale: film, presentationTimeOffset: 12, startNumber: 1,
              initialization: "init.mp4", media: "$Number$.m4s",
              timeline: SegmentTimeline(runs: [
                .init(start: 0, duration: 48048, repeats: 1), .init(duration: 24024),
              ])),
            representations: [
              Representation(
                id: "v", bandwidth: 4_294_967_295, codecs: "hvc1.2.4.L150.90", width: 3840,
                height: 2160, sampleAspectRatio: Ratio(.one), frameRate: Rational(24000, 1001),
                baseURL: "v/0f/"),
              Representation(
                id: "w", bandwidth: 1, audioSamplingRate: 48000,
                audioChannelConfigurations: [.audioChannels(2)], baseURL: "w.mp4",
                segmentBase: SegmentBase(
                  timescale: film, presentationTimeOffset: 3,
                  indexRange: ByteRange(offset: 900, count: 100),
                  initialization: ByteRange(offset: 0, count: 900))),
            ])
        ])
    ])

  @Test func `an MPD is read back as it was`() throws {
    #expect(try MPD(parsing: Self.full.render()) == Self.full)
  }

  static let rich: MPD = {
    var video = AdaptationSet(id: 1, contentType: "video", mimeType: "video/mp4")
    video.scanType = "interlaced"
    video.selectionPriority = 2
    video.codingDependency = false
    video.maxPlayoutRate = 32
    video.framePackings = [
      Descriptor(schemeIdUri: "urn:mpeg:mpegB:cicp:VideoFramePackingType", value: "3")
    ]
    video.inbandEventStreams = [Descriptor(schemeIdUri: "urn:scte:scte35:2013:bin", value: "1")]
    var dolby = Representation(id: "d", bandwidth: 1, codecs: "hvc1.2.4.L150.90")
    dolby.supplementalCodecs = "dvh1.08.07"
    dolby.supplementalProfiles = "db1p"
    dolby.scanType = "progressive"
    dolby.selectionPriority = 0
    dolby.codingDependency = true
    dolby.maxPlayoutRate = 1
    dolby.essentialProperties = [Descriptor(schemeIdUri: "urn:e")]
    dolby.supplementalProperties = [Descriptor(schemeIdUri: "urn:s", value: "1")]
    dolby.inbandEventStreams = [Descriptor(schemeIdUri: "urn:i")]
    video.representations = [dolby]
    var tiles = Representation(id: "t", bandwidth: 5, width: 3200, height: 180)
    tiles.mimeType = "image/jpeg"
    tiles.essentialProperties = [
      Descriptor(schemeIdUri: "http://dashif.org/guidelines/thumbnail_tile", value: "10x1")
    ]
    tiles.segmentTemplate = SegmentTemplate(
      timescale: film, duration: 240_000, media: "tiles/$Number$.jpg")
    return MPD(
      profiles: [MPD.liveProfile], minBufferTime: ISODuration(microseconds: 2_000_000),
      periods: [
        Period(
          eventStreams: [
            EventStream(
              scheme: Descriptor(schemeIdUri: "urn:scte:scte35:2014:xml+bin"), timescale: film,
              presentationTimeOffset: 1001,
              events: [
                Event(
                  presentationTime: 24024, duration: 1001, id: 7,
                  message: .splice([0xFC, 0x30, 0xFF, 0x00])),
                Event(presentationTime: 0, message: .splice([0xFC, 0x30, 0xFF, 0x00, 0x01])),
              ]),
            EventStream(
              scheme: Descriptor(schemeIdUri: "urn:x", value: "1"), timescale: film,
              events: [Event(presentationTime: 5, message: .text("a <b> & c"))]),
          ],
          adaptationSets: [
            video,
            AdaptationSet(id: 2, contentType: "image", representations: [tiles]),
          ])
      ])
  }()

  @Test func `events, tiles, trick modes and supplemental codecs are read back as they were`()
    throws
  {
    let text = Self.rich.render()
    #expect(try MPD(parsing: text) == Self.rich)
    #expect(text.contains(#"xmlns:scte214="urn:scte:dash:scte214-extensions""#))
    #expect(!Self.full.render().contains("scte214"))
  }

  @Test func `colour that is not specified is not said`() {
    #expect(Descriptor.colour(.unspecified).isEmpty)
    #expect(
      Descriptor.colour(
        ColourInformation(primaries: 9, transfer: 18, matrix: 9, isFullRange: false)
      ).map(\.schemeIdUri) == [
        "urn:mpeg:mpegB:cicp:ColourPrimaries", "urn:mpeg:mpegB:cicp:TransferCharacteristics",
        "urn:mpeg:mpegB:cicp:MatrixCoefficients",
      ])
  }

  @Test func `markup and characters that XML cannot hold do not break the document`() throws {
    var mpd = Self.full
    mpd.periods[0].adaptationSets[0].labels = [Label("</Label><x y='&#0;'>\u{0}\u{FFFE}\u{1F3AC}")]
    let label = try MPD(parsing: mpd.render()).periods[0].adaptationSets[0].labels[0]
    #expect(label.text == "</Label><x y='&#0;'>\u{FFFD}\u{FFFD}\u{1F3AC}")
  }

  @Test func `comments, instructions, CDATA, references and foreign elements are read over`() throws
  {
    let text = """
      <?xml version="1.0"?><!-- a --><?b c?>
      <MPD xmlns='urn:mpeg:dash:schema:mpd:2011' xmlns:x="urn:x" profiles="&#112;,q" x:y="1"
        minBufferTime="PT2S"><x:Thing><a/></x:Thing>
        <Period><!-- - --><AdaptationSet><Label>a<![CDATA[<b>]]>&amp;&#x1F3AC;</Label>
        <Representation id="r" bandwidth="1"/></AdaptationSet></Period>
      </MPD>
      <!-- z -->
      """
    let mpd = try MPD(parsing: text)
    #expect(mpd.profiles == ["p", "q"])
    #expect(mpd.periods[0].adaptationSets[0].labels == [Label("a<b>&\u{1F3AC}")])
  }

  static func document(_ attributes: String = "", _ inside: String = "<Period/>") -> String {
    "<MPD xmlns=\"\(MPD.namespace)\" profiles=\"p\"\n minBufferTime=\"PT2S\"\(attributes)>\n\(inside)</MPD>"
  }

  static func set(_ inside: String) -> String {
    document("", "<Period><AdaptationSet id=\"1\">\n\(inside)</AdaptationSet></Period>")
  }

  @Test(arguments: [
    ("", DASHError.Code.xml, 1),
    ("text", .xml, 1),
    ("<MPD", .xml, 1),
    ("<MPD/><MPD/>", .xml, 1),
    ("<!DOCTYPE MPD [<!ENTITY a \"b\">]><MPD/>", .xml, 1),
    ("<?xml version=\"1.0\"?>\n<!DOCTYPE MPD SYSTEM \"file:///etc/passwd\"><MPD/>", .xml, 2),
    ("<MPD/>", .notAnMPD, 1),
    ("<MPD xmlns=\"urn:other\"/>", .notAnMPD, 1),
    (document(" type=\"moving\""), .syntax, 1),
    (document(" type=\"dynamic\""), .missing, 1),
    (document(" type=\"static\" type=\"static\""), .xml, 2),
    (document(" mediaPresentationDuration=\"P1Y\""), .syntax, 1),
    (document("", ""), .missing, 1),
    (document("", "<Period>"), .xml, 3),
    (document("", "<Period></Periode>"), .xml, 3),
    (document("", "<Period>&bomb;</Period>"), .xml, 3),
    (document("", "<Period>&#0;</Period>"), .xml, 3),
    (document("", "<Period a=\"<\"/>"), .xml, 3),
    (document("", "<Period a=b/>"), .xml, 3),
    (document("", "<Period a=\"1\"b=\"2\"/>"), .xml, 3),
    (document("", "<!-- "), .xml, 3),
    (set("<Representation id=\"a\"/>"), .missing, 4),
    (set("<Representation id=\"a\" bandwidth=\"-1\"/>"), .syntax, 4),
    (set("<Representation bandwidth=\"1\"/>"), .missing, 4),
    (set("<Role value=\"main\"/>"), .missing, 4),
    (set("<ContentProtection schemeIdUri=\"a\"/>"), .unsupported, 3),
    (set("<SegmentTemplate timescale=\"0\"/>"), .syntax, 4),
    (set("<SegmentTemplate duration=\"0\"/>"), .syntax, 4),
    (set("<Representation id=\"a\" bandwidth=\"1\" codingDependency=\"no\"/>"), .syntax, 4),
    (set("<Representation id=\"a\" bandwidth=\"1\" maxPlayoutRate=\"-1\"/>"), .syntax, 4),
    (document("", "<Period><EventStream/></Period>"), .missing, 3),
    (
      set("<SegmentTemplate><SegmentTimeline><S/></SegmentTimeline></SegmentTemplate>"), .missing, 4
    ),
    (
      set("<SegmentTemplate><SegmentTimeline><S d=\"0\"/></SegmentTimeline></SegmentTemplate>"),
      .syntax, 4
    ),
    (
      set(
        "<SegmentTemplate><SegmentTimeline><S d=\"1\" r=\"-1\"/></SegmentTimeline></SegmentTemplate>"
      ),
      .unsupported, 4
    ),
    (
      set(
        "<SegmentTemplate><SegmentTimeline><S d=\"1\" r=\"200000\"/></SegmentTimeline></SegmentTemplate>"
      ), .tooLarge, 4
    ),
    (
      set(
        "<Representation id=\"a\" bandwidth=\"1\"><SegmentBase indexRange=\"9-8\"/></Representation>"
      ), .syntax, 4
    ),
    (set(String(repeating: "<a>", count: 20)), .tooLarge, 4),
  ])
  func `what cannot be read is refused with its line`(
    _ text: String, _ code: DASHError.Code, _ line: Int
  ) throws {
    let error = try #require(throws: DASHError.self) { try MPD(parsing: text) }
    #expect(error.code == code, "\(error)")
    #expect(error.line == line, "\(error)")
  }

  @Test func `more bytes than the limit are refused unread`() throws {
    let text = String(repeating: " ", count: MPDLimits.byteCount + 1)
    let error = try #require(throws: DASHError.self) { try MPD(parsing: text) }
    #expect(error.code == .tooLarge)
  }

  @Test func `an MPD with wrong bytes is read or refused, never more`() {
    var random = SplitMix(8)
    let bytes = Array(Self.full.render().utf8)
    for _ in 0..<500 {
      var wrong = bytes
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        wrong[.random(in: wrong.indices, using: &random)] = .random(in: 0...255, using: &random)
      }
      _ = try? MPD(parsing: String(decoding: wrong, as: UTF8.self))
    }
  }

  @Test func `an MPD cut anywhere is refused`() {
    let bytes = Array(Self.full.render().utf8)
    for end in 0..<(bytes.count - 2) {
      #expect(throws: DASHError.self) {
        try MPD(parsing: String(decoding: bytes[..<end], as: UTF8.self))
      }
    }
  }
}

@Suite struct SegmentTimelineTests {
  @Test func `equal neighbours are one run and gaps have a time`() {
    let segments: [(start: Int64, duration: Int64)] = [
      (10, 5), (15, 5), (20, 5), (25, 4), (29, 5), (40, 5), (45, 5),
    ]
    let timeline = SegmentTimeline(segments)
    #expect(
      timeline.runs == [
        .init(start: 10, duration: 5, repeats: 2), .init(duration: 4), .init(duration: 5),
        .init(start: 40, duration: 5, repeats: 1),
      ])
    #expect(timeline.segments.map(\.start) == segments.map(\.start))
    #expect(timeline.segments.map(\.duration) == segments.map(\.duration))
  }

  @Test func `the end of the numbers ends the list`() {
    let beyond: [(start: Int64, duration: Int64)] = [(.max, 1), (.max, 1)]
    #expect(SegmentTimeline(beyond).runs.count == 2)
    #expect(SegmentTimeline(runs: [.init(duration: .max, repeats: 9)]).segments.count == 2)
  }
}
