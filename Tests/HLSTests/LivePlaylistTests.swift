import HLS
import MediaCore
import TestSupport
import Testing

@Suite struct LivePlaylistTests {
  static let micro = Timescale(literal: 1_000_000)

  static let live: MediaPlaylist = {
    var playlist = MediaPlaylist(targetDuration: 2, mediaSequence: 890_000_001)
    playlist.discontinuitySequence = 1
    playlist.serverControl = ServerControl(
      canSkipUntil: 12_000_000, canSkipDateRanges: true, holdBack: 6_000_000,
      partHoldBack: 600_000, canBlockReload: true)
    playlist.partTarget = 200_000
    let header = MediaInitialization(uri: "v/a1/init.mp4")
    var segment = MediaSegment(
      duration: MediaTime(400_000, micro), uri: "v/a1/890000001.m4s", initialization: header,
      programDateTime: ProgramDateTime(millisecondsSince1970: 1_780_000_002_000))
    segment.parts = [
      PartialSegment(uri: "v/a1/890000001.0.m4s", duration: 200_000, isIndependent: true),
      PartialSegment(uri: "v/a1/890000001.1.m4s", duration: 200_000, isGap: true),
    ]
    playlist.segments = [segment]
    playlist.unfinished = UnfinishedSegment(
      initialization: MediaInitialization(uri: "v/b2/init.mp4"), hasDiscontinuity: true,
      programDateTime: ProgramDateTime(millisecondsSince1970: 1_780_000_002_400),
      parts: [
        PartialSegment(
          uri: "v/b2/890000002.m4s", duration: 199_999, isIndependent: true,
          byteRange: ByteRange(offset: 0, count: 100))
      ])
    playlist.preloadHints = [
      PreloadHint(type: .part, uri: "v/b2/890000002.m4s", byteRangeStart: 100)
    ]
    playlist.renditionReports = [
      RenditionReport(uri: "a.m3u8", lastSegment: 890_000_002, lastPart: 0),
      RenditionReport(uri: "s.m3u8", lastSegment: 890_000_001),
    ]
    return playlist
  }()

  static let liveText = """
    #EXTM3U
    #EXT-X-VERSION:6
    #EXT-X-TARGETDURATION:2
    #EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,CAN-SKIP-UNTIL=12.000000,CAN-SKIP-DATERANGES=YES,\
    HOLD-BACK=6.000000,PART-HOLD-BACK=0.600000
    #EXT-X-PART-INF:PART-TARGET=0.200000
    #EXT-X-MEDIA-SEQUENCE:890000001
    #EXT-X-DISCONTINUITY-SEQUENCE:1
    #EXT-X-MAP:URI="v/a1/init.mp4"
    #EXT-X-PROGRAM-DATE-TIME:2026-05-28T20:26:42.000Z
    #EXT-X-PART:DURATION=0.200000,URI="v/a1/890000001.0.m4s",INDEPENDENT=YES
    #EXT-X-PART:DURATION=0.200000,URI="v/a1/890000001.1.m4s",GAP=YES
    #EXTINF:0.400000,
    v/a1/890000001.m4s
    #EXT-X-DISCONTINUITY
    #EXT-X-MAP:URI="v/b2/init.mp4"
    #EXT-X-PROGRAM-DATE-TIME:2026-05-28T20:26:42.400Z
    #EXT-X-PART:DURATION=0.199999,URI="v/b2/890000002.m4s",INDEPENDENT=YES,BYTERANGE="100@0"
    #EXT-X-PRELOAD-HINT:TYPE=PART,URI="v/b2/890000002.m4s",BYTERANGE-START=100
    #EXT-X-RENDITION-REPORT:URI="a.m3u8",LAST-MSN=890000002,LAST-PART=0
    #EXT-X-RENDITION-REPORT:URI="s.m3u8",LAST-MSN=890000001

    """

  @Test func `every tag of a playlist that grows is written`() {
    #expect(Self.live.render() == Self.liveText)
  }

  @Test func `and read`() throws {
    #expect(try MediaPlaylist(parsing: Self.liveText) == Self.live)
  }

  @Test func `H8: a delta update needs its version`() throws {
    var playlist = Self.live
    playlist.skipped = SkippedSegments(count: 7)
    let text = playlist.render()
    #expect(text.contains("#EXT-X-VERSION:9\n"))
    #expect(text.contains("#EXT-X-DISCONTINUITY-SEQUENCE:1\n#EXT-X-SKIP:SKIPPED-SEGMENTS=7\n"))
    #expect(try MediaPlaylist(parsing: text) == playlist)
    for (removed, value) in [([], ""), (["k1.1"], "k1.1"), (["k1.1", "k2.1"], "k1.1\tk2.1")] {
      playlist.skipped?.recentlyRemovedDateRanges = removed
      let text = playlist.render()
      #expect(text.contains("#EXT-X-VERSION:10\n"))
      #expect(text.contains("SKIPPED-SEGMENTS=7,RECENTLY-REMOVED-DATERANGES=\"\(value)\"\n"))
      #expect(try MediaPlaylist(parsing: text) == playlist)
    }
  }

  @Test(arguments: [
    // H1, H2
    ("#EXT-X-PART-INF:PART-TARGET=0.200000\n", "", HLSError.Code.missing),
    (",PART-HOLD-BACK=0.600000", "", .missing),
    (",PART-HOLD-BACK=0.600000", ",PART-HOLD-BACK=0.399999", .syntax),
    // H3
    ("CAN-SKIP-UNTIL=12.0", "CAN-SKIP-UNTIL=11.9", .syntax),
    ("CAN-SKIP-UNTIL=12.000000,", "", .missing),
    ("HOLD-BACK=6.000000", "HOLD-BACK=5.000000", .syntax),
    // H4
    ("DURATION=0.199999", "DURATION=0.200001", .syntax),
    // H6
    ("#EXTINF:0.4", "#EXT-X-DISCONTINUITY\n#EXTINF:0.4", .order),
    ("#EXTINF:0.4", "#EXT-X-MAP:URI=\"x\"\n#EXTINF:0.4", .order),
    // H9
    (
      "#EXT-X-RENDITION-REPORT:URI=\"s.m3u8\"", "#EXT-X-PRELOAD-HINT:TYPE=PART,URI=\"x\"\n#",
      .duplicate
    ),
    ("TYPE=PART", "TYPE=KEY", .syntax),
    ("#EXT-X-RENDITION-REPORT:URI=\"s.m3u8\"", "#EXT-X-ENDLIST\n#", .order),
    ("#EXT-X-PART:DURATION=0.200000,", "#EXT-X-PART:", .missing),
  ])
  func `what breaks the draft is refused`(old: String, new: String, code: HLSError.Code) {
    #expect {
      try MediaPlaylist(parsing: Self.liveText.replacing(old, with: new, maxReplacements: 1))
    } throws: {
      ($0 as? HLSError)?.code == code
    }
  }
}
