import MediaCore
import NIOHTTP1
import Testing

@testable import Origin

@Suite struct RouterTests {
  @Test(arguments: [
    ("/", Route.titleList),
    ("/?page=2", .titleList),
    ("/healthz", .health),
    ("/readyz", .readiness),
    ("/play/film", .player(title: "film")),
    ("/play/main.m3u8", .player(title: "main.m3u8")),
    ("/play/%E6%96%97%E6%8B%B1%20%3F", .player(title: "斗拱 ?")),
    ("/play/assets/hls.mjs", .playerLibrary),
    ("/play/assets/story.js", .playerFile("story.js")),
    ("/film/main.m3u8", .document(title: "film", name: "main.m3u8")),
    ("/film/main.m3u8?_HLS_skip=YES", .document(title: "film", name: "main.m3u8")),
    ("/film/video.m3u8?max-height=x", .document(title: "film", name: "video.m3u8")),
    ("/film/manifest.mpd", .document(title: "film", name: "manifest.mpd")),
    ("/film.mp4/main.m3u8", .document(title: "film.mp4", name: "main.m3u8")),
    ("/a/b%20c/d.mov/main.m3u8", .document(title: "a/b c/d.mov", name: "main.m3u8")),
    ("/a/d.mp4/v/1f/2.m4s", .segment(title: "a/d.mp4", track: "v", version: "1f", number: 2)),
    ("/a/d.mp4/v.mp4", .track(title: "a/d.mp4", track: "v")),
    ("/a/d.mp4", .track(title: "a", track: "d")),
    ("/play/a/d.mp4", .player(title: "a/d.mp4")),
    ("/film/video-1080p.m3u8", .document(title: "film", name: "video-1080p.m3u8")),
    ("/film/v.iframes.m3u8", .document(title: "film", name: "v.iframes.m3u8")),
    ("/film/video.mp4", .track(title: "film", track: "video")),
    ("/My%20Film/v/1f/init.mp4", .header(title: "My Film", track: "v", version: "1f")),
    ("/film/v/1f/1.m4s", .segment(title: "film", track: "v", version: "1f", number: 1)),
    ("/film/timeline.mpd", .document(title: "film", name: "timeline.mpd")),
    ("/film/ondemand.mpd", .document(title: "film", name: "ondemand.mpd")),
    ("/film/chapters.json", .document(title: "film", name: "chapters.json")),
    ("/offer/episode.json", .compiledEpisode(title: "offer")),
    (
      "/offer/paths/9f3c/@act2.B-8_.01/v.m3u8",
      .pathDocument(title: "offer", version: "9f3c", path: "@act2.B-8_.01", name: "v.m3u8")
    ),
    (
      "/offer/paths/9f3c/_/manifest.mpd",
      .pathDocument(title: "offer", version: "9f3c", path: "_", name: "manifest.mpd")
    ),
    (
      "/offer/yard.gate/v/1f/2.m4s",
      .scene(
        title: "offer", scene: "yard.gate", .segment(track: "v", version: "1f", number: 2))
    ),
    (
      "/offer/s1/t/1f/3.vtt",
      .scene(
        title: "offer", scene: "s1",
        .webVTT(track: "t", Route.WebVTTSegment(version: "1f", number: 3)))
    ),
    ("/offer/continuous/v.m3u8", .continuousDocument(title: "offer", path: nil, name: "v.m3u8")),
    (
      "/offer/paths/9f3c/01/continuous/manifest.mpd",
      .continuousDocument(
        title: "offer", path: Route.VersionedPath(version: "9f3c", path: "01"),
        name: "manifest.mpd")
    ),
    (
      "/offer/s1/v/1f/3;o=512000.m4s",
      .scene(
        title: "offer", scene: "s1",
        .segment(track: "v", version: "1f", number: 3, TimelineMove(offset: 512_000)))
    ),
    (
      "/offer/s1/a/1f/1%3Bo=0%3Bs=1024.m4s",
      .scene(
        title: "offer", scene: "s1",
        .segment(track: "a", version: "1f", number: 1, TimelineMove(offset: 0, start: 1024)))
    ),
    ("/film/v/1f/t0.m4s", .timedSegment(title: "film", track: "v", version: "1f", time: 0)),
    (
      "/film/v/1f/t48048.m4s",
      .timedSegment(title: "film", track: "v", version: "1f", time: 48048)
    ),
    ("/film/v/1f/120.m4s", .segment(title: "film", track: "v", version: "1f", number: 120)),
    ("/film/text-de.vtt", .webVTT(title: "film", track: "text-de", segment: nil)),
    (
      "/film/text-de/1f/3.vtt",
      .webVTT(
        title: "film", track: "text-de",
        segment: Route.WebVTTSegment(version: "1f", number: 3))
    ),
    ("/100%25/main.m3u8", .document(title: "100%", name: "main.m3u8")),
    ("/%2525/main.m3u8", .document(title: "%25", name: "main.m3u8")),
    ("http://cdn.example/film/main.m3u8", .document(title: "film", name: "main.m3u8")),
    ("HTTP://cdn.example:80", .titleList),
    ("https://cdn.example?x", .titleList),
  ])
  func `a target has a route`(target: String, route: Route) throws {
    #expect(try Router.route(.GET, target) == route)
    #expect(try Router.route(.HEAD, target) == route)
    #expect(try Router.route(.OPTIONS, target) == .options)
  }

  @Test(arguments: [
    "/film", "/film/.vtt", "/film/v/1f/0.vtt", "/film/v/1f/01.vtt", "/film/v/1f/x.vtt",
    "/film/v/1f/t.m4s", "/film/v/1f/t01.m4s", "/film/v/1f/t-1.m4s", "/film/v/1f/t+1.m4s",
    "/film/v/1f/t99999999999999999999.m4s", "/film/other.json",
    "/film/title.json", "/film/other.mpd", "/film/video.webm", "/film/.m3u8",
    "/film/.mp4", "/film/v%20.m3u8", "/film/v%C3%A9.m3u8", "/play",
    "/play/assets/dash.mjs", "/favicon.ico", "/metrics/main.m3u8", "/healthz/main.m3u8",
    "/play/v/1f/1.m4s", "/film/v/1f/0.m4s", "/film/v/1f/01.m4s", "/film/v/1f/-1.m4s",
    "/film/v/1f/+1.m4s", "/film/v/1f/1.x.m4s", "/film/v/1f/.m4s", "/film/v/1f/1234567890123.m4s",
    "/film/v/1f/x.m4s", "/film/v/1f/1.mp4", "/film/v/1f", "/a/b/c/d/e", "/a/b/c/d/0.m4s",
    "/a/b/c/d/1.mp4", "/a/b/c/d/init.mp4", "/a/paths/c/d/1.m4s", "/a/paths/c/d/timeline.mpd",
    "/a/b/c/d/e/f", "/play/s/v/1f/1.m4s", "/.hidden/main.m3u8",
    "/film/v/1f/%D9%A1.m4s", "/film/\(String(repeating: "v", count: 200)).m3u8",
    "/\(String(repeating: "t", count: 256))/main.m3u8",
  ])
  func `nothing is served at other paths`(target: String) {
    #expect(status(.GET, target) == 404)
  }

  @Test(arguments: [
    "/../etc/passwd", "/film/../../etc/passwd", "/film/..", "/..", "/.", "/film/./main.m3u8",
    "/%2e%2e/etc/passwd", "/%2E%2e%2fetc", "/film/%2e%2e/main.m3u8", "/film/.%2e/main.m3u8",
    "/film%2f..%2f..%2fetc/passwd", "/film%5c..%5cmain.m3u8", "/film\\..\\main.m3u8",
    "/film/%00.m3u8", "/film%00/main.m3u8", "/film%0d%0aX:%20y/main.m3u8", "/fi%7flm/main.m3u8",
    "/%01/main.m3u8", "//etc/passwd", "//", "/film//main.m3u8", "/film/", "/film/main.m3u8/",
    "/%c0%ae%c0%ae/main.m3u8", "/%ff/main.m3u8", "/%c2%85/main.m3u8", "/%e2%80%a8/main.m3u8",
    "/%", "/%2", "/%zz/main.m3u8", "/%u002e/main.m3u8", "/film#x/main.m3u8", "film/main.m3u8", "",
    "?", "*", "file:///etc/passwd", "http:/film", "ftp://host/film", "/fil\u{e9}/main.m3u8",
    "/a b/main.m3u8", "/\t/main.m3u8",
  ])
  func `what is no clean path is refused`(target: String) {
    #expect(status(.GET, target) == 400)
  }

  @Test func `the percent sign is decoded once`() throws {
    #expect(
      try Router.route(.GET, "/%252e%252e/main.m3u8")
        == .document(title: "%2e%2e", name: "main.m3u8"))
  }

  @Test(arguments: [
    HTTPMethod.POST, .PUT, .DELETE, .PATCH, .TRACE, .CONNECT, .RAW(value: "get"),
  ])
  func `methods that change something are refused`(method: HTTPMethod) {
    #expect(status(method, "/film/main.m3u8") == 405)
    #expect(status(method, "/../x") == 405)
  }

  @Test func `options may ask about the whole server`() throws {
    #expect(try Router.route(.OPTIONS, "*") == .options)
    #expect(status(.OPTIONS, "/../x") == 400)
  }

  @Test func `a target longer than the limit is refused`() {
    let limit = Limits().targetByteCount
    #expect(status(.GET, "/" + String(repeating: "x", count: limit)) == 414)
    #expect(status(.GET, "/?" + String(repeating: "x", count: limit - 2)) == nil)
  }

  /// The status of a rejection, `nil` for a route.
  private func status(_ method: HTTPMethod, _ target: String) -> UInt? {
    do throws(Rejection) {
      _ = try Router.route(method, target)
      return nil
    } catch {
      return error.status.code
    }
  }
}
