import HLS
import MediaCore
import Testing

@Suite struct MultivariantPlaylistTests {
  static let full = MultivariantPlaylist(
    hasIndependentSegments: true,
    renditions: [
      Rendition(
        kind: .audio, groupID: "audio-aac", name: "Deutsch", language: "de", isDefault: true,
        channels: "2", uri: "audio-de.m3u8"),
      Rendition(
        kind: .audio, groupID: "audio-aac", name: "Audiodeskription", language: "de",
        isAutoselect: true, characteristics: ["public.accessibility.describes-video", "a.b"],
        channels: "16/JOC", uri: "a%20b.m3u8"),
      Rendition(kind: .subtitles, groupID: "subs", name: "English", language: "en", uri: "en.m3u8"),
      Rendition(kind: .video, groupID: "angle", name: "Main"),
    ],
    variants: [
      VariantStream(
        bandwidth: 24_905_279, averageBandwidth: 19_767_156,
        codecs: ["hvc1.2.4.L150.90", "mp4a.40.2"],
        resolution: Resolution(width: 3840, height: 2160), frameRate: Rational(2997, 125),
        videoRange: .pq, audio: "audio-aac", subtitles: "subs", closedCaptions: .absent,
        uri: "video-2160p.m3u8"),
      VariantStream(bandwidth: 1, closedCaptions: .group("cc"), uri: "low.m3u8"),
    ],
    iFrameVariants: [
      IFrameVariantStream(
        bandwidth: 3_096_904, averageBandwidth: 2_454_689, codecs: ["hvc1.2.4.L150.90"],
        resolution: Resolution(width: 3840, height: 2160), videoRange: .hlg,
        uri: "video-2160p.iframes.m3u8")
    ])

  static let fullText = """
    #EXTM3U
    #EXT-X-INDEPENDENT-SEGMENTS
    #EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="audio-aac",NAME="Deutsch",LANGUAGE="de",DEFAULT=YES,AUTOSELECT=YES,CHANNELS="2",URI="audio-de.m3u8"
    #EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="audio-aac",NAME="Audiodeskription",LANGUAGE="de",DEFAULT=NO,AUTOSELECT=YES,CHARACTERISTICS="public.accessibility.describes-video,a.b",CHANNELS="16/JOC",URI="a%20b.m3u8"
    #EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="subs",NAME="English",LANGUAGE="en",DEFAULT=NO,AUTOSELECT=NO,URI="en.m3u8"
    #EXT-X-MEDIA:TYPE=VIDEO,GROUP-ID="angle",NAME="Main",DEFAULT=NO,AUTOSELECT=NO
    #EXT-X-STREAM-INF:BANDWIDTH=24905279,AVERAGE-BANDWIDTH=19767156,CODECS="hvc1.2.4.L150.90,mp4a.40.2",RESOLUTION=3840x2160,FRAME-RATE=23.976,VIDEO-RANGE=PQ,AUDIO="audio-aac",SUBTITLES="subs",CLOSED-CAPTIONS=NONE
    video-2160p.m3u8
    #EXT-X-STREAM-INF:BANDWIDTH=1,CLOSED-CAPTIONS="cc"
    low.m3u8
    #EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=3096904,AVERAGE-BANDWIDTH=2454689,CODECS="hvc1.2.4.L150.90",RESOLUTION=3840x2160,VIDEO-RANGE=HLG,URI="video-2160p.iframes.m3u8"

    """

  @Test func `a playlist renders every attribute and is read back as it was`() throws {
    #expect(Self.full.render() == Self.fullText)
    #expect(try MultivariantPlaylist(parsing: Self.fullText) == Self.full)
  }

  static let rich = MultivariantPlaylist(
    renditions: [
      Rendition(
        kind: .subtitles, groupID: "subs", name: "Forced", language: "en",
        associatedLanguage: "en-Latn", isAutoselect: true, isForced: true, stableID: "text-en",
        uri: "text-en.m3u8"),
      Rendition(
        kind: .closedCaptions, groupID: "cc", name: "English", language: "en", isDefault: true,
        instreamID: "CC1"),
      Rendition(
        kind: .closedCaptions, groupID: "cc", name: "Deutsch", language: "de",
        instreamID: "SERVICE63"),
    ],
    variants: [
      VariantStream(
        bandwidth: 2, codecs: ["hvc1.2.4.L150.90"], videoRange: .pq,
        supplementalCodecs: ["dvh1.08.07/db1p"], videoLayout: ["CH-STEREO/PROJ-HEQU"],
        score: Rational(5, 2), stableID: "v+/=.-_1", hdcpLevel: "TYPE-1",
        allowedProtection: ["com.example.drm1:SMART-TV/PC", "com.example.drm2:HW"],
        closedCaptions: .group("cc"), uri: "v.m3u8")
    ],
    iFrameVariants: [
      IFrameVariantStream(
        bandwidth: 1, supplementalCodecs: ["dvh1.08.07/db1p"],
        videoLayout: ["CH-STEREO/PROJ-HEQU"], score: Rational(1, 1), stableID: "v",
        hdcpLevel: "NONE", allowedProtection: ["a:b"], uri: "v.iframes.m3u8")
    ])

  static let richText = """
    #EXTM3U
    #EXT-X-VERSION:12
    #EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="subs",NAME="Forced",LANGUAGE="en",ASSOC-LANGUAGE="en-Latn",DEFAULT=NO,AUTOSELECT=YES,FORCED=YES,STABLE-RENDITION-ID="text-en",URI="text-en.m3u8"
    #EXT-X-MEDIA:TYPE=CLOSED-CAPTIONS,GROUP-ID="cc",NAME="English",LANGUAGE="en",DEFAULT=YES,AUTOSELECT=YES,INSTREAM-ID="CC1"
    #EXT-X-MEDIA:TYPE=CLOSED-CAPTIONS,GROUP-ID="cc",NAME="Deutsch",LANGUAGE="de",DEFAULT=NO,AUTOSELECT=NO,INSTREAM-ID="SERVICE63"
    #EXT-X-STREAM-INF:BANDWIDTH=2,CODECS="hvc1.2.4.L150.90",VIDEO-RANGE=PQ,SUPPLEMENTAL-CODECS="dvh1.08.07/db1p",REQ-VIDEO-LAYOUT="CH-STEREO/PROJ-HEQU",SCORE=2.500,STABLE-VARIANT-ID="v+/=.-_1",HDCP-LEVEL=TYPE-1,ALLOWED-CPC="com.example.drm1:SMART-TV/PC,com.example.drm2:HW",CLOSED-CAPTIONS="cc"
    v.m3u8
    #EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=1,SUPPLEMENTAL-CODECS="dvh1.08.07/db1p",REQ-VIDEO-LAYOUT="CH-STEREO/PROJ-HEQU",SCORE=1.000,STABLE-VARIANT-ID="v",HDCP-LEVEL=NONE,ALLOWED-CPC="a:b",URI="v.iframes.m3u8"

    """

  @Test func `attributes of richer titles are written and read back`() throws {
    #expect(Self.rich.render() == Self.richText)
    #expect(try MultivariantPlaylist(parsing: Self.richText) == Self.rich)
  }

  @Test func `captions of a numbered service need version 7`() {
    var playlist = Self.rich
    playlist.variants = []
    playlist.iFrameVariants = []
    #expect(playlist.version == 7)
    playlist.renditions.removeLast()
    #expect(playlist.version == 1)
  }

  @Test func `line ends may be CR LF, and comments and unknown tags and attributes are ignored`()
    throws
  {
    let text = Self.fullText.split(separator: "\n", omittingEmptySubsequences: false)
      .joined(separator: "\r\n")
      .replacing("#EXT-X-INDEPENDENT", with: "#comment\r\n\r\n#EXT-X-NEW:1\r\n#EXT-X-INDEPENDENT")
      .replacing("BANDWIDTH=1,", with: "BANDWIDTH=1,X-NEW=\"a,b\",NEW=1.5,")
    #expect(try MultivariantPlaylist(parsing: text) == Self.full)
  }

  @Test(arguments: [
    (Rational(literal: 24000, 1001), "23.976"), (Rational(literal: 60000, 1001), "59.940"),
    (Rational(literal: 25, 1), "25.000"), (Rational(literal: 1, 3), "0.333"),
    (Rational(literal: 1, 2000), "0.001"), (Rational(literal: 119_999, 2000), "60.000"),
  ])
  func `a frame rate has three decimals`(_ rate: Rational, _ text: String) {
    let playlist = MultivariantPlaylist(
      variants: [VariantStream(bandwidth: 1, frameRate: rate, uri: "v")])
    #expect(playlist.render().contains("FRAME-RATE=\(text)\n"))
  }

  @Test func `text that would end an attribute or a line is made harmless`() throws {
    let hostile = "a\"b\r\nc\u{85}\u{7F}#EXTM3U"
    var playlist = MultivariantPlaylist(
      renditions: [Rendition(kind: .audio, groupID: hostile, name: hostile, uri: hostile)],
      variants: [VariantStream(bandwidth: 1, codecs: [hostile], uri: "#\(hostile) ü")])
    let read = try MultivariantPlaylist(parsing: playlist.render())
    #expect(read.renditions[0].name == "a'b  c  #EXTM3U")
    #expect(read.renditions[0].uri == "a%22b%0D%0Ac%C2%85%7F#EXTM3U")
    #expect(read.variants[0].uri == "%23a%22b%0D%0Ac%C2%85%7F#EXTM3U%20%C3%BC")
    playlist = read
    #expect(try MultivariantPlaylist(parsing: playlist.render()) == read)
  }

  @Test(
    arguments: [
      ("", HLSError.Code.notThisPlaylist, 1),
      ("\u{FEFF}#EXTM3U\n", .notThisPlaylist, 1),
      ("#EXTM3U\n", .notThisPlaylist, nil),
      ("#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n", .missing, 2),
      ("#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n#EXT-X-INDEPENDENT-SEGMENTS\nv", .order, 3),
      ("#EXTM3U\n#EXT-X-STREAM-INF:CODECS=\"a\"\nv", .missing, 2),
      ("#EXTM3U\nv.m3u8", .order, 2),
      ("#EXTM3U\n#EXT-X-TARGETDURATION:2\n", .notThisPlaylist, 2),
      ("#EXTM3U\n#EXT-X-INDEPENDENT-SEGMENTS\n#EXT-X-INDEPENDENT-SEGMENTS\n", .duplicate, 3),
      ("#EXTM3U\n#EXT-X-VERSION:x\n", .syntax, 2),
      ("#EXTM3U\n#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"a\"\n", .missing, 2),
      ("#EXTM3U\n#EXT-X-MEDIA:TYPE=CLOSED-CAPTIONS,GROUP-ID=\"a\",NAME=\"b\"\n", .missing, 2),
      ("#EXTM3U\n#EXT-X-MEDIA:TYPE=HOLOGRAM,GROUP-ID=\"a\",NAME=\"b\"\n", .unsupported, 2),
      (
        "#EXTM3U\n#EXT-X-MEDIA:TYPE=CLOSED-CAPTIONS,GROUP-ID=\"a\",NAME=\"b\","
          + "INSTREAM-ID=\"CC5\"\n", .syntax, 2
      ),
      (
        "#EXTM3U\n#EXT-X-MEDIA:TYPE=CLOSED-CAPTIONS,GROUP-ID=\"a\",NAME=\"b\","
          + "INSTREAM-ID=\"CC1\",URI=\"c\"\n", .syntax, 2
      ),
      (
        "#EXTM3U\n#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"a\",NAME=\"b\",FORCED=YES\n",
        .syntax, 2
      ),
      (
        "#EXTM3U\n#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"a\",NAME=\"b\",STABLE-RENDITION-ID=\"a b\"\n",
        .syntax, 2
      ),
      (
        "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1,REQ-VIDEO-LAYOUT=\"CH-STEREO\"\nv", .version, nil
      ),
      ("#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1,SCORE=0\nv", .syntax, 2),
      ("#EXTM3U\n#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID=\"a\",NAME=\"b\"\n", .missing, 2),
      (
        "#EXTM3U\n#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"a\",NAME=\"b\",DEFAULT=YES,AUTOSELECT=NO\n",
        .syntax, 2
      ),
      ("#EXTM3U\n#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=a,NAME=\"b\"\n", .syntax, 2),
      ("#EXTM3U\n#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"a,NAME=b\n", .syntax, 2),
      ("#EXTM3U\n#EXT-X-MEDIA:TYPE=AUDIO,TYPE=AUDIO\n", .duplicate, 2),
      ("#EXTM3U\n#EXT-X-MEDIA:TYPE=AUDIO,\n", .syntax, 2),
      ("#EXTM3U\n#EXT-X-MEDIA:TYPE=AUDIO, NAME=\"b\"\n", .syntax, 2),
      ("#EXTM3U\n#EXT-X-MEDIA\n", .syntax, 2),
      ("#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=-1\nv", .syntax, 2),
      ("#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=99999999999999999999\nv", .syntax, 2),
      ("#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1,RESOLUTION=16X9\nv", .syntax, 2),
      ("#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1,FRAME-RATE=0\nv", .syntax, 2),
      ("#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1,VIDEO-RANGE=HDR\nv", .unsupported, 2),
      ("#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1,CLOSED-CAPTIONS=cc\nv", .syntax, 2),
      ("#EXTM3U\nv\u{0}", .syntax, 2),
      ("#EXTM3U\nv\u{9B}", .syntax, 2),
      ("#EXTM3U\r#EXT-X-INDEPENDENT-SEGMENTS", .syntax, 1),
    ] as [(String, HLSError.Code, Int?)])
  func `what cannot be read is refused with its line`(
    _ text: String, _ code: HLSError.Code, _ line: Int?
  ) throws {
    let error = try #require(throws: HLSError.self) { try MultivariantPlaylist(parsing: text) }
    #expect(error.code == code, "\(error)")
    #expect(error.line == line, "\(error)")
  }

  @Test func `a playlist cut anywhere is read or refused, never more`() {
    let bytes = Array(Self.fullText.utf8)
    for end in bytes.indices {
      _ = try? MultivariantPlaylist(parsing: String(decoding: bytes[..<end], as: UTF8.self))
    }
  }
}
