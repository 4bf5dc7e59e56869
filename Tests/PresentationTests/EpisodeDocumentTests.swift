import DASH
import Episodes
import HLS
import Library
import MediaCore
import Testing

@testable import Presentation

@Suite struct EpisodeDocumentTests {
  @Test(arguments: ["_", "0", "1", "@s2b.Y._"])
  func `the documents of a path at the origin are those in Manifests`(_ path: String) throws {
    let documents = try EpisodeDocuments(try TestEpisodes.offer(), path)
    for name in ["main.m3u8", "video-1080p.m3u8", "text-en.m3u8", "manifest.mpd"] {
      try Goldens.expect(
        try #require(documents.document(named: name)), is: "offer/at-origin/\(path)/\(name)")
    }
  }

  @Test func `the default cut at rest is that in Manifests`() throws {
    let episode = try TestEpisodes.offer()
    let walk = try Walk(episode.graph, path: .beginning, takesDefaults: true)
    let documents = try EpisodeDocuments(episode, walk, addressing: .atRest)
    #expect(
      documents.names == [
        "main.m3u8", "video-1080p.m3u8", "video-1080p.iframes.m3u8", "video-540p.m3u8",
        "video-540p.iframes.m3u8", "audio-en.m3u8", "text-en.m3u8", "manifest.mpd",
      ])
    for name in documents.names {
      try Goldens.expect(
        try #require(documents.document(named: name)), is: "offer/at-rest/\(name)")
    }
    #expect(documents.document(named: "episode.json") == nil)
  }

  @Test func `all playlists can be read, and have their ranges where the scene begins`() throws {
    let episode = try TestEpisodes.offer()
    for path in ["_", "0", "1"] {
      let documents = try EpisodeDocuments(episode, path)
      for name in documents.names where name.hasSuffix(".m3u8") && name != "main.m3u8" {
        let text = try #require(documents.document(named: name))
        let playlist = try MediaPlaylist(parsing: text)
        #expect(playlist.render() == text)
        #expect(text.contains("#EXT-X-DISCONTINUITY-SEQUENCE:0\n"))
        #expect(text.split(separator: "#EXT-X-MAP").count <= 2)
        let ids = playlist.allDateRanges.map(\.id)
        let isIFrames = playlist.isIFramesOnly
        #expect(ids == (isIFrames ? [] : path == "_" ? ["k1.1"] : ["k1.1", "k1.1"]))
      }
      _ = try MultivariantPlaylist(parsing: #require(documents.document(named: "main.m3u8")))
      let mpd = try #require(documents.document(named: "manifest.mpd"))
      #expect(try MPD(parsing: mpd).render() == mpd)
    }
  }

  @Test func `variants are declared alike for all paths but for their averages`() throws {
    let episode = try TestEpisodes.offer()
    let texts = try ["_", "0", "1", "@s2b.Y._"].map { path in
      try EpisodeDocuments(episode, path).document(named: "main.m3u8")?
        .replacing(/AVERAGE-BANDWIDTH=[0-9]+/, with: "")
    }
    #expect(Set(texts).count == 1)
  }
}
