import Live
import LiveSupport
import MediaCore
import NIOCore
import Testing

@testable import Origin

/// Rules of draft-pantos-hls-rfc8216bis and DASH-IF for live titles, by their numbers in the requirements, over sockets.
@Suite struct LiveRuleTests {
  private static let first = LiveFixture.first
  private static let video = LiveFixture.video
  private static let folder = "/tv/\(video)/a1b2c3d4e5"
  private static let segment = "\(folder)/\(first + 1).m4s"

  /// The lines of a playlist that begin with a tag.
  private static func lines(_ tag: String, of playlist: String) -> [Substring] {
    playlist.split(separator: "\n").filter { $0.hasPrefix("#\(tag):") }
  }

  @Test func `H15: what must be the same in all playlists is`() async throws {
    try await withLive(parts: 137) { origin, _, _ in
      let names = ["\(Self.video).m3u8", "audio-en.m3u8", "\(Self.video).iframes.m3u8"]
      var texts: [String] = []
      for name in names { texts.append(try await origin.fetch("/tv/\(name)").text) }
      for tag in ["EXT-X-TARGETDURATION", "EXT-X-SERVER-CONTROL", "EXT-X-MEDIA-SEQUENCE"] {
        let lines = texts.map { Self.lines(tag, of: $0) }
        #expect(lines[0].count == 1 && Set(lines).count == 1)
      }
      let dates = texts.map { Self.lines("EXT-X-PROGRAM-DATE-TIME", of: $0) }
      #expect(dates[0] == dates[1])
      // I-frames are listed when their segment is complete.
      #expect(dates[2] == dates[0].dropLast())
    }
  }

  @Test func `H22: I-frames are listed, held and reported`() async throws {
    try await withLive(parts: 13) { origin, _, feed in
      let main = try await origin.fetch("/tv/main.m3u8").text
      #expect(main.contains("#EXT-X-I-FRAME-STREAM-INF:"))
      #expect(main.contains("URI=\"\(Self.video).iframes.m3u8\""))
      let report = "URI=\"\(Self.video).iframes.m3u8\",LAST-MSN=\(Self.first)\n"
      #expect(try await origin.fetch("/tv/audio-en.m3u8").text.contains(report))
      #expect(try await origin.fetch("/tv/audio-en.iframes.m3u8").status == 404)
      let target = "/tv/\(Self.video).iframes.m3u8?_HLS_msn=\(Self.first + 1)"
      async let held = origin.fetch(target)
      try await feed.publishWhenHeld(7)
      let text = try await held.text
      #expect(text.contains("#EXT-X-I-FRAMES-ONLY\n"))
      #expect(text.contains("/\(Self.first + 1).m4s\n"))
      #expect(text.contains("URI=\"audio-en.m3u8\",LAST-MSN=\(Self.first + 1),LAST-PART="))
      #expect(text.contains("URI=\"\(Self.video).m3u8\",LAST-MSN="))
    }
  }

  @Test func `H23: who asks for it gets parts as byte ranges`() async throws {
    try await withLive(parts: 13) { origin, _, _ in
      let main = try await origin.fetch("/tv/main.m3u8?parts=ranges").text
      #expect(main.contains("\n\(Self.video).m3u8?parts=ranges\n"))
      #expect(main.contains("URI=\"audio-en.m3u8?parts=ranges\""))
      let text = try await origin.fetch("/tv/\(Self.video).m3u8?parts=ranges").text
      let uri = "URI=\"\(Self.video)/a1b2c3d4e5/\(Self.first + 1).m4s\""
      #expect(text.contains("\(uri),BYTERANGE=\"64@128\"\n"))
      #expect(text.contains("#EXT-X-PRELOAD-HINT:TYPE=PART,\(uri),BYTERANGE-START=192\n"))
      #expect(text.contains("URI=\"audio-en.m3u8?parts=ranges\",LAST-MSN="))
    }
  }

  /// Of 13 parts of 64 bytes three are of the segment.
  @Test(
    arguments: [
      ("bytes=64-127", "bytes 64-127/*", 1..<2), ("bytes=0-191", "bytes 0-191/*", 0..<3),
      ("bytes=128-", "bytes 128-191/*", 2..<3),
    ])
  func `H23: bytes that are there are sent at once`(
    range: String, expected: String, parts: Range<Int>
  ) async throws {
    try await withLive(parts: 13) { origin, _, feed in
      let reply = try await origin.fetch(Self.segment, ["Range: \(range)"])
      #expect(reply.status == 206)
      #expect(reply["Content-Range"] == expected)
      #expect(reply["Content-Length"] == "\(reply.body.count)")
      #expect(reply.body == parts.flatMap { feed.bytes(Self.video, (Self.first + 1, $0)) })
    }
  }

  @Test(arguments: ["bytes=192-255", "bytes=192-"])
  func `H23: bytes of a part that is hinted at are sent when it is there`(
    range: String
  ) async throws {
    try await withLive(parts: 13) { origin, _, feed in
      async let reply = origin.fetch(Self.segment, ["Range: \(range)"])
      try await feed.publishWhenHeld(1)
      #expect(try await reply["Content-Range"] == "bytes 192-255/*")
      #expect(try await reply.body == feed.bytes(Self.video, (Self.first + 1, 3)))
    }
  }

  @Test func `H9 H23: a range without end goes on part by part`() async throws {
    try await withLive(parts: 13) { origin, _, feed in
      try await origin.connect { connection in
        let range = "Range: bytes=128-9007199254740991"
        try await connection.send("GET", Self.segment, [range])
        let head = try await connection.head()
        #expect(head.status == 206)
        #expect(head["Content-Range"] == "bytes 128-9007199254740991/*")
        #expect(head["Transfer-Encoding"] == "chunked")
        for part in 2..<10 {
          if part >= 3 { try feed.publish(1) }
          let text = String(decoding: feed.bytes(Self.video, (Self.first + 1, part)), as: UTF8.self)
          #expect(String(buffer: try await connection.bytes(70)) == "40\r\n\(text)\r\n")
        }
        #expect(String(buffer: try await connection.bytes(5)) == "0\r\n\r\n")
        // It has its length now.
        try await connection.send("GET", Self.segment, [range])
        let whole = try await connection.reply()
        #expect(whole["Content-Range"] == "bytes 128-639/640")
        #expect(whole.body.count == 512)
      }
    }
  }

  @Test func `D3: every clock that an MPD names is there`() async throws {
    try await withLive(parts: 3) { origin, _, _ in
      let mpd = try await origin.fetch("/tv/manifest.mpd").text
      for scheme in ["xsdate", "iso", "head"] {
        #expect(mpd.contains("\"urn:mpeg:dash:utc:http-\(scheme):2014\" value=\"/time\""))
      }
      let time = try await origin.fetch("/time").text
      #expect(UTCTime(time) != nil)
      let head = try await origin.fetch("/time", method: "HEAD")
      #expect(head["Date"] != nil)
      #expect(head["Access-Control-Expose-Headers"]?.hasPrefix("Date,") == true)
    }
  }

  /// One of whole seconds would be wrong by more than some parts last.
  @Test func `D3: the clock has milliseconds`() async throws {
    try await withOrigin(FakeTitles([])) {
      $0.wallClock = { 1_234_567 }
    } _: { origin in
      let time = try await origin.fetch("/time")
      #expect(time.text == "1970-01-01T00:20:34.567Z")
    }
  }

  @Test func `D12: an MPD that has not changed is not sent again`() async throws {
    try await withLive(parts: 13) { origin, _, feed in
      for name in ["manifest.mpd", "timeline.mpd"] {
        let tag = try #require(try await origin.fetch("/tv/\(name)")["ETag"])
        #expect(
          try await origin.fetch("/tv/\(name)", ["If-None-Match: \(tag)"]).status == 304)
      }
      try feed.publish(7)
      let mpd = try await origin.fetch("/tv/timeline.mpd").text
      #expect(mpd.contains("<S t=\"44500000000000\" d=\"50000\" r=\"1\"/>"))
    }
  }

  @Test func `D14: a patch is held until there is one, and 410 of what is not known`() async throws
  {
    try await withLive(parts: 13) { origin, _, feed in
      let base = try await origin.fetch("/tv/timeline.mpd").text
      let url = try #require(base.firstMatch(of: /<PatchLocation ttl="60">([^<]+)</)).output.1
      async let held = origin.fetch("/tv/\(url)")
      try await feed.publishWhenHeld(7)
      let patch = try await held
      #expect(patch["Content-Type"] == "application/dash-patch+xml")
      #expect(patch["Cache-Control"] == "public, max-age=1")
      #expect(patch.text.contains("type=\"@r\">1</add>"))
      for query in ["", "?publishTime=1970-01-01T00:00:00Z", "?publishTime=x"] {
        #expect(try await origin.fetch("/tv/timeline.mpp\(query)").status == 410)
      }
    }
  }
}
