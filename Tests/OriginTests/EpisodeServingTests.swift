import Episodes
import Library
import MediaCore
import NIOCore
import Presentation
import Testing

@testable import Origin

@Suite struct EpisodeServingTests {
  private static let version = "0123456789abcdef"
  private static let immutable = "public, max-age=31536000, immutable"
  private static let short =
    "public, max-age=60, stale-while-revalidate=60, stale-if-error=3600"
  private let folder: MediaFolder
  private let titles: FakeTitles

  init() throws {
    folder = try MediaFolder()
    titles = FakeTitles([try folder.title("film"), try Self.offer(in: folder)])
  }

  /// s1 → left: s2, the end; right, which is never possible: s1.
  private static func offer(in folder: MediaFolder) throws -> ServedTitle {
    let choice = Choice(
      id: "k1", at: 1000, length: 2000,
      options: [
        ChoiceOption(id: "left", goto: .scene("s2")),
        ChoiceOption(id: "right", when: .literal(0), goto: .scene("s1")),
      ])
    let spoken = try folder.title("k1.en", version: "aa04", seed: 4, segmentByteCounts: [800])
    return try folder.offer(
      version, choice: choice, endings: [("s2", "e")],
      scenes: [
        "s1": try folder.title("s1", version: "aa01", seed: 1),
        "s2": try folder.title("s2", version: "aa02", seed: 2, segmentByteCounts: [500, 600]),
        "s2.gate": try folder.title("s2.gate", version: "aa03", seed: 3, segmentByteCounts: [700]),
      ], prompts: ["k1.en": try #require(spoken.tracks["audio"])])
  }

  @Test func `filters apply to every path`() async throws {
    try await withOrigin(titles) { origin in
      for place in ["/offer", "/offer/paths/\(Self.version)/0"] {
        let whole = try await origin.fetch("\(place)/manifest.mpd")
        let view = try await origin.fetch("\(place)/manifest.mpd?codecs=avc1,mp4a&max-height=1080")
        #expect(view.status == 200 && view["ETag"] == whole["ETag"], "\(place)")
        let none = try await origin.fetch("\(place)/main.m3u8?max-height=720")
        #expect(none.status == 404 && none.text.contains("title's pictures"), "\(place)")
        let unreadable = try await origin.fetch("\(place)/main.m3u8?range=HDR")
        #expect(unreadable.status == 400, "\(place)")
      }
    }
  }

  @Test func `every route of an episode has its type and its cache policy`() async throws {
    let hls = "application/vnd.apple.mpegurl"
    let paths = "/offer/paths/\(Self.version)"
    let expected = [
      ("/offer/episode.json", "application/json", Self.short),
      ("/offer/main.m3u8", hls, Self.short), ("/offer/video.m3u8", hls, Self.short),
      ("/offer/manifest.mpd", "application/dash+xml", Self.short),
      ("\(paths)/_/main.m3u8", hls, Self.immutable), ("\(paths)/0/video.m3u8", hls, Self.immutable),
      ("\(paths)/%5F/audio.m3u8", hls, Self.immutable),
      ("\(paths)/0/manifest.mpd", "application/dash+xml", Self.immutable),
      ("/offer/continuous/manifest.mpd", "application/dash+xml", Self.short),
      ("\(paths)/0/continuous/audio.m3u8", hls, Self.immutable),
      ("/offer/video/beef/init.mp4", "video/mp4", Self.immutable),
      ("/offer/audio/beef/init.mp4", "audio/mp4", Self.immutable),
      ("/offer/s1/video/aa01/1.m4s", "video/mp4", Self.immutable),
      ("/offer/s2/audio/aa02/2.m4s", "audio/mp4", Self.immutable),
      ("/offer/s2.gate/video/aa03/1.m4s", "video/mp4", Self.immutable),
      ("/offer/prompts/aa04/k1.en.m4a", "audio/mp4", Self.immutable),
      ("/play/offer", "text/html; charset=utf-8", Self.short),
    ]
    try await withOrigin(titles) { origin in
      for (target, type, cache) in expected {
        let reply = try await origin.fetch(target)
        #expect(reply.status == 200, "\(target) \(reply.text)")
        #expect(reply["Content-Type"] == type, "\(target)")
        #expect(reply["Cache-Control"] == cache, "\(target)")
        let tag = try #require(reply["ETag"], "\(target)")
        let head = try await origin.fetch(target, method: "HEAD")
        #expect(head.status == 200 && head["ETag"] == tag && head.body.isEmpty, "\(target)")
        #expect(head["Content-Length"] == reply["Content-Length"], "\(target)")
        let again = try await origin.fetch(target, ["If-None-Match: \(tag)"])
        #expect(again.status == 304, "\(target)")
      }
    }
  }

  @Test func `the bytes are those of the scene, and the header is one`() async throws {
    try await withOrigin(titles) { origin in
      let second = try await origin.fetch("/offer/s2/video/aa02/2.m4s")
      #expect(second.body == MediaFolder.bytes(ByteRange(offset: 1300, count: 600), seed: 2))
      let spoken = try await origin.fetch("/offer/prompts/aa04/k1.en.m4a", ["Range: bytes=900-"])
      #expect(spoken.status == 206)
      #expect(spoken.body == MediaFolder.bytes(ByteRange(offset: 900, count: 700), seed: 4))
      let header = try await origin.fetch("/offer/video/beef/init.mp4")
      #expect(header.body == MediaFolder.bytes(ByteRange(offset: 0, count: 700), seed: 1))
    }
  }

  @Test func `the compiled episode says its version, which paths are named by`() async throws {
    try await withOrigin(titles) { origin in
      let compiled = try await origin.fetch("/offer/episode.json")
      #expect(compiled.text.hasPrefix("{\"version\":\"\(Self.version)\",\"endings\":["))
      #expect(try Episode(json: compiled.body).id == "offer")
      let open = try await origin.fetch("/offer/paths/\(Self.version)/_/video.m3u8")
      let decided = try await origin.fetch("/offer/paths/\(Self.version)/0/video.m3u8")
      let end = "#EXT-X-ENDLIST\n"
      #expect(open.text.hasSuffix(end) && decided.text.hasPrefix(open.text.dropLast(end.count)))
      #expect(
        open.text.contains("X-NEXT-0=\"/offer/paths/\(Self.version)/0/video.m3u8\""), "\(open.text)"
      )
      #expect(!open.text.contains("X-NEXT-1"))
      // The default cut is the path of the defaults.
      #expect(try await origin.fetch("/offer/video.m3u8").body == decided.body)
    }
  }

  @Test(arguments: [
    ("paths/\(version)/1/main.m3u8", "right of k1 in s1 cannot be chosen after this path"),
    ("paths/\(version)/2/main.m3u8", "k1 in s1 has 2 options"),
    ("paths/\(version)/00/main.m3u8", "1 digits behind its ending in s2"),
    ("paths/\(version)/A/main.m3u8", "the digits of a path are 0 to 9 and a to z"),
    ("paths/\(version)/@s1.-/main.m3u8", "spelt @scene.state.digits"),
    ("paths/\(version)/@s2.-._/main.m3u8", "which is no checkpoint"),
    ("paths/\(version)/@nowhere.-._/main.m3u8", "a scene that is not there"),
    ("paths/\(version)/\(String(repeating: "0", count: 513))/main.m3u8", "1 to 512 digits"),
    ("paths/fedcba9876543210/_/main.m3u8", "the present one is \(version)"),
    ("paths/\(version)/_/text.m3u8", "no document of this name"),
    ("paths/\(version)/_/other.mpd", "Nothing is served"),
    ("prompts/aa04/k1.zh.m4a", "no spoken prompt of this name"),
    ("prompts/aa05/k1.en.m4a", "version of the prompt"),
    ("prompts/aa04/k1.en.mp3", "Nothing is served"),
    ("s3/video/aa01/1.m4s", "no scene of this name"),
    ("s1/text/aa01/1.m4s", "no track of this name"),
    ("s1/video/aa02/1.m4s", "version of the track"), ("s1/video/aa01/4.m4s", "has 3 segments"),
    ("continuous/text.m3u8", "no document of this name"),
    ("continuous/other.mpd", "Nothing is served"),
    ("paths/\(version)/1/continuous/main.m3u8", "cannot be chosen"),
    ("s1/video/aa01/1;o=0.m4s", "Nothing is served"),
    ("s1/video/aa01/1;o=01.m4s", "Nothing is served"),
    ("s1/video/aa01/1;s=5.m4s", "Nothing is served"),
    ("s1/video/aa01/1;o=5;s=0.m4s", "Nothing is served"),
    ("s1/video/aa01/1;o=5;s=5;x.m4s", "Nothing is served"),
    ("s1/video/aa01/1;o=9223372036854775807.m4s", "later than any timeline"),
    ("s1/video/aa01/4;o=5.m4s", "has 3 segments"),
    ("s1/video/aa01/1;o=5.m4s", "cannot be moved: it is damaged"),
    ("s1/video/aa01/1.vtt", "no WebVTT"), ("video/cafe/init.mp4", "version of the header"),
    ("text/beef/init.mp4", "no track of this name"), ("video/beef/1.m4s", "no track of this name"),
    ("video.mp4", "no track of this name"), ("text.m3u8", "no document of this name"),
  ])
  func `what is not there is told in one sentence`(_ target: String, _ reason: String) async throws
  {
    try await withOrigin(titles) { origin in
      let reply = try await origin.fetch("/offer/\(target)")
      #expect(reply.status == 404, "\(target)")
      #expect(reply["Cache-Control"] == "public, max-age=5", "\(target)")
      #expect(reply.text.contains(reason), "\(target): \(reply.text)")
      #expect(reply.text.hasSuffix(".\n") && !reply.text.dropLast().contains("\n"), "\(target)")
      let film = try await origin.fetch("/film/\(target)")
      #expect(film.status == 404 || target == "video.mp4", "\(target)")
    }
  }

  @Test func `documents are forgotten when they pass their budget, the oldest first`() {
    var recent = RecentlyUsed<String, Int>(capacity: 100)
    for number in 0..<10 { recent.insert(number, for: "\(number)", cost: 10) }
    #expect(recent.value(of: "0") == 0 && recent.count == 10)
    recent.insert(10, for: "10", cost: 10)
    #expect(recent.cost == 100)
    #expect(recent.value(of: "0") == 0 && recent.value(of: "1") == nil)
    recent.insert(11, for: "11", cost: 26)
    #expect(recent.value(of: "11") == nil)
    recent.insert(12, for: "10", cost: 5)
    #expect(recent.value(of: "10") == 12)
  }

  @Test func `documents are rendered again when there is no room for them`() async throws {
    try await withOrigin(titles) {
      $0.limits.renderedByteCount = 1
    } _: { origin in
      for _ in 0..<2 {
        let reply = try await origin.fetch("/offer/paths/\(Self.version)/0/main.m3u8")
        #expect(reply.status == 200)
      }
    }
  }
}
