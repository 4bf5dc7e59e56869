import DASH
import Foundation
import HLS
import Library
import LiveSupport
import MediaCore
import Presentation
import Testing

@testable import Origin

/// Times of titles: clips, and live titles from a moment on. Live segments last two seconds.
@Suite struct ClipServingTests {
  private static let video = LiveFixture.video
  private static let first = LiveFixture.first
  private static let epoch = 2 * LiveFixture.first

  /// Twenty segments of a live title, and one that has begun.
  private func withLive(
    window: Int64 = 60, _ body: (RunningOrigin, LiveTitle, inout LiveFixture) async throws -> Void
  ) async throws {
    var fixture = LiveFixture(window: window)
    let title = try LiveTitle(fixture.description)
    for _ in 0..<203 {
      for (track, chunk) in fixture.next() { try title.publish(chunk, track: track) }
    }
    let live = LiveTitles()
    live.begin(title)
    try await withOrigin(FakeTitles([])) {
      $0.live = live
    } _: { origin in
      try await body(origin, title, &fixture)
    }
  }

  private static func seconds(_ offset: Double) -> String { "\(Double(epoch) + offset)" }

  @Test func `what is over is a playlist that ends, from the segment in which it begins`()
    async throws
  {
    try await withLive { origin, _, _ in
      let query = "start=\(Self.seconds(5))&end=\(Self.seconds(11.5))"
      let reply = try await origin.fetch("/tv/\(Self.video).m3u8?\(query)")
      #expect(reply["Cache-Control"] == "public, max-age=60")
      let playlist = try MediaPlaylist(parsing: reply.text)
      #expect(playlist.isEnded && playlist.playlistType == .vod && playlist.partTarget == nil)
      #expect(playlist.mediaSequence == Self.first + 2 && playlist.segments.count == 4)
      #expect(playlist.start == StartPoint(offsetMicroseconds: 1_000_000, isPrecise: true))
      #expect(playlist.segments[0].initialization != nil)
      let main = try await origin.fetch("/tv/main.m3u8?\(query)").text
      #expect(
        main.contains("\(Self.video).m3u8?start=\(Self.epoch + 5)&end=\(Self.epoch + 11).500\n"))
    }
  }

  @Test func `an MPD of what is over is static, and says where it begins`() async throws {
    try await withLive { origin, _, _ in
      let query = "start=\(Self.seconds(5))&end=\(Self.seconds(11))"
      for name in ["manifest.mpd", "timeline.mpd"] {
        let text = try await origin.fetch("/tv/\(name)?\(query)").text
        let mpd = try MPD(parsing: text)
        #expect(mpd.dynamic == nil && mpd.mediaPresentationDuration?.microseconds == 6_000_000)
        #expect(mpd.periods.count == 1 && mpd.periods[0].start?.microseconds == 0)
        let template = try #require(mpd.periods[0].adaptationSets[0].segmentTemplate)
        #expect(template.startNumber == Self.first + 2)
        #expect(template.presentationTimeOffset == (Self.epoch + 5) * 25_000)
        #expect(template.timeline?.segments.count == 4)
      }
    }
  }

  @Test func `a live title from a moment on goes on, and its end comes when it is reached`()
    async throws
  {
    try await withLive { origin, title, fixture in
      let open = "/tv/\(Self.video).m3u8?start=\(Self.seconds(31))"
      let playlist = try MediaPlaylist(parsing: try await origin.fetch(open).text)
      #expect(!playlist.isEnded && playlist.partTarget != nil)
      #expect(playlist.mediaSequence == Self.first + 15)
      #expect(playlist.start == StartPoint(offsetMicroseconds: 1_000_000, isPrecise: true))
      let text = try await origin.fetch(open).text
      #expect(text.contains("audio-en.m3u8?start=\(Self.epoch + 31)\""))
      let until = "\(open)&end=\(Self.seconds(44))"
      #expect(try await !origin.fetch(until).text.contains("ENDLIST"))
      let held = "\(until)&_HLS_msn=\(Self.first + 20)&_HLS_part=3"
      async let next = origin.fetch(held)
      while title.waitingLoopCount == 0 { await Task.yield() }
      for _ in 0..<17 {
        for (track, chunk) in fixture.next() { try title.publish(chunk, track: track) }
      }
      #expect(try await next.status == 200)
      let ended = try MediaPlaylist(parsing: try await origin.fetch(until).text)
      #expect(ended.isEnded && ended.segments.count == 7)
      let mpd = try MPD(
        parsing: try await origin.fetch("/tv/manifest.mpd?start=\(Self.seconds(31))").text)
      #expect(mpd.dynamic?.location == "timeline.mpd?start=\(Self.epoch + 31)")
      #expect(mpd.periods[0].start?.microseconds == (Self.epoch + 31) * 1_000_000)
    }
  }

  @Test func `times before now become times that stay`() async throws {
    try await withLive { origin, _, _ in
      let main = try await origin.fetch("/tv/main.m3u8?start=-10").text
      // There are 40.6 seconds.
      #expect(main.contains("\(Self.video).m3u8?start=\(Self.epoch + 30).600\n"))
      #expect(try await origin.fetch("/tv/\(Self.video).m3u8?start=-10").status == 400)
    }
  }

  @Test(arguments: [
    ("start=soon", 400), ("start=9&end=3", 400), ("start=1&start=2", 400),
    ("end=2020-01-01T00:00:00Z", 410), ("start=2096-01-01T00:00:00Z", 404),
  ])
  func `what cannot be had is told`(query: String, status: Int) async throws {
    try await withLive(window: 10) { origin, _, _ in
      let reply = try await origin.fetch("/tv/\(Self.video).m3u8?\(query)")
      #expect(reply.status == status)
    }
  }

  @Test func `a clip of a title at rest has its segments alone`() async throws {
    let media = try MediaFolder()
    let made = try media.title("film", version: "0123456789").title
    let documents = TitleDocuments(made, addressing: .segments)
    let served = ServedTitle(documents, of: made)
    try await withOrigin(FakeTitles([served])) { origin in
      let whole = try MediaPlaylist(parsing: try await origin.fetch("/film/video.m3u8").text)
      let length = whole.segmentMicroseconds[0]
      let start = Double(length) / 1e6 + 0.5
      let reply = try await origin.fetch("/film/video.m3u8?start=\(start)")
      let clip = try MediaPlaylist(parsing: reply.text)
      #expect(clip.segments == Array(whole.segments.dropFirst()))
      #expect(clip.mediaSequence == 2 && clip.isEnded)
      #expect(clip.start == StartPoint(offsetMicroseconds: 500_000, isPrecise: true))
      let main = try await origin.fetch("/film/main.m3u8?end=-0.5").text
      #expect(main.contains("video.m3u8?start=0&end="))
      let mpd = try MPD(
        parsing: try await origin.fetch("/film/manifest.mpd?start=\(start)").text)
      let template = try #require(mpd.periods[0].adaptationSets[0].segmentTemplate)
      #expect(template.startNumber == 2)
      #expect(template.presentationTimeOffset == Int64(start * 1000))
      #expect(try await origin.fetch("/film/video.m3u8?start=999999").status == 404)
    }
  }
}
