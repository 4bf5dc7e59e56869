import HLS
import MediaCore
import Testing

@Suite struct ImagePlaylistTests {
  static let tiles = ImageTiles(
    resolution: Resolution(width: 256, height: 144), columns: 4, rows: 5, duration: 10_000_000)

  static let text = """
    #EXTM3U
    #EXT-X-VERSION:7
    #EXT-X-TARGETDURATION:200
    #EXT-X-MEDIA-SEQUENCE:1
    #EXT-X-PLAYLIST-TYPE:VOD
    #EXT-X-IMAGES-ONLY
    #EXTINF:200.000000,
    #EXT-X-TILES:RESOLUTION=256x144,LAYOUT=4x5,DURATION=10.000000
    thumbnails-256x144/1.jpg
    #EXTINF:34.500000,
    #EXT-X-TILES:RESOLUTION=256x144,LAYOUT=4x5,DURATION=10.000000
    thumbnails-256x144/2.jpg
    #EXT-X-ENDLIST

    """

  @Test func `an image playlist is read and rendered as it was`() throws {
    let playlist = try MediaPlaylist(parsing: Self.text)
    #expect(playlist.isImagesOnly)
    #expect(playlist.segments.map(\.tiles) == [Self.tiles, Self.tiles])
    #expect(playlist.segments.map(\.duration.seconds) == [200, 34.5])
    #expect(playlist.render() == Self.text)
  }

  @Test func `a multivariant playlist names image playlists behind all others`() throws {
    var playlist = MultivariantPlaylist(variants: [VariantStream(bandwidth: 1, uri: "v.m3u8")])
    playlist.imageVariants = [
      ImageVariantStream(
        bandwidth: 5000, averageBandwidth: 4000, resolution: Resolution(width: 256, height: 144),
        uri: "thumbnails.m3u8")
    ]
    let text = playlist.render()
    #expect(
      text.hasSuffix(
        "#EXT-X-IMAGE-STREAM-INF:BANDWIDTH=5000,AVERAGE-BANDWIDTH=4000,CODECS=\"jpeg\","
          + "RESOLUTION=256x144,URI=\"thumbnails.m3u8\"\n"))
    #expect(try MultivariantPlaylist(parsing: text) == playlist)
  }

  @Test(arguments: [
    "RESOLUTION=256x144,LAYOUT=4x5", "RESOLUTION=256x144,DURATION=10", "LAYOUT=4x5,DURATION=10",
    "RESOLUTION=256x144,LAYOUT=4x0,DURATION=10", "RESOLUTION=256x144,LAYOUT=4x5,DURATION=0",
    "RESOLUTION=256x144,LAYOUT=4x5,DURATION=ten", "RESOLUTION=0x144,LAYOUT=4x5,DURATION=10",
  ])
  func `tiles that cannot be are refused with their line`(_ attributes: String) {
    let text =
      "#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-TARGETDURATION:9\n#EXT-X-IMAGES-ONLY\n#EXTINF:9,\n"
      + "#EXT-X-TILES:\(attributes)\n1.jpg\n"
    let error = #expect(throws: HLSError.self) { try MediaPlaylist(parsing: text) }
    #expect(error?.line == 6)
  }
}
