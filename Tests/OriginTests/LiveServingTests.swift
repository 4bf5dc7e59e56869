import Foundation
import Library
import Live
import LiveSupport
import MediaCore
import NIOCore
import NIOEmbedded
import Synchronization
import Testing

@testable import Origin

/// Live titles over sockets.
@Suite struct LiveServingTests {
  private static let first = LiveFixture.first
  private static let video = LiveFixture.video
  private static let version = "a1b2c3d4e5"
  private static let folder = "/tv/\(video)/\(version)"

  @Test func `H17 H23: what is not there yet is sent when it is`() async throws {
    try await withLive(parts: 3) { origin, _, feed in
      async let playlist = origin.fetch(
        "/tv/\(Self.video).m3u8?_HLS_msn=\(Self.first)&_HLS_part=3")
      async let part = origin.fetch("\(Self.folder)/\(Self.first).3.m4s")
      async let segment = origin.fetch("/tv/\(Self.video).m3u8?_HLS_msn=\(Self.first)")
      try await feed.publishWhenHeld(1)
      #expect(try await playlist.text.contains("\(Self.first).3.m4s"))
      #expect(try await part.body == feed.bytes(Self.video, (Self.first, 3)))
      try feed.publish(6)
      #expect(try await segment.text.contains("\n\(Self.video)/\(Self.version)/\(Self.first).m4s"))
    }
  }

  /// Row by row of Appendix B.1, at a target duration of two seconds.
  @Test(arguments: [
    ("/tv/\(video).m3u8", 200, "public, max-age=1"),
    ("/tv/\(video).m3u8?_HLS_msn=\(first)", 200, "public, max-age=12"),
    ("/tv/\(video).m3u8?_HLS_msn=\(first)&_HLS_part=2", 200, "public, max-age=12"),
    ("/tv/\(video).m3u8?_HLS_part=2", 400, "public, max-age=8"),
    ("/tv/\(video).m3u8?_HLS_msn=\(first + 90)", 400, "public, max-age=8"),
    ("/tv/none.m3u8", 404, "public, max-age=2"),
    ("/tv/main.m3u8", 200, "public, max-age=60"),
    ("/tv/manifest.mpd", 200, "public, max-age=1"),
    ("\(folder)/init.mp4", 200, "public, max-age=31536000, immutable"),
    ("\(folder)/\(first).m4s", 200, "public, max-age=60"),
    ("\(folder)/\(first).2.m4s", 200, "public, max-age=12"),
    ("\(folder)/\(first + 9).m4s", 404, "public, max-age=1"),
    ("\(folder)/\(first + 1).9.m4s", 404, "public, max-age=1"),
    ("\(folder)/\(first - 1).m4s", 410, "public, max-age=60"),
    ("/tv/\(video)/0000000000/\(first).m4s", 404, "public, max-age=1"),
    ("/tv/chapters.json", 404, "public, max-age=5"),
    ("/time", 200, "no-store"),
  ])
  func `B1: how long it may be kept`(target: String, status: Int, field: String) async throws {
    try await withLive(parts: 13) { origin, _, _ in
      let reply = try await origin.fetch(target)
      #expect(reply.status == status)
      #expect(reply["Cache-Control"] == field)
      #expect(reply["Access-Control-Allow-Origin"] == "*")
    }
  }

  @Test
  func `a title that has ended comes from the library, its media as long as it may be followed`()
    async throws
  {
    let (live, title, _) = try LiveFeed.begin(LiveFixture(), parts: 13)
    let media = try MediaFolder()
    let atRest = try media.title("tv", version: "0123456789")
    try await withOrigin(FakeTitles([atRest])) {
      $0.live = live
    } _: { origin in
      title.end()
      let last = try await origin.fetch("/tv/\(Self.video).m3u8").text
      #expect(last.contains("\(Self.first)") && last.hasSuffix("#EXT-X-ENDLIST\n"))
      live.rest("tv")
      let main = try await origin.fetch("/tv/main.m3u8")
      #expect(main.status == 200 && !main.text.contains(Self.video))
      #expect(try await origin.fetch("/tv/\(Self.video).m3u8").status == 404)
      for path in ["\(Self.first).m4s", "\(Self.first).2.m4s", "init.mp4"] {
        #expect(try await origin.fetch("\(Self.folder)/\(path)").status == 200)
      }
      live.remove("tv")
      for path in ["\(Self.first).m4s", "\(Self.first).2.m4s", "init.mp4"] {
        #expect(try await origin.fetch("\(Self.folder)/\(path)").status == 410)
      }
      #expect(try await origin.fetch("/tv/main.m3u8").text == main.text)
    }
  }

  @Test func `playlists are compressed, and have tags of their content`() async throws {
    try await withLive(parts: 33) { origin, _, _ in
      let target = "/tv/\(Self.video).m3u8"
      let plain = try await origin.fetch(target)
      let coded = try await origin.fetch(target, ["Accept-Encoding: gzip, br"])
      #expect(coded["Content-Encoding"] == "gzip")
      #expect(coded["Vary"] == "Accept-Encoding")
      #expect(coded.body.count < plain.body.count / 2)
      let tag = try #require(plain["ETag"])
      #expect(try await origin.fetch(target, ["If-None-Match: \(tag)"]).status == 304)
      #expect(plain["CMSD-Static"] == "ot=m,sf=h,st=l")
    }
  }

  @Test(arguments: [
    "/tv/main.m3u8", "/tv/manifest.mpd", "/tv/timeline.mpd", "/tv/\(video).m3u8",
    "/tv/\(video).iframes.m3u8", "/tv/\(video).m3u8?_HLS_skip=YES", "\(folder)/init.mp4",
    "\(folder)/\(first).m4s", "\(folder)/\(first + 2).1.m4s",
  ])
  func `HEAD of what is live has the fields of GET, and all viewers get the same`(
    target: String
  ) async throws {
    try await withLive(parts: 33) { origin, _, _ in
      let get = try await origin.fetch(target)
      let head = try await origin.fetch(target, method: "HEAD")
      #expect((get.status, head.status) == (200, 200))
      #expect(head.stableFields == get.stableFields)
      #expect(head.body.isEmpty)
      #expect(get["Set-Cookie"] == nil)
      let other = try await origin.fetch(
        target, ["Cookie: session=2", "User-Agent: Other", "X-Forwarded-For: 192.0.2.7"])
      #expect(other.body == get.body)
    }
  }

  @Test func `H16: who asks for it gets a delta update`() async throws {
    try await withLive(parts: 200) { origin, _, _ in
      let delta = try await origin.fetch("/tv/\(Self.video).m3u8?_HLS_skip=YES")
      #expect(delta.text.contains("#EXT-X-SKIP:SKIPPED-SEGMENTS=14\n"))
      #expect(try await !origin.fetch("/tv/\(Self.video).m3u8").text.contains("SKIP:"))
    }
  }

  @Test func `B1: every other playlist is reported`() async throws {
    try await withLive(parts: 13) { origin, _, _ in
      let text = try await origin.fetch("/tv/\(Self.video).m3u8").text
      let report =
        "#EXT-X-RENDITION-REPORT:URI=\"audio-en.m3u8\",LAST-MSN=\(Self.first + 1),LAST-PART=2\n"
      #expect(text.contains(report))
    }
  }

  @Test func `D14: a segment that is being made comes in chunks, each whole`() async throws {
    try await withLive(parts: 2) { origin, _, feed in
      try await origin.connect { connection in
        try await connection.send("GET", "\(Self.folder)/\(Self.first).m4s")
        let head = try await connection.head()
        #expect(head.status == 200)
        #expect(head["Transfer-Encoding"] == "chunked")
        #expect(head["Content-Length"] == nil)
        for part in 0..<10 {
          if part >= 2 { try feed.publish(1) }
          let bytes = feed.bytes(Self.video, (Self.first, part))
          let chunk =
            String(bytes.count, radix: 16) + "\r\n" + String(decoding: bytes, as: UTF8.self)
          let read = try await connection.bytes(chunk.utf8.count + 2)
          #expect(String(buffer: read) == chunk + "\r\n")
        }
        #expect(String(buffer: try await connection.bytes(5)) == "0\r\n\r\n")
        // The connection goes on, and the segment has its length now.
        try await connection.send("GET", "\(Self.folder)/\(Self.first).m4s")
        let whole = try await connection.reply()
        #expect(whole["Content-Length"] == "640")
        #expect(whole.body.count == 640)
      }
    }
  }

  @Test func `the next segment is asked for before it begins`() async throws {
    try await withLive(parts: 10) { origin, _, feed in
      async let next = origin.speakHTTP2 { connection in
        try await connection.request("\(Self.folder)/\(Self.first + 1).m4s", stream: 1)
        return try await connection.replies([1])[1]
      }
      try await feed.publishWhenHeld(1)
      try await feed.publishWhenHeld(9)
      let reply = try #require(try await next)
      #expect(reply.status == 200)
      #expect(reply["content-length"] == nil)
      #expect(reply.body == (0..<10).flatMap { feed.bytes(Self.video, (Self.first + 1, $0)) })
    }
  }

  @Test func `a client of HTTP 1_0 waits until a segment is complete`() async throws {
    try await withLive(parts: 5) { origin, _, feed in
      let request = "GET \(Self.folder)/\(Self.first).m4s HTTP/1.0\r\n\r\n"
      try await origin.connect { connection in
        try await connection.send(request)
        #expect(try await connection.reply().status == 404)
      }
      try feed.publish(5)
      try await origin.connect { connection in
        try await connection.send(request)
        #expect(try await connection.reply().status == 200)
      }
    }
  }

  @Test func `many who wait for one part get it at once`() async throws {
    try await withLive(parts: 3) { origin, _, feed in
      let target = "/tv/\(Self.video).m3u8?_HLS_msn=\(Self.first)&_HLS_part=3&_HLS_skip=YES"
      let replies = try await withThrowingTaskGroup(of: Reply.self) { tasks in
        for _ in 0..<60 { tasks.addTask { try await origin.fetch(target) } }
        try await feed.publishWhenHeld(1)
        var replies: [Reply] = []
        for try await reply in tasks { replies.append(reply) }
        return replies
      }
      #expect(replies.count == 60)
      #expect(Set(replies.map(\.body)).count == 1)
      #expect(replies.allSatisfy { $0.status == 200 && $0.text.contains("\(Self.first).3.m4s") })
    }
  }

  @Test func `H24: the end reaches those who wait`() async throws {
    try await withLive(parts: 13) { origin, title, feed in
      async let playlist = origin.fetch("/tv/\(Self.video).m3u8?_HLS_msn=\(Self.first + 2)")
      async let part = origin.fetch("\(Self.folder)/\(Self.first + 1).3.m4s")
      await feed.whenHeld()
      title.end()
      let ended = try await playlist
      #expect(ended.text.hasSuffix("#EXT-X-ENDLIST\n"))
      #expect(!ended.text.contains("PRELOAD-HINT"))
      #expect(try await part.status == 404)
      let mpd = try await origin.fetch("/tv/manifest.mpd").text
      #expect(!mpd.contains("minimumUpdatePeriod"))
    }
  }

  @Test func `older segments come from the archive`() async throws {
    let folder = try MediaFolder()
    let path = "\(folder.path)/archive"
    try Data("before-segment-after".utf8).write(to: URL(fileURLWithPath: path))
    let archive = OneSegment(
      number: Self.first,
      place: LiveArchivePlace(path: path, range: ByteRange(offset: 7, count: 7)))
    try await withLive(
      parts: 150, archive: archive, memory: MediaTime(1, Timescale(literal: 1))
    ) { origin, _, _ in
      let old = try await origin.fetch("\(Self.folder)/\(Self.first).m4s")
      #expect(old.text == "segment")
      #expect(old["Content-Type"] == "video/mp4")
      #expect(try await origin.fetch("\(Self.folder)/\(Self.first + 1).m4s").status == 410)
      #expect(try await origin.fetch("\(Self.folder)/\(Self.first + 14).m4s").body.count == 640)
    }
  }

  @Test func `the MPD tells of the clock that the origin has`() async throws {
    try await withLive(parts: 1) { origin, _, _ in
      let mpd = try await origin.fetch("/tv/manifest.mpd")
      #expect(mpd["Content-Type"] == "application/dash+xml")
      #expect(mpd.text.contains("type=\"dynamic\""))
      let time = try await origin.fetch("/time").text
      #expect(UTCTime(time) != nil)
      #expect(try await origin.fetch("/").text.contains("tv"))
      #expect(try await origin.fetch("/play/tv").status == 200)
    }
  }

  @Test func `H21: who has waited for three target durations is told so`() throws {
    let loop = EmbeddedEventLoop()
    let title = try LiveTitle(LiveFixture().description)
    var limits = Limits()
    limits.heldRequestCount = 2
    let holds = LiveHolds(eventLoop: loop, limits: limits)
    let start = NIODeadline.now()
    var answers: [Bool] = []
    let key = LiveKey.playlist(track: Self.video, .parts, ReloadDirectives())
    for _ in 0..<3 { holds.find(key, of: title, now: start) { answers.append($0.found == nil) } }
    // The third is one too many.
    #expect(answers == [true])
    holds.expire(now: start + .milliseconds(5999))
    #expect(answers.count == 1)
    holds.expire(now: start + .seconds(6))
    #expect(answers == [true, true, true])
    #expect(holds.count == 0)
  }
}

private struct OneSegment: LiveArchive {
  let number: Int64
  let place: LiveArchivePlace

  func place(ofSegment number: Int64, track: String, version: String) -> LiveArchivePlace? {
    number == self.number ? place : nil
  }
}
