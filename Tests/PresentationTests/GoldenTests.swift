import Presentation
import Testing

@Suite struct GoldenTests {
  @Test(arguments: [("at-rest", Addressing.wholeTracks), ("at-origin", .segments)])
  func `the documents of the drama are those in Manifests`(
    _ folder: String, _ addressing: Addressing
  ) throws {
    let documents = TitleDocuments(Titles.drama, addressing: addressing)
    for name in documents.names {
      try Goldens.expect(
        try #require(documents.document(named: name)), is: "drama/\(folder)/\(name)")
    }
  }

  @Test func `names are in order, each once, and nothing else is there`() {
    let documents = TitleDocuments(Titles.drama, addressing: .segments)
    #expect(
      documents.names == [
        "main.m3u8", "video-2160p.m3u8", "video-2160p.iframes.m3u8", "video-1080p.m3u8",
        "video-1080p.iframes.m3u8", "video-1080p-sdr.m3u8", "video-1080p-sdr.iframes.m3u8",
        "video-540p-sdr.m3u8", "video-540p-sdr.iframes.m3u8", "audio-de.m3u8", "audio-en.m3u8",
        "audio-en-commentary.m3u8", "manifest.mpd", "timeline.mpd", "ondemand.mpd",
      ])
    #expect(documents.document(named: "audio-de.iframes.m3u8") == nil)
    #expect(documents.document(named: "../main.m3u8") == nil)
  }
}
