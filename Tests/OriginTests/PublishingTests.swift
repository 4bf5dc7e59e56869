import CMAF
import Foundation
import Library
import LiveSupport
import MediaCore
import NIOCore
import Packaging
import Publishing
import Synchronization
import TestSupport
import Testing

@testable import Origin

/// Uploads over sockets.
@Suite struct PublishingTests {
  /// New Year 2026, in nanoseconds: it stays, whatever comes.
  private static let newYear: Int64 = 1_767_225_600_000_000_000
  private static let password = "correct-horse-battery"
  private static let video = EncodedTrack.video(start: newYear)
  private static let audio = EncodedTrack.audio(start: newYear)

  /// An origin with the publishing point `tv`.
  private func withPublishing(
    publishers: Publishers = .anybody, keeping: PublishedKeeping = .dvr,
    _ body: (RunningOrigin, Stage) async throws -> Void
  ) async throws {
    let folder = try TemporaryFolder()
    let clock = Clock(Self.newYear + 10_000_000_000)
    let titles = LiveTitles()
    let point = try PublishingPoint(
      name: "tv", options: LiveOptions(), window: MediaTime(60, Timescale(literal: 1)),
      keeping: keeping, library: folder.path, titles: titles, now: { clock.now })
    try await withOrigin(FakeTitles([])) {
      $0.live = titles
      $0.publishing = PublishingPoints([point], publishers: publishers)
      $0.limits.uploadTimeout = .minutes(10)
    } _: {
      try await body($0, Stage(point: point, clock: clock))
    }
  }

  // MARK: Statuses (DASH-IF Live Media Ingest §5.4)

  private struct Case: Sendable, CustomTestStringConvertible {
    var name: String
    var method = "PUT"
    var target = "/tv/video.cmfv"
    var fields: [String] = []
    var body: ByteBuffer
    var status: Int

    var testDescription: String { name }
  }

  private static let cases = [
    Case(name: "a header", body: video.header, status: 200),
    Case(name: "a header by POST", method: "POST", body: video.header, status: 200),
    Case(name: "to the point itself", target: "/tv", body: video.header, status: 200),
    Case(
      name: "the first piece", fields: ["Content-Range: bytes 0-9/*"], body: video.header,
      status: 200),
    Case(
      name: "a piece of nothing", fields: ["Content-Range: bytes 9-5/*"], body: video.header,
      status: 400),
    Case(
      name: "a piece of lines", fields: ["Content-Range: lines 0-9/10"], body: video.header,
      status: 400),
    Case(name: "nothing", body: ByteBuffer(), status: 200),
    Case(
      name: "a playlist", target: "/tv/a.m3u8", body: ByteBuffer(string: "#EXTM3U\n"), status: 202),
    Case(name: "an MPD", target: "/tv/a.mpd", body: ByteBuffer(string: "<MPD/>"), status: 202),
    Case(name: "a deletion", method: "DELETE", body: ByteBuffer(), status: 200),
    Case(
      name: "no point of this name", target: "/film/video.cmfv", body: video.header, status: 404),
    Case(name: "no point at all", target: "/", body: video.header, status: 404),
    Case(name: "a path that climbs", target: "/tv/../film", body: video.header, status: 400),
    Case(name: "a fragment first", body: video.fragment(0..<5), status: 412),
    Case(name: "half a header", body: video.header.getSlice(at: 0, length: 90)!, status: 400),
    Case(name: "a page", body: ByteBuffer(string: "<html>hello</html>"), status: 415),
    Case(
      name: "in a coding", fields: ["Content-Encoding: gzip"], body: video.header, status: 415),
    Case(
      name: "too much", body: ByteBuffer(integer: 0x7000_0000_6d6f_6f66 as UInt64), status: 413),
    Case(
      name: "a length and chunks", fields: ["Transfer-Encoding: chunked"], body: video.header,
      status: 400),
    Case(name: "PATCH", method: "PATCH", body: video.header, status: 405),
  ]

  @Test(arguments: cases)
  private func `each kind of upload has its status`(_ one: Case) async throws {
    try await withPublishing { origin, _ in
      try await origin.connect { connection in
        let length = "Content-Length: \(one.body.readableBytes)"
        try await connection.send(one.method, one.target, one.fields + [length])
        try await connection.send(bytes: one.body)
        let reply = try await connection.reply()
        #expect(reply.status == one.status, "\(reply.text)")
        // Told in one sentence.
        #expect(reply.text.last == "\n" && reply.text.count { $0 == "\n" } == 1)
      }
    }
  }

  @Test func `nobody publishes where nobody was asked to`() async throws {
    try await withOrigin(FakeTitles([])) { origin in
      let put = try await origin.fetch("/tv/video.cmfv", method: "PUT", ["Content-Length: 9"])
      let deletion = try await origin.fetch("/tv/video.cmfv", method: "DELETE")
      #expect((put.status, deletion.status) == (405, 405))
    }
  }

  // MARK: Who may

  @Test(arguments: [
    ("/tv/a.mpd", "", 401),
    ("/tv/a.mpd", "Authorization: Digest username=\"encoder\"", 401),
    ("/tv/a.mpd", "Authorization: Basic ZW5jb2Rlcjpjb3JyZWN0LWhvcnNlLWJhdHRlcnk=", 202),
    ("/tv/a.mpd", "authorization: basic ZW5jb2Rlcjpjb3JyZWN0LWhvcnNlLWJhdHRlcnk=", 202),
    ("/tv/a.mpd", "Authorization: Basic ZW5jb2Rlcjp3cm9uZw==", 403),
    ("/tv/a.mpd", "Authorization: Basic", 403),
    ("/tv/a.mpd", "Authorization: Bearer correct-horse-battery", 202),
    ("/tv/a.mpd", "Authorization: Bearer wrong", 403),
    ("/signed/correct-horse-battery/tv/a.mpd", "", 202),
    ("/tv/a.mpd?token=correct-horse-battery", "", 202),
    ("/tv/a.mpd?token=wrong", "", 403),
    ("/none/a.mpd", "", 404),
  ])
  func `a publisher says who it is`(target: String, field: String, status: Int) async throws {
    let publishers = try Publishers(text: "# encoders\nencoder \(Self.password)\n")
    try await withPublishing(publishers: publishers) { origin, _ in
      try await origin.connect { connection in
        try await connection.send(
          "PUT", target, ["Content-Length: 6", field].filter { !$0.isEmpty })
        try await connection.send("<MPD/>")
        let reply = try await connection.reply()
        #expect(reply.status == status)
        #expect((reply["WWW-Authenticate"] != nil) == (status == 401))
      }
    }
  }

  @Test(arguments: ["", "encoder", "encoder short", "en:coder \(password)", "a b c"])
  func `files of publishers that are none are told, without what is in them`(text: String) {
    #expect {
      _ = try Publishers(text: text)
    } throws: { error in
      !"\(error)".contains(Self.password)
    }
  }

  @Test func `a body is asked for of who may send it`() async throws {
    let publishers = try Publishers(text: "encoder \(Self.password)")
    try await withPublishing(publishers: publishers) { origin, _ in
      let fields = ["Content-Length: 6", "Expect: 100-continue"]
      try await origin.connect { connection in
        try await connection.send("PUT", "/tv/a.mpd", fields)
        #expect(try await connection.reply().status == 401)
      }
      try await origin.connect { connection in
        try await connection.send(
          "PUT", "/tv/a.mpd", fields + ["Authorization: Bearer \(Self.password)"])
        #expect(try await connection.head().status == 100)
        try await connection.send("<MPD/>")
        #expect(try await connection.reply().status == 202)
      }
    }
  }

  // MARK: A title

  @Test func `one long upload for each track is a live title`() async throws {
    try await withPublishing { origin, stage in
      try await origin.connect { video in
        try await origin.connect { audio in
          var byteCount = 0
          try await video.send("POST", "/tv/video.cmfv", ["Transfer-Encoding: chunked"])
          try await audio.send("POST", "/tv/audio.cmfa", ["Transfer-Encoding: chunked"])
          for index in -1..<50 {
            let seconds = Double(index) / 5..<Double(index + 1) / 5
            for (track, connection) in [(Self.video, video), (Self.audio, audio)] {
              let bytes = index < 0 ? track.header : track.fragment(seconds)
              try await connection.send(chunk: bytes)
              byteCount += bytes.readableBytes
            }
          }
          await stage.begin(behind: byteCount)
          let multivariant = try await origin.found("/tv/main.m3u8")
          #expect(
            multivariant.contains("video-720p.m3u8") && multivariant.contains("audio-en.m3u8"))
          for connection in [video, audio] {
            try await connection.send(chunk: EncodedTrack.ending)
            try await connection.send("0\r\n\r\n")
          }
          #expect(try await video.reply().status == 200)
          #expect(try await audio.reply().status == 200)
          let playlist = try await origin.found("/tv/video-720p.m3u8")
          #expect(playlist.contains("/883612800.m4s") && playlist.contains("/883612804.m4s"))
          #expect(playlist.contains("#EXT-X-ENDLIST"))
        }
      }
    }
  }

  @Test func `requests with some of the bytes of a track each are one upload`() async throws {
    try await withPublishing { origin, stage in
      var all = Self.video.header
      for second in 0..<10 {
        all.writeImmutableBuffer(Self.video.fragment(Double(second)..<Double(second + 1)))
      }
      let byteCount = all.readableBytes
      var offset = 0
      while let piece = all.readSlice(length: min(1000, all.readableBytes)),
        piece.readableBytes > 0
      {
        try await origin.connect { connection in
          let count = piece.readableBytes
          try await connection.send(
            "PUT", "/tv/video.cmfv",
            [
              "Content-Length: \(count)",
              "Content-Range: bytes \(offset)-\(offset + count - 1)/\(byteCount)",
            ])
          try await connection.send(bytes: piece)
          #expect(try await connection.reply().status == 200)
        }
        offset += piece.readableBytes
      }
      await stage.begin(behind: byteCount)
      while !(try await origin.found("/tv/video-720p.m3u8").contains("/883612803.m4s")) {}
      #expect(try await origin.found("/tv/video-720p.m3u8").contains("/883612800.m4s"))
    }
  }

  @Test func `while a title is kept that has ended nothing is taken, and afterwards it is`()
    async throws
  {
    // The thread that keeps it waits for the test.
    let kept = DispatchSemaphore(value: 0)
    let keeping = PublishedKeeping.vod { store, _ in
      let stretches = try store.stretches()
      #expect(stretches.count == 1)
      kept.wait()
    }
    try await withPublishing(keeping: keeping) { origin, stage in
      try await origin.connect { connection in
        var byteCount = 0
        for index in -1..<10 {
          let bytes =
            index < 0
            ? Self.video.header : Self.video.fragment(Double(index)..<Double(index + 1))
          try await connection.put(bytes, "/tv/video.cmfv")
          #expect(try await connection.reply().status == 200)
          byteCount += bytes.readableBytes
        }
        await stage.begin(behind: byteCount)
        _ = try await origin.found("/tv/main.m3u8")
        try await connection.put(EncodedTrack.ending, "/tv/video.cmfv")
        #expect(try await connection.reply().status == 200)
      }
      try await origin.connect { connection in
        try await connection.put(Self.video.header, "/tv/video.cmfv")
        let reply = try await connection.reply()
        #expect(reply.status == 503 && reply["Retry-After"] == "1")
      }
      // Playlists with their end stay until caches have let go of those without.
      #expect(try await origin.found("/tv/video-720p.m3u8").contains("#EXT-X-ENDLIST"))
      kept.signal()
      while true {
        let status = try await origin.connect { connection in
          try await connection.put(Self.video.header, "/tv/video.cmfv")
          return try await connection.reply().status
        }
        if status == 200 { break }
        #expect(status == 503)
      }
      // Here nothing stands in the library.
      stage.clock.advance(13_000_000_000)
      while try await origin.fetch("/tv/video-720p.m3u8").status == 200 {}
      #expect(try await origin.fetch("/tv/main.m3u8").status == 404)
    }
  }

  @Test(arguments: [true, false])
  func `what becomes of a title that has ended happens in order, each once`(isKept: Bool) {
    let window = MediaTime(60, Timescale(literal: 1))
    let description = LiveTitleDescription(
      name: "tv", tracks: [], segmentDuration: MediaTime(2, Timescale(literal: 1)),
      targetDuration: 2, window: window)
    let second: Int64 = 1_000_000_000
    var ended = EndedTitle(description, now: 0, isKept: isKept)
    var steps: [(Int64, EndedTitle.Step)] = []
    for time in 0...200 {
      if time == 20, !isKept {
        #expect(ended.isBeingKept)
        ended.isNowKept()
      }
      while let step = ended.step(now: Int64(time) * second) {
        steps.append((Int64(time), step))
        if step == .remove { break }
      }
      if steps.last?.1 == .remove { break }
    }
    #expect(!ended.isBeingKept)
    #expect(steps.map(\.1) == (isKept ? [.remove] : [.keep, .rest, .remove]))
    #expect(steps.map(\.0) == (isKept ? [74] : [0, 20, 74]))
  }

  @Test func `the same by HTTP 2, and by requests behind each other on one connection`()
    async throws
  {
    let pieces =
      [Self.video.header] + (0..<10).map { Self.video.fragment(Double($0)..<Double($0 + 1)) }
    let byteCount = pieces.reduce(0) { $0 + $1.readableBytes }
    var playlists: [String] = []
    try await withPublishing { origin, stage in
      try await origin.speakHTTP2 { connection in
        try await connection.request("/tv/video.cmfv", stream: 1, method: "POST", isWhole: false)
        for piece in pieces { try await connection.data(piece, stream: 1) }
        await stage.begin(behind: byteCount)
        _ = try await origin.found("/tv/main.m3u8")
        try await connection.data(EncodedTrack.ending, stream: 1, isLast: true)
        #expect(try await connection.replies([1])[1]?.status == 200)
      }
      playlists.append(try await origin.found("/tv/video-720p.m3u8"))
    }
    try await withPublishing { origin, stage in
      try await origin.connect { connection in
        for (index, piece) in pieces.enumerated() {
          try await connection.put(piece, "/tv/video/\(index == 0 ? "init.mp4" : "\(index).m4s")")
        }
        for _ in pieces { #expect(try await connection.reply().status == 200) }
        await stage.begin(behind: byteCount)
        _ = try await origin.found("/tv/main.m3u8")
        try await connection.put(EncodedTrack.ending, "/tv/video/11.m4s")
        #expect(try await connection.reply().status == 200)
      }
      playlists.append(try await origin.found("/tv/video-720p.m3u8"))
    }
    #expect(playlists[0] == playlists[1])
    #expect(playlists[0].contains("#EXT-X-ENDLIST"))
  }

  @Test func `a packager publishes to another origin`() async throws {
    let publishers = try Publishers(text: "encoder \(Self.password)")
    try await withPublishing(publishers: publishers) { origin, stage in
      let address = PublishingAddress(
        host: "127.0.0.1", port: origin.address.port ?? 0, isSecure: false, path: "/tv",
        authorization: "Bearer \(Self.password)")
      let complaints = Mutex<[String]>([])
      let publisher = try LivePublisher(to: address) { text in
        complaints.withLock { $0.append(text) }
      }
      var byteCount = 0
      for (name, track) in [("video-720p", Self.video), ("audio-en", Self.audio)] {
        let header = LiveHeader(version: name, bytes: track.header)
        byteCount += track.header.readableBytes
        for second in 0..<10 {
          let bytes = track.fragment(Double(second)..<Double(second + 1))
          byteCount += bytes.readableBytes
          publisher.publish(
            LiveChunk(
              header: header, segment: Int64(second + 1), part: 0, time: 0, duration: 1,
              isIndependent: true, endsSegment: true, producedAt: 0, bytes: bytes),
            track: name)
        }
      }
      await stage.begin(behind: byteCount)
      _ = try await origin.found("/tv/main.m3u8")
      await withCheckedContinuation { done in
        Thread.detachNewThread {
          publisher.end()
          done.resume()
        }
      }
      #expect(complaints.withLock { $0 } == [])
      let playlist = try await origin.found("/tv/video-720p.m3u8")
      #expect(playlist.contains("/883612800.m4s") && playlist.contains("#EXT-X-ENDLIST"))
    }
  }

  @Test func `an upload that goes wrong is told at once, and its connection ends`() async throws {
    try await withPublishing { origin, _ in
      try await origin.connect { connection in
        try await connection.send("POST", "/tv/video.cmfv", ["Transfer-Encoding: chunked"])
        try await connection.send(chunk: Self.video.header)
        try await connection.send(chunk: ByteBuffer(bytes: [0, 0, 0, 3, 0x6d, 0x6f, 0x6f, 0x66]))
        let reply = try await connection.reply()
        #expect(reply.status == 400)
        #expect(reply["Connection"] == "close")
      }
      // The next may go on.
      try await origin.connect { connection in
        try await connection.put(Self.video.header, "/tv/video.cmfv")
        #expect(try await connection.reply().status == 200)
      }
    }
  }

  @Test(arguments: ["zz\r\n", "5\r\nabcdefgh\r\n"])
  func `a body that is not framed as HTTP is told so`(text: String) async throws {
    try await withPublishing { origin, _ in
      try await origin.connect { connection in
        try await connection.send("POST", "/tv/video.cmfv", ["Transfer-Encoding: chunked"])
        try await connection.send(text)
        #expect(try await connection.reply().status == 400)
      }
    }
  }

  @Test func `what has come whole is published, also if its publisher does not wait for an answer`()
    async throws
  {
    try await withPublishing { origin, stage in
      let pieces =
        [Self.video.header] + (0..<10).map { Self.video.fragment(Double($0)..<Double($0 + 1)) }
      var byteCount = 0
      for (index, piece) in pieces.enumerated() {
        try await origin.connect { connection in
          try await connection.put(piece, "/tv/video/\(index == 0 ? "init.mp4" : "\(index).m4s")")
        }
        byteCount += piece.readableBytes
        while stage.point.takenByteCount < byteCount { await Task.yield() }
      }
      await stage.begin(behind: byteCount)
      _ = try await origin.found("/tv/main.m3u8")
      try await origin.connect { connection in
        try await connection.put(EncodedTrack.ending, "/tv/video/11.m4s")
      }
      while !(try await origin.found("/tv/video-720p.m3u8").contains("#EXT-X-ENDLIST")) {}
    }
  }

  @Test func `publishers that leave in the middle leave nothing behind`() async throws {
    try await withPublishing { origin, _ in
      // More than may be under way at a time.
      for _ in 0..<100 {
        try await origin.connect { connection in
          try await connection.send("POST", "/tv/video.cmfv", ["Content-Length: 100000"])
          try await connection.send(bytes: Self.video.header)
        }
      }
      while true {
        let status = try await origin.connect { connection in
          try await connection.put(Self.video.header, "/tv/video.cmfv")
          return try await connection.reply().status
        }
        if status == 200 { break }
        // Until the last of them is seen to be gone.
        #expect(status == 503)
      }
    }
  }
}

/// What a test knows of a publishing point, beside what it says over sockets.
private struct Stage {
  let point: PublishingPoint
  let clock: Clock

  /// Lets the time pass that a title waits for further tracks, once all bytes have been looked at.
  func begin(behind byteCount: Int) async {
    while point.takenByteCount < byteCount { await Task.yield() }
    clock.advance(1_500_000_000)
  }
}

/// What time it is, as a test says.
private final class Clock: Sendable {
  private let time: Mutex<Int64>

  init(_ time: Int64) { self.time = Mutex(time) }

  var now: Int64 { time.withLock { $0 } }

  func advance(_ nanoseconds: Int64) { time.withLock { $0 += nanoseconds } }
}

extension RunningOrigin {
  /// What is at a path, once it is there.
  fileprivate func found(_ path: String) async throws -> String {
    while true {
      let reply = try await fetch(path)
      if reply.status == 200 { return reply.text }
    }
  }
}

extension RawConnection {
  fileprivate func put(_ bytes: ByteBuffer, _ target: String) async throws {
    try await send("PUT", target, ["Content-Length: \(bytes.readableBytes)"])
    try await send(bytes: bytes)
  }

  fileprivate func send(chunk bytes: ByteBuffer) async throws {
    try await send(String(bytes.readableBytes, radix: 16) + "\r\n")
    try await send(bytes: bytes)
    try await send("\r\n")
  }
}

extension FrameConnection {
  /// In as many frames as it takes.
  fileprivate mutating func data(
    _ bytes: ByteBuffer, stream: Int, isLast: Bool = false
  ) async throws {
    var bytes = bytes
    while let piece = bytes.readSlice(length: min(16_384, bytes.readableBytes)),
      piece.readableBytes > 0
    {
      let flags: UInt8 = isLast && bytes.readableBytes == 0 ? 1 : 0
      try await send(Frame(kind: .data, flags: flags, stream: stream, payload: piece))
    }
  }
}
