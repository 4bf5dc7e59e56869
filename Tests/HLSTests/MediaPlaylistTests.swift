import HLS
import MediaCore
import TestSupport
import Testing

@Suite struct MediaPlaylistTests {
  static let film = Timescale(literal: 24000)
  static let micro = Timescale(literal: 1_000_000)

  static let full = MediaPlaylist(
    targetDuration: 2, playlistType: .event, mediaSequence: 7, discontinuitySequence: 3,
    hasIndependentSegments: true, isEnded: true,
    segments: [
      MediaSegment(
        duration: MediaTime(2_002_000, micro), uri: "a.mp4",
        byteRange: ByteRange(offset: 1000, count: 500),
        initialization: MediaInitialization(
          uri: "a.mp4", byteRange: ByteRange(offset: 0, count: 900)),
        programDateTime: ProgramDateTime(millisecondsSince1970: 1_767_225_599_042)),
      MediaSegment(
        duration: MediaTime(1_000_001, micro), uri: "a.mp4",
        byteRange: ByteRange(offset: 1500, count: 10),
        initialization: MediaInitialization(
          uri: "a.mp4", byteRange: ByteRange(offset: 0, count: 900)), isGap: true),
      MediaSegment(
        duration: MediaTime(0, micro), uri: "b/1.m4s",
        initialization: MediaInitialization(uri: "b/init.mp4"), hasDiscontinuity: true),
    ])

  static let fullText = """
    #EXTM3U
    #EXT-X-VERSION:6
    #EXT-X-TARGETDURATION:2
    #EXT-X-MEDIA-SEQUENCE:7
    #EXT-X-DISCONTINUITY-SEQUENCE:3
    #EXT-X-PLAYLIST-TYPE:EVENT
    #EXT-X-INDEPENDENT-SEGMENTS
    #EXT-X-MAP:URI="a.mp4",BYTERANGE="900@0"
    #EXT-X-PROGRAM-DATE-TIME:2025-12-31T23:59:59.042Z
    #EXTINF:2.002000,
    #EXT-X-BYTERANGE:500@1000
    a.mp4
    #EXT-X-GAP
    #EXTINF:1.000001,
    #EXT-X-BYTERANGE:10@1500
    a.mp4
    #EXT-X-DISCONTINUITY
    #EXT-X-MAP:URI="b/init.mp4"
    #EXTINF:0.000000,
    b/1.m4s
    #EXT-X-ENDLIST

    """

  @Test func `a playlist renders every tag and is read back as it was`() throws {
    #expect(Self.full.render() == Self.fullText)
    #expect(try MediaPlaylist(parsing: Self.fullText) == Self.full)
  }

  @Test func `a byte range without an offset follows the one before it`() throws {
    let text = Self.fullText.replacing("10@1500", with: "10")
    #expect(try MediaPlaylist(parsing: text) == Self.full)
  }

  @Test func `whole seconds, titles and more than six decimals are read`() throws {
    let text = """
      #EXTM3U
      #EXT-X-VERSION:3
      #EXT-X-TARGETDURATION:10
      #EXT-X-BITRATE:128
      #EXTINF:9.9766333,Title, with comma
      1.ts
      #EXTINF:10,
      2.ts
      #EXTINF:0.0000005,
      3.ts
      """
    #expect(
      try MediaPlaylist(parsing: text).segments.map(\.duration.value)
        == [9_976_633, 10_000_000, 1])
  }

  @Test(
    arguments: [
      ("", 1, nil), ("#EXTINF:6,\n1.ts\n", 1, 3), ("#EXTINF:6.0,\n1.ts\n", 3, 3),
      ("#EXTINF:6.0,\n#EXT-X-BYTERANGE:1@0\n1.ts\n", 4, 4), ("#EXT-X-I-FRAMES-ONLY\n", 4, 4),
      ("#EXT-X-I-FRAMES-ONLY\n#EXT-X-MAP:URI=\"i\"\n#EXTINF:6.0,\n1\n", 5, 5),
      ("#EXT-X-MAP:URI=\"i\"\n#EXTINF:6.0,\n1\n", 6, 6),
    ] as [(String, Int, Int?)])
  func `the version is what the tags need and no less is accepted`(
    _ tags: String, _ needed: Int, _ rendered: Int?
  ) throws {
    func text(_ version: Int) -> String {
      "#EXTM3U\n#EXT-X-VERSION:\(version)\n#EXT-X-TARGETDURATION:6\n\(tags)"
    }
    #expect(try MediaPlaylist(parsing: text(needed)).version == rendered ?? 1)
    if needed > 1 {
      let error = try #require(throws: HLSError.self) {
        try MediaPlaylist(parsing: text(needed - 1))
      }
      #expect(error.code == .version)
    }
  }

  private static let head = "#EXTM3U\n#EXT-X-VERSION:6\n#EXT-X-TARGETDURATION:2\n"

  @Test(arguments: [
    ("#EXTINF:2\n1.ts", HLSError.Code.syntax, 4),
    ("#EXTINF:-2,\n1.ts", .syntax, 4),
    ("#EXTINF:2.,\n1.ts", .syntax, 4),
    ("#EXTINF:1e3,\n1.ts", .syntax, 4),
    ("#EXTINF:1000001,\n1.ts", .tooLarge, 4),
    ("#EXTINF:9999999999999999999,\n1.ts", .syntax, 4),
    ("#EXTINF:2,\n#EXTINF:2,\n1.ts", .duplicate, 5),
    ("#EXTINF:2,\n", .missing, 4),
    ("#EXT-X-DISCONTINUITY\n", .missing, 4),
    ("1.ts", .missing, 4),
    ("#EXTINF:2,\n#EXT-X-BYTERANGE:10\n1.ts", .missing, 5),
    ("#EXTINF:2,\n#EXT-X-BYTERANGE:10@\n1.ts", .syntax, 5),
    ("#EXTINF:2,\n#EXT-X-BYTERANGE:10@1@2\n1.ts", .syntax, 5),
    ("#EXTINF:2,\n#EXT-X-BYTERANGE:9@9223372036854775807\n1.ts", .tooLarge, 5),
    ("#EXT-X-MAP:BYTERANGE=\"1@0\"", .missing, 4),
    ("#EXT-X-MAP:URI=\"i\",BYTERANGE=\"1\"", .missing, 4),
    ("#EXT-X-MAP:URI=i", .syntax, 4),
    ("#EXTINF:2,\n1.ts\n#EXT-X-MEDIA-SEQUENCE:1", .order, 6),
    ("#EXT-X-DISCONTINUITY\n#EXT-X-DISCONTINUITY-SEQUENCE:1", .order, 5),
    ("#EXT-X-MEDIA-SEQUENCE:-1", .syntax, 4),
    ("#EXT-X-TARGETDURATION:2", .duplicate, 4),
    ("#EXT-X-PLAYLIST-TYPE:LIVE", .syntax, 4),
    ("#EXT-X-PROGRAM-DATE-TIME:2026-01-31T00:00:00", .syntax, 4),
    ("#EXT-X-PROGRAM-DATE-TIME:2026-13-31T00:00:00Z", .syntax, 4),
    ("#EXT-X-KEY:METHOD=AES-128,URI=\"k\"", .unsupported, 4),
    ("#EXT-X-STREAM-INF:BANDWIDTH=1", .notThisPlaylist, 4),
  ])
  func `what cannot be read is refused with its line`(
    _ tags: String, _ code: HLSError.Code, _ line: Int
  ) throws {
    let error = try #require(throws: HLSError.self) {
      try MediaPlaylist(parsing: Self.head + tags)
    }
    #expect(error.code == code, "\(error)")
    #expect(error.line == line, "\(error)")
  }

  @Test func `a target duration must be there and at least one second`() throws {
    let missing = try #require(throws: HLSError.self) { try MediaPlaylist(parsing: "#EXTM3U\n") }
    #expect(missing.code == .missing)
    let zero = try #require(throws: HLSError.self) {
      try MediaPlaylist(parsing: "#EXTM3U\n#EXT-X-TARGETDURATION:0\n")
    }
    #expect(zero.code == .syntax)
  }

  @Test func `limits hold`() throws {
    let line = String(repeating: "x", count: PlaylistLimits.lineByteCount + 1)
    for text in [
      Self.head + line, String(repeating: "\n", count: PlaylistLimits.byteCount + 1),
      Self.head + String(repeating: "#EXTINF:1,\n1\n", count: PlaylistLimits.segmentCount + 1),
    ] {
      let error = try #require(throws: HLSError.self) { try MediaPlaylist(parsing: text) }
      #expect(error.code == .tooLarge)
    }
  }

  @Test func `a playlist with wrong bytes is read or refused, never more`() {
    var random = SplitMix(9)
    for text in [Self.fullText, MultivariantPlaylistTests.fullText] {
      for _ in 0..<1000 {
        var wrong = Array(text.utf8)
        for _ in 0..<Int.random(in: 1...4, using: &random) {
          wrong[.random(in: wrong.indices, using: &random)] = .random(
            in: 0x20...0x7E, using: &random)
        }
        let mutated = String(decoding: wrong, as: UTF8.self)
        if let media = try? MediaPlaylist(parsing: mutated) { _ = media.render() }
        if let multi = try? MultivariantPlaylist(parsing: mutated) { _ = multi.render() }
      }
    }
  }

  @Test func `a playlist cut anywhere is read or refused, never more`() {
    let bytes = Array(Self.fullText.utf8)
    for end in bytes.indices {
      _ = try? MediaPlaylist(parsing: String(decoding: bytes[..<end], as: UTF8.self))
    }
  }
}

@Suite struct ProgramDateTimeTests {
  @Test(arguments: [
    ("1970-01-01T00:00:00Z", 0), ("2000-02-29T12:00:00.5+01:00", 951_822_000_500),
    ("1969-12-31T23:59:59.999Z", -1), ("2024-12-31T23:59:59.9999-0030", 1_735_691_399_999),
    ("2100-03-01T00:00:00Z", 4_107_542_400_000),
  ])
  func `moments are read`(_ text: String, _ milliseconds: Int64) {
    #expect(ProgramDateTime(text)?.millisecondsSince1970 == milliseconds)
  }

  @Test func `every moment is read back as it was`() {
    var random = SplitMix(4)
    for _ in 0..<2000 {
      let moment = ProgramDateTime(
        millisecondsSince1970: .random(
          in: -62_000_000_000_000...250_000_000_000_000, using: &random))
      #expect(ProgramDateTime(moment.description) == moment, "seed 4")
    }
  }
}
