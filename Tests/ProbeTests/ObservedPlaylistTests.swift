import MediaCore
import Testing

@testable import Probe

@Suite struct ObservedPlaylistTests {
  static let live = """
    #EXTM3U
    #EXT-X-VERSION:9
    #EXT-X-TARGETDURATION:2
    #EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,CAN-SKIP-UNTIL=12.0,PART-HOLD-BACK=1.5
    #EXT-X-PART-INF:PART-TARGET=0.5
    #EXT-X-MEDIA-SEQUENCE:7
    #EXT-X-MAP:URI="init.mp4"
    #EXTINF:2.0,
    7.m4s
    #EXT-X-PROGRAM-DATE-TIME:2020-01-01T00:00:02.000Z
    #EXT-X-PART:DURATION=0.5,URI="8.m4s",BYTERANGE="100@0",INDEPENDENT=YES
    #EXT-X-PART:DURATION=0.5,URI="8.m4s",BYTERANGE="50"
    #EXTINF:1.0,
    8.m4s
    #EXT-X-PART:DURATION=0.5,URI="9.0.m4s",INDEPENDENT=YES
    #EXT-X-PART:DURATION=0.5,URI="9.1.m4s",GAP=YES
    #EXT-X-PRELOAD-HINT:TYPE=PART,URI="9.2.m4s"
    #EXT-X-RENDITION-REPORT:URI="audio.m3u8",LAST-MSN=9,LAST-PART=1
    """

  @Test func `a live playlist is read`() throws {
    var playlist = try ObservedPlaylist(Self.live)
    let follows = playlist.follow(nil)
    #expect(follows)
    #expect(playlist.targetDuration == .seconds(2))
    #expect(playlist.partTarget == .milliseconds(500))
    #expect(playlist.distance == .milliseconds(1500))
    #expect(playlist.canBlockReload)
    #expect(playlist.segments.map(\.number) == [7, 8, 9])
    // Dated from the second segment on, and so the first before it.
    let dates = playlist.segments.map { ($0.dated ?? .zero) - .seconds(1_577_836_800) }
    #expect(dates == [.zero, .seconds(2), .seconds(3)])
    #expect(
      playlist.segments[1].parts.map(\.resource.range) == [
        ByteRange(offset: 0, count: 100), ByteRange(offset: 100, count: 50),
      ])
    #expect(playlist.segments[2].resource == nil)
    #expect(playlist.segments[2].parts.map(\.isGap) == [false, true])
    #expect(playlist.hints.map(\.resource.uri) == ["9.2.m4s"])
    #expect(playlist.reports == [.init(uri: "audio.m3u8", lastNumber: 9, lastPart: 1)])
  }

  @Test func `a delta update is completed by what was there`() throws {
    var before = try ObservedPlaylist(Self.live)
    _ = before.follow(nil)
    let text = """
      #EXTM3U
      #EXT-X-TARGETDURATION:2
      #EXT-X-MEDIA-SEQUENCE:7
      #EXT-X-SKIP:SKIPPED-SEGMENTS=2
      #EXTINF:1.0,
      9.m4s
      """
    var after = try ObservedPlaylist(text)
    let follows = after.follow(before)
    #expect(follows)
    #expect(after.segments.map(\.number) == [7, 8, 9])
    #expect(after.segments[0] == before.segments[0])
    #expect(after.segments[2].position == before.segments[2].position)
    #expect(after.segments[2].initialization?.uri == "init.mp4")
    var alone = try ObservedPlaylist(text)
    let alsoFollows = alone.follow(nil)
    #expect(!alsoFollows)
  }

  @Test(arguments: [
    "", "<html>", "#EXTM3U\n", "#EXTM3U\n#EXTINF:x,\na\n", "#EXTM3U\n#EXTINF:-1,\na\n",
    "#EXTM3U\n#EXTINF:1e300,\na\n", "#EXTM3U\n#EXT-X-PART:DURATION=,URI=\n#EXT-X-MAP:\n",
    "#EXTM3U\n#EXT-X-MEDIA-SEQUENCE:9223372036854775807\n#EXTINF:1,\na\n#EXTINF:1,\nb\n",
    "#EXTM3U\n#EXT-X-SKIP:SKIPPED-SEGMENTS=-9223372036854775808\n#EXTINF:1,\na\n",
    "#EXTM3U\n#EXT-X-BYTERANGE:9223372036854775807@9223372036854775807\n#EXTINF:1,\na\n",
  ])
  func `odd playlists are read or refused, and nothing worse`(text: String) {
    guard var playlist = try? ObservedPlaylist(text) else { return }
    _ = playlist.follow(nil)
    #expect(playlist.segments.allSatisfy { $0.duration >= .zero })
  }
}
