import DASH
import HLS
import MediaCore
import Presentation
import Testing

@Suite struct PathwaysTests {
  private let two: Pathways

  init() throws { two = try Pathways("cdn-a=https://a.example/,cdn-b=http://b.example:8080") }

  @Test func `variants, sound and subtitles are on every pathway, captions on none`() throws {
    var playlist = MultivariantPlaylist(
      renditions: [
        Rendition(
          kind: .audio, groupID: "aac", name: "Deutsch", isDefault: true, stableID: "audio-de",
          uri: "audio-de.m3u8"),
        Rendition(kind: .closedCaptions, groupID: "cc", name: "CC1", instreamID: "CC1"),
        Rendition(kind: .subtitles, groupID: "text", name: "English", uri: "text-en.m3u8"),
      ],
      variants: [
        VariantStream(
          bandwidth: 2_000_000, stableID: "video/aac", audio: "aac", subtitles: "text",
          closedCaptions: .group("cc"), uri: "video.m3u8")
      ],
      iFrameVariants: [IFrameVariantStream(bandwidth: 100_000, uri: "video.iframes.m3u8")])
    playlist.start = StartPoint(offsetMicroseconds: 0)
    let steered = Steering(two, title: "film").steered(playlist)
    let text = """
      #EXTM3U
      #EXT-X-START:TIME-OFFSET=0.000000
      #EXT-X-CONTENT-STEERING:SERVER-URI="steering.json",PATHWAY-ID="cdn-a"
      #EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="cdn-a-aac",NAME="Deutsch",DEFAULT=YES,AUTOSELECT=YES,\
      STABLE-RENDITION-ID="audio-de",URI="https://a.example/film/audio-de.m3u8"
      #EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="cdn-a-text",NAME="English",DEFAULT=NO,AUTOSELECT=NO,\
      URI="https://a.example/film/text-en.m3u8"
      #EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="cdn-b-aac",NAME="Deutsch",DEFAULT=YES,AUTOSELECT=YES,\
      STABLE-RENDITION-ID="audio-de",URI="http://b.example:8080/film/audio-de.m3u8"
      #EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="cdn-b-text",NAME="English",DEFAULT=NO,AUTOSELECT=NO,\
      URI="http://b.example:8080/film/text-en.m3u8"
      #EXT-X-MEDIA:TYPE=CLOSED-CAPTIONS,GROUP-ID="cc",NAME="CC1",DEFAULT=NO,AUTOSELECT=NO,INSTREAM-ID="CC1"
      #EXT-X-STREAM-INF:BANDWIDTH=2000000,STABLE-VARIANT-ID="video/aac",PATHWAY-ID="cdn-a",\
      AUDIO="cdn-a-aac",SUBTITLES="cdn-a-text",CLOSED-CAPTIONS="cc"
      https://a.example/film/video.m3u8
      #EXT-X-STREAM-INF:BANDWIDTH=2000000,STABLE-VARIANT-ID="video/aac",PATHWAY-ID="cdn-b",\
      AUDIO="cdn-b-aac",SUBTITLES="cdn-b-text",CLOSED-CAPTIONS="cc"
      http://b.example:8080/film/video.m3u8
      #EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=100000,PATHWAY-ID="cdn-a",URI="https://a.example/film/video.iframes.m3u8"
      #EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=100000,PATHWAY-ID="cdn-b",URI="http://b.example:8080/film/video.iframes.m3u8"

      """
    #expect(steered.render() == text)
    #expect(try MultivariantPlaylist(parsing: text) == steered)
  }

  @Test func `an MPD has each pathway as a service location`() throws {
    let mpd = MPD(
      profiles: [MPD.liveProfile], minBufferTime: ISODuration(microseconds: 2_000_000),
      periods: [Period(id: "1")])
    let steered = Steering(two, title: "film").steered(mpd)
    let text = steered.render()
    #expect(
      text.contains(
        """
          <BaseURL serviceLocation="cdn-a">https://a.example/film/</BaseURL>
          <BaseURL serviceLocation="cdn-b">http://b.example:8080/film/</BaseURL>
          <ContentSteering defaultServiceLocation="cdn-a">steering.json</ContentSteering>
          <Period
        """), "\(text)")
    #expect(try MPD(parsing: text) == steered)
  }

  @Test func `a path of an episode is steered from its own folder`() throws {
    let playlist = MultivariantPlaylist(variants: [VariantStream(bandwidth: 1, uri: "video.m3u8")])
    let text = Steering(two, title: "the offer", folders: ["paths", "cafe", "@s1.-._"])
      .steered(playlist).render()
    #expect(text.contains("SERVER-URI=\"../../../steering.json\""))
    #expect(text.contains("https://a.example/the%20offer/paths/cafe/%40s1.-._/video.m3u8"))
  }

  @Test func `the manifest names the pathways in the title's order`() throws {
    #expect(
      two.manifest(of: "film")
        == "{\"VERSION\":1,\"TTL\":300,\"PATHWAY-PRIORITY\":[\"cdn-a\",\"cdn-b\"]}\n")
  }

  @Test func `weights share out titles, each always the same`() throws {
    let weighted = try Pathways(
      "a*3=https://a.example/,b*1=https://b.example/,c*4=https://c.example")
    var firsts: [String: Int] = [:]
    for number in 0..<8000 {
      let order = weighted.order(of: "title-\(number)")
      #expect(order == weighted.order(of: "title-\(number)") && Set(order.map(\.id)).count == 3)
      firsts[order[0].id, default: 0] += 1
    }
    for (id, share) in [("a", 3000), ("b", 1000), ("c", 4000)] {
      #expect(abs(firsts[id, default: 0] - share) < 200, "\(firsts)")
    }
  }

  @Test(arguments: [
    ("", "ID=URL"), ("a", "ID=URL"), ("a=ftp://x/", "no host"), ("a=https:///", "no host"),
    ("a=https://x/path/", "without a path"), ("a=https://x?y", "no host"),
    ("a b=https://x/", "names no pathway"), ("=https://x/", "names no pathway"),
    ("a=https://u@x/", "no host"), ("a=https://x/,a=https://y/", "one name"),
    ("a*0=https://x/", "weight"), ("a*1001=https://x/", "weight"), ("a*x=https://x/", "weight"),
    ("a*2=https://x/,b=https://y/", "or none"), ("a=https://x/\"", "no host"),
    ((0...16).map { "p\($0)=https://x/" }.joined(separator: ","), "at most 16"),
  ])
  func `what are no pathways is told`(text: String, word: String) {
    let error = #expect(throws: PathwaysError.self) { try Pathways(text) }
    #expect(error?.description.contains(word) == true, "\(error?.description ?? "")")
  }
}
