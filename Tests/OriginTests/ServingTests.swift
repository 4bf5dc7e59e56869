import FileIO
import Foundation
import Library
import MediaCore
import NIOCore
import Testing

@testable import Origin

@Suite struct ServingTests {
  private let folder: MediaFolder
  private let titles: FakeTitles

  init() throws {
    folder = try MediaFolder()
    titles = FakeTitles([try folder.title("film"), try folder.title("斗拱 <1>")])
  }

  private static let immutable = "public, max-age=31536000, immutable"

  @Test func `every route has its type, its cache policy and its bytes`() async throws {
    let replaceable = "public, max-age=60"
    let short = replaceable + ", stale-while-revalidate=60, stale-if-error=3600"
    let hls = "application/vnd.apple.mpegurl"
    let documents = MediaFolder.documents("cafe01")
    let whole = ByteRange(offset: 0, count: 70_801)
    let media = [
      ("/film/video/cafe01/init.mp4", "video/mp4", Self.immutable, whole.first(700)),
      ("/film/audio/cafe01/init.mp4", "audio/mp4", Self.immutable, whole.first(700)),
      (
        "/film/video/cafe01/1.m4s", "video/mp4", Self.immutable,
        ByteRange(offset: 800, count: 40_000)
      ),
      (
        "/film/audio/cafe01/2.m4s", "audio/mp4", Self.immutable,
        ByteRange(offset: 40_800, count: 30_000)
      ),
      (
        "/film/video/cafe01/3.m4s", "video/mp4", Self.immutable, ByteRange(offset: 70_800, count: 1)
      ),
      ("/film/video.mp4", "video/mp4", replaceable, whole),
      ("/%E6%96%97%E6%8B%B1%20%3C1%3E/audio.mp4", "audio/mp4", replaceable, whole),
    ].map { ($0.0, $0.1, $0.2, MediaFolder.bytes($0.3, seed: 7)) }
    let texts = [
      ("/film/main.m3u8", hls, short, documents["main.m3u8"]),
      ("/film/main.m3u8?utm=1", hls, short, documents["main.m3u8"]),
      ("/film/manifest.mpd", "application/dash+xml", short, documents["manifest.mpd"]),
      ("/film/video.m3u8", hls, short, documents["video.m3u8"]),
      ("/film/video.iframes.m3u8", hls, short, documents["video.iframes.m3u8"]),
    ].map { ($0.0, $0.1, $0.2, Array(($0.3 ?? "").utf8)) }
    try await withOrigin(titles) { origin in
      try await origin.connect { connection in
        for (target, type, cache, bytes) in media + texts {
          try await connection.send("GET", target)
          let reply = try await connection.reply()
          #expect(reply.status == 200, "\(target)")
          #expect(reply["Content-Type"] == type, "\(target)")
          #expect(reply["Cache-Control"] == cache, "\(target)")
          #expect(reply["Accept-Ranges"] == "bytes", "\(target)")
          #expect(reply.body == bytes, "\(target)")
          try expectCommonFields(reply, target)
        }
      }
    }
  }

  /// What every response has, and what none has.
  private func expectCommonFields(_ reply: Reply, _ target: String) throws {
    #expect(reply["Access-Control-Allow-Origin"] == "*", "\(target)")
    let exposed = try #require(reply["Access-Control-Expose-Headers"])
    for name in ["Date", "Age", "ETag", "Content-Length", "Content-Range", "Accept-Ranges"] {
      #expect(exposed.contains(name), "\(target)")
    }
    #expect(reply["Cache-Control"] != nil, "\(target)")
    #expect(reply["Age"] == nil && reply["Vary"] == nil, "\(target)")
    let date = try #require(reply["Date"])
    #expect(date.count == 29 && date.hasSuffix(" GMT"), "\(target)")
    #expect(Set(reply.fields.map { $0.name.lowercased() }).count == reply.fields.count, "\(target)")
  }

  @Test func `pages, probes and preflights are answered`() async throws {
    try await withOrigin(titles) { origin in
      let list = try await origin.fetch("/")
      #expect(list.status == 200 && list["Content-Type"] == "text/html; charset=utf-8")
      #expect(list.text.contains("href=\"/play/%E6%96%97%E6%8B%B1%20%3C1%3E\">斗拱 &lt;1&gt;</a>"))
      #expect(list.text.contains("href=\"/film/main.m3u8\""))
      let player = try await origin.fetch("/play/film")
      #expect(player.status == 200 && player["Content-Type"] == "text/html; charset=utf-8")
      #expect(player.text.contains("<video"))
      #expect(try await origin.fetch("/play/nothing").status == 404)
      #expect(try await origin.fetch("/healthz").text == "ok\n")
      #expect(try await origin.fetch("/readyz").text == "ready\n")
      for target in ["/film/main.m3u8", "/film/video/cafe01/1.m4s", "*"] {
        let preflight = try await origin.fetch(
          target, method: "OPTIONS",
          ["Origin: https://a.example", "Access-Control-Request-Headers: range"])
        #expect(preflight.status == 204)
        #expect(preflight["Access-Control-Allow-Methods"] == "GET, HEAD, OPTIONS")
        #expect(preflight["Access-Control-Allow-Headers"]?.contains("Range") == true)
        #expect(preflight["Content-Length"] == nil)
        try expectCommonFields(preflight, target)
      }
    }
  }

  @Test func `the player library comes from the file given at start`() async throws {
    let path = folder.path + "/hls.mjs"
    let script = String(repeating: "export const H = 1;\n", count: 20_000)
    try Data(script.utf8).write(to: URL(fileURLWithPath: path))
    try await withOrigin(titles) {
      $0.playerLibraryPath = path
    } _: { origin in
      let reply = try await origin.fetch("/play/assets/hls.mjs")
      #expect(reply.status == 200 && reply["Content-Type"] == "text/javascript; charset=utf-8")
      #expect(reply.text == script)
    }
    try await withOrigin(titles) { origin in
      let reply = try await origin.fetch("/play/assets/hls.mjs")
      #expect(reply.status == 404 && reply.text.contains("player library"))
    }
    let error = await #expect(throws: OriginError.self) {
      try await withOrigin(titles) {
        $0.playerLibraryPath = "/nowhere/hls.mjs"
      } _: { _ in
      }
    }
    #expect(error?.code == .unreadableFile)
  }

  @Test(arguments: [
    ("GET", "/film/nothing.m3u8", 404, "public, max-age=5"),
    ("GET", "/nothing/main.m3u8", 404, "public, max-age=5"),
    ("GET", "/film/title.json", 404, "public, max-age=5"),
    ("GET", "/film/text.mp4", 404, "public, max-age=5"),
    ("GET", "/film/video/cafe02/1.m4s", 404, "public, max-age=5"),
    ("GET", "/film/video/cafe01/4.m4s", 404, "public, max-age=5"),
    ("GET", "/film/video/cafe01/999999999.m4s", 404, "public, max-age=5"),
    ("GET", "/../../etc/passwd", 400, "no-store"),
    ("GET", "/film/%2e%2e/x", 400, "no-store"),
    ("POST", "/film/main.m3u8", 405, "no-store"),
    ("DELETE", "/film/main.m3u8", 405, "no-store"),
    ("TRACE", "/film/main.m3u8", 405, "no-store"),
    ("PATCH", "/", 405, "no-store"),
  ])
  func `an error says why in one line`(
    method: String, target: String, status: Int, cache: String
  ) async throws {
    try await withOrigin(titles) { origin in
      let reply = try await origin.fetch(target, method: method)
      #expect(reply.status == status)
      #expect(reply["Content-Type"] == "text/plain; charset=utf-8")
      #expect(reply["Cache-Control"] == cache)
      #expect((reply["Allow"] == "GET, HEAD, OPTIONS") == (status == 405))
      #expect(reply.text.hasSuffix(".\n") && reply.text.filter { $0 == "\n" }.count == 1)
      try expectCommonFields(reply, target)
    }
  }

  @Test(arguments: [
    "/", "/healthz", "/readyz", "/play/film", "/film/main.m3u8", "/film/manifest.mpd",
    "/film/video.m3u8", "/film/video.mp4", "/film/video/cafe01/init.mp4",
    "/film/audio/cafe01/1.m4s", "/film/nothing.m3u8", "/nothing/main.m3u8", "/../x",
    "/film/video/cafe01/99.m4s", "/play/assets/hls.mjs",
  ])
  func `HEAD has the fields of GET and no body`(target: String) async throws {
    try await withOrigin(titles) { origin in
      let get = try await origin.fetch(target)
      let head = try await origin.fetch(target, method: "HEAD")
      #expect(head.status == get.status)
      #expect(head.stableFields == get.stableFields)
      #expect(head.body.isEmpty)
      #expect(get["Content-Length"] == String(get.body.count))
    }
  }

  @Test(
    arguments: [
      ("/film/video/cafe01/2.m4s", 40_800, 30_000), ("/film/video.mp4", 0, 70_801),
      ("/film/video/cafe01/init.mp4", 0, 700),
    ] as [(String, Int64, Int64)])
  func `ranges of media are answered from the file`(
    target: String, start: Int64, size: Int64
  ) async throws {
    try await withOrigin(titles) { origin in
      for (field, offset, count) in [
        ("bytes=0-0", 0, 1), ("bytes=10-19", 10, 10), ("bytes=\(size - 1)-", size - 1, 1),
        ("bytes=-5", size - 5, 5), ("bytes=-\(size * 2)", 0, size), ("bytes=0-9999999", 0, size),
      ] {
        let reply = try await origin.fetch(target, ["Range: \(field)"])
        #expect(reply.status == 206, "\(field)")
        #expect(
          reply["Content-Range"] == "bytes \(offset)-\(offset + count - 1)/\(size)", "\(field)")
        let range = ByteRange(offset: start + offset, count: count)
        #expect(reply.body == MediaFolder.bytes(range, seed: 7), "\(field)")
        let whole = try await origin.fetch(target, method: "HEAD", ["Range: \(field)"])
        #expect(whole.status == 200 && whole["Content-Length"] == "\(size)", "ranges are for GET")
      }
      for field in ["bytes=\(size)-", "bytes=-0"] {
        let reply = try await origin.fetch(target, ["Range: \(field)"])
        #expect(reply.status == 416 && reply["Content-Range"] == "bytes */\(size)", "\(field)")
      }
      for field in ["bytes=0-1,5-6", "bytes=x", "lines=1-2", "bytes=5-4"] {
        let reply = try await origin.fetch(target, ["Range: \(field)"])
        #expect(reply.status == 200 && reply.body.count == size, "\(field)")
      }
      let twice = try await origin.fetch(target, ["Range: bytes=0-1", "Range: bytes=2-3"])
      #expect(twice.status == 200)
    }
  }

  @Test(arguments: ["/film/video/cafe01/1.m4s", "/film/main.m3u8", "/film/audio.mp4"])
  func `conditions compare entity tags`(target: String) async throws {
    try await withOrigin(titles) { origin in
      let full = try await origin.fetch(target)
      let tag = try #require(full["ETag"])
      #expect(tag.hasPrefix("\""), "a strong tag")
      for list in [tag, "W/\(tag)", "\"x\", \(tag)", "*"] {
        let reply = try await origin.fetch(target, ["If-None-Match: \(list)"])
        #expect(reply.status == 304 && reply.body.isEmpty && reply["Content-Length"] == nil)
        #expect(reply["ETag"] == tag && reply["Cache-Control"] == full["Cache-Control"])
        #expect(reply["Date"] != nil)
      }
      let split = try await origin.fetch(target, ["If-None-Match: \"x\"", "If-None-Match: \(tag)"])
      #expect(split.status == 304)
      #expect(try await origin.fetch(target, ["If-None-Match: \"x\""]).status == 200)
      #expect(try await origin.fetch(target, ["If-Match: \(tag)"]).status == 200)
      #expect(try await origin.fetch(target, ["If-Match: \"x\""]).status == 412)
      let range = "Range: bytes=0-3"
      for (field, status) in [
        (tag, 206), ("\"x\"", 200), ("W/\(tag)", 200), ("Sun, 06 Nov 1994 08:49:37 GMT", 200),
      ] {
        let reply = try await origin.fetch(target, [range, "If-Range: \(field)"])
        #expect(reply.status == status, "\(field)")
      }
      let both = try await origin.fetch(target, [range, "If-None-Match: \(tag)"])
      #expect(both.status == 304, "conditions come before ranges")
    }
  }

  @Test func `two segments have two tags`() async throws {
    try await withOrigin(titles) { origin in
      let first = try await origin.fetch("/film/video/cafe01/1.m4s")
      let second = try await origin.fetch("/film/video/cafe01/2.m4s")
      #expect(first["ETag"] != nil && first["ETag"] != second["ETag"])
    }
  }

  @Test func `a title that is published again is served at once, its old version no more`()
    async throws
  {
    try await withOrigin(titles) {
      $0.limits.titleAge = .hours(1)
    } _: { origin in
      let before = try await origin.fetch("/film/video/cafe01/1.m4s")
      #expect(before.status == 200)
      titles.publish(try folder.title("film", version: "cafe02", seed: 99))
      let segment = try await origin.fetch("/film/video/cafe02/1.m4s")
      #expect(segment.status == 200)
      #expect(
        segment.body == MediaFolder.bytes(ByteRange(offset: 800, count: 40_000), seed: 99))
      #expect(segment["ETag"] != before["ETag"])
    }
    try await withOrigin(titles) { origin in
      let old = try await origin.fetch("/film/video/cafe01/1.m4s")
      #expect(old.status == 404)
    }
  }

  @Test func `a file that took another's place is not sent for it`() async throws {
    let title = try folder.title("film")
    let track = try #require(title.tracks["video"])
    var file = track.file
    file.identity = FileStamp(device: 0, inode: 0, byteCount: 0, modified: 0)
    var (changed, shortened) = (file, track.file)
    changed.path = track.file.path
    shortened.byteCount -= 1
    for wrong in [changed, shortened] {
      let title = ServedTitle(
        title: title.title, documents: [:], files: ["video": wrong, "audio": wrong])
      try await withOrigin(FakeTitles([title])) { origin in
        let reply = try await origin.fetch("/film/video/cafe01/1.m4s")
        #expect(reply.status == 503)
        #expect(reply["Retry-After"] == "1" && reply["Cache-Control"] == "public, max-age=1")
      }
    }
  }

  @Test func `every reference of a title's documents is served`() async throws {
    let title = try folder.title("film")
    let files = title.tracks.mapValues(\.file)
    try await withOrigin(FakeTitles([ServedTitle(title.title, files: files)])) { origin in
      var targets = ["/film/main.m3u8", "/film/manifest.mpd"]
      var seen: Set<String> = []
      while let target = targets.popLast() {
        guard seen.insert(target).inserted else { continue }
        let reply = try await origin.fetch(target)
        #expect(reply.status == 200, "\(target)")
        guard target.hasSuffix(".m3u8") else { continue }
        for line in reply.text.split(separator: "\n") {
          let attribute = line.firstRange(of: "URI=\"").map { line[$0.upperBound...] }
          let reference = line.hasPrefix("#") ? attribute?.prefix { $0 != "\"" } : line
          if let reference, !reference.isEmpty { targets.append("/film/" + reference) }
        }
      }
      #expect(seen.contains("/film/video/cafe01/init.mp4"))
      #expect(seen.contains("/film/audio/cafe01/3.m4s"))
    }
  }

  @Test func `a source that fails is not blamed on the client`() async throws {
    titles.breakDown()
    try await withOrigin(titles) { origin in
      for (target, caching) in [
        ("/film/main.m3u8", "public, max-age=1"), ("/readyz", "no-store"),
        ("/", "public, max-age=1"),
      ] {
        let reply = try await origin.fetch(target)
        #expect(reply.status >= 500 && reply["Cache-Control"] == caching, "\(target)")
      }
      #expect(try await origin.fetch("/healthz").status == 200)
    }
  }
}

extension ByteRange {
  fileprivate func first(_ count: Int64) -> ByteRange { ByteRange(offset: offset, count: count) }
}
