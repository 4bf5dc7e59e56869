import Choices
import Episodes
import Foundation
import HLS
import Library
import Live
import MediaCore
import NIOCore
import NIOEmbedded
import Presentation
import Synchronization
import Testing

@testable import Origin

/// Screenings over a real socket, by a clock that the test sets. Segments of two seconds, so that hold-back
/// is 6 s, and votes are counted 8.5 s behind the lock.
@Suite struct ScreeningServingTests {
  private static let version = "0123456789abcdef"
  /// 2027-01-15T08:00:00Z
  private static let start: Int64 = 1_800_000_000_000
  private let folder: MediaFolder
  private let titles: FakeTitles
  private let clock = ManualClock(ScreeningServingTests.start)

  private final class ManualClock: Sendable {
    private let milliseconds: Mutex<Int64>
    init(_ milliseconds: Int64) { self.milliseconds = Mutex(milliseconds) }
    var now: Int64 { milliseconds.withLock { $0 } }
    /// To so many milliseconds behind the start.
    func set(_ time: Int64) { milliseconds.withLock { $0 = ScreeningServingTests.start + time } }
  }

  init() throws {
    folder = try MediaFolder()
    titles = FakeTitles([try folder.title("film"), try Self.offer(in: folder)])
  }

  /// s1, 24 s: a choice from 2 s to 6 s; left: s2, right, the default: s3, never. Each 6 s and an end.
  private static func offer(in folder: MediaFolder) throws -> ServedTitle {
    let choice = Choice(
      id: "k1", at: 2000, length: 4000,
      options: [
        ChoiceOption(id: "left", goto: .scene("s2")), ChoiceOption(id: "right", goto: .scene("s3")),
        ChoiceOption(id: "never", when: .literal(0), goto: .scene("s2")),
      ], fallback: .option(1))
    return try folder.offer(
      version, choice: choice, endings: [("s2", "e"), ("s3", "f")],
      scenes: [
        "s1": try folder.title("s1", segmentByteCounts: Array(repeating: 1000, count: 12)),
        "s2": try folder.title("s2", seed: 1), "s3": try folder.title("s3", seed: 2),
      ])
  }

  private func serving(
    state: String? = nil, _ configure: (inout OriginServer.Configuration) -> Void = { _ in },
    _ body: (RunningOrigin) async throws -> Void
  ) async throws {
    try await withOrigin(titles) {
      $0.choices = ChoiceLedger(path: folder.path + "/\(state ?? "state")/choices.sqlite")
      $0.wallClock = { [clock] in clock.now }
      // However busy the machine is, nobody has waited too long.
      $0.limits.sweepInterval = .hours(1)
      $0.limits.writeTimeout = .hours(24)
      configure(&$0)
    } _: {
      try await body($0)
    }
  }

  private func post(_ origin: RunningOrigin, _ target: String, _ text: String) async throws -> Reply
  {
    try await origin.connect { connection in
      try await connection.send(
        "POST", target, ["Content-Type: application/json", "Content-Length: 512"])
      try await connection.send(text + String(repeating: " ", count: 512 - text.utf8.count))
      return try await connection.reply()
    }
  }

  /// Opens a screening.
  /// - Returns: its folder.
  private func open(_ origin: RunningOrigin, _ text: String = "{}") async throws -> String {
    let reply = try await post(origin, "/offer/screenings", text)
    #expect(reply.status == 201, "\(reply.text)")
    let main = try #require(reply["Location"])
    #expect(main.hasPrefix("/offer/screenings/") && main.hasSuffix("/main.m3u8"))
    #expect(reply.text.contains("\"hls\": \"\(main)\""))
    return String(main.dropLast("main.m3u8".count))
  }

  private func vote(
    _ origin: RunningOrigin, _ folder: String, _ viewer: String, _ option: Int,
    choice: String = "k1", occurrence: Int = 1
  ) async throws -> Reply {
    try await post(
      origin, folder + "votes",
      #"{"choice": "\#(choice)", "occurrence": \#(occurrence), "option": \#(option), "#
        + #""viewer": "\#(viewer)"}"#)
  }

  /// Sets the clock forward to each segment, and waits until that is published.
  private func play(
    _ origin: RunningOrigin, _ folder: String, from first: Int, through last: Int
  ) async throws -> String {
    var text = ""
    for segment in first...last {
      // Three are there at the beginning.
      clock.set(2000 * Int64(segment) - 6000)
      let reply = try await origin.fetch(folder + "video.m3u8?_HLS_msn=\(segment)")
      #expect(reply.status == 200, "\(reply.text)")
      text = reply.text
    }
    return text
  }

  @Test func `a screening from its opening to its end`() async throws {
    try await serving { origin in
      let folder = try await open(origin)
      let main = try await origin.fetch(folder + "main.m3u8")
      #expect(main.text.contains("\nvideo.m3u8\n"))
      #expect(!main.text.contains("I-FRAME"))
      // R1, R2, R4: a whole hold-back is there at once, from number 1 on.
      let first = try await origin.fetch(folder + "video.m3u8")
      // Parts of a playlist that grows would be of different versions.
      let part = try await origin.fetch(folder + "video.m3u8", ["Range: bytes=0-99"])
      #expect(part.status == 200 && part.body == first.body)
      #expect(part["Accept-Ranges"] == nil && part["Content-Range"] == nil)
      #expect(
        first.text.hasPrefix(
          """
          #EXTM3U
          #EXT-X-VERSION:6
          #EXT-X-TARGETDURATION:2
          #EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,CAN-SKIP-UNTIL=12.000000,CAN-SKIP-DATERANGES=YES,HOLD-BACK=6.000000
          #EXT-X-MEDIA-SEQUENCE:1
          #EXT-X-DISCONTINUITY-SEQUENCE:0
          #EXT-X-INDEPENDENT-SEGMENTS
          #EXT-X-MAP:URI="/offer/video/beef/init.mp4"
          #EXT-X-PROGRAM-DATE-TIME:2027-01-15T07:59:54.000Z
          #EXT-X-DATERANGE:ID="k1.1",
          """), "\(first.text)")
      #expect(first.text.hasSuffix(#"#EXT-X-RENDITION-REPORT:URI="audio.m3u8",LAST-MSN=3"# + "\n"))
      #expect(first["Cache-Control"] == "public, max-age=1")
      // The media is the episode's own.
      let media = first.text.split(separator: "\n").filter { $0.hasPrefix("/offer/s1/") }
      #expect(media.count == 3)
      for url in media { #expect(try await origin.fetch(String(url)).status == 200) }
      // R4: held until it is there; 400 for what is too far ahead.
      async let held = origin.fetch(folder + "audio.m3u8?_HLS_msn=4")
      let fourth = try await play(origin, folder, from: 4, through: 4)
      #expect(fourth.contains("/offer/s1/video/cafe01/4.m4s"))
      #expect(try await held.text.contains("/offer/s1/audio/cafe01/4.m4s"))
      #expect(try await origin.fetch(folder + "video.m3u8?_HLS_msn=40").status == 400)
      // The same on one timeline: HLS alone, and whole from its first request on.
      let one = try await origin.fetch(folder + "continuous/video.m3u8").text
      #expect(one.contains("/offer/s1/video/cafe01/4.m4s"))
      #expect(try await origin.fetch(folder + "continuous/main.m3u8").status == 200)
      #expect(try await origin.fetch(folder + "continuous/manifest.mpd").status == 404)
      // R7: the window is at 2 s to 6 s of the path; the votes are counted at 14.5 s.
      for viewer in 0..<5 {
        #expect(try await vote(origin, folder, "v\(viewer)", viewer < 3 ? 0 : 1).status == 200)
      }
      // The last word counts.
      #expect(try await vote(origin, folder, "v4", 0).text.hasPrefix(#"{"state": "counted""#))
      let tally = try await origin.fetch(folder + "votes")
      #expect(tally["Cache-Control"] == "public, max-age=1")
      #expect(tally.text.contains(#""locks": "2027-01-15T08:00:00.000Z""#))
      #expect(tally.text.contains(#""counted": "2027-01-15T08:00:08.500Z""#))
      #expect(tally.text.contains(#""counts": {"0": 4, "1": 1}}"#))
      let decided = try await play(origin, folder, from: 5, through: 8)
      #expect(decided.contains(#"X-CHOSEN="0",X-BY="vote",X-TALLY="0:4,1:1""#))
      let late = try await vote(origin, folder, "v9", 1)
      #expect(late.status == 410)
      #expect(late.text == #"{"state": "decided", "option": 0, "by": "vote"}"# + "\n")
      // R8: the last segment and the end come together.
      let end = try await play(origin, folder, from: 9, through: 15)
      #expect(end.contains("/offer/s2/video/cafe01/3.m4s\n#EXT-X-ENDLIST\n"))
      #expect(!end.contains("SERVER-CONTROL"))
      let moved = try await origin.fetch(folder + "continuous/video.m3u8?_HLS_msn=15").text
      #expect(moved.hasSuffix("/offer/s2/video/cafe01/3;o=24000.m4s\n#EXT-X-ENDLIST\n"))
      #expect(!moved.contains("#EXT-X-DISCONTINUITY\n"))
      #expect(try await origin.fetch(folder + "manifest.mpd").text.contains("type=\"dynamic\""))
      // Long after that it is the path that it took.
      clock.set(24_000 + 6000)
      while try await origin.fetch(folder + "manifest.mpd").text.contains("type=\"dynamic\"") {}
      clock.set(24_000 + 601_000)
      let after = try await origin.fetch(folder + "main.m3u8")
      #expect(after.status == 302)
      #expect(after["Location"] == "/offer/paths/\(Self.version)/0/main.m3u8")
      #expect(try await origin.fetch(folder + "video.m3u8").status == 410)
    }
  }

  @Test func `R5: origins that share a ledger say the same, also one that has just been started`()
    async throws
  {
    try await serving { first in
      let folder = try await open(first)
      #expect(try await vote(first, folder, "a", 0).status == 200)
      let documents = ["main.m3u8", "video.m3u8", "audio.m3u8", "manifest.mpd"]
      var before: [String] = []
      clock.set(6000)
      _ = try await first.fetch(folder + "video.m3u8?_HLS_msn=6")
      for name in documents { before.append(try await first.fetch(folder + name).text) }
      try await serving { second in
        #expect(try await vote(second, folder, "b", 0).status == 200)
        #expect(try await vote(second, folder, "c", 1).status == 200)
        for (name, text) in zip(documents, before) {
          #expect(try await second.fetch(folder + name).text == text)
        }
        // Whoever counts first decides for both.
        _ = try await play(second, folder, from: 7, through: 11)
        _ = try await first.fetch(folder + "video.m3u8?_HLS_msn=11")
        for name in documents {
          let text = try await first.fetch(folder + name).text
          #expect(try await second.fetch(folder + name).text == text)
        }
      }
      // A third one begins where they are.
      try await serving { third in
        let text = try await third.fetch(folder + "video.m3u8").text
        #expect(text.contains(#"X-CHOSEN="0",X-BY="vote",X-TALLY="0:2,1:1""#))
        #expect(try await first.fetch(folder + "video.m3u8").text == text)
      }
    }
  }

  @Test func `one that has ended makes room for another`() async throws {
    try await serving { origin in
      for _ in 1..<ChoiceLimits.screeningCount { _ = try await open(origin) }
      let last = try await open(origin)
      #expect(try await post(origin, "/offer/screenings", "{}").status == 503)
      _ = try await play(origin, last, from: 4, through: 15)
      while try await post(origin, "/offer/screenings", "{}").status == 503 {}
    }
  }

  @Test func `R4: who has waited for three target durations gets 503, never the same again`() throws
  {
    let loop = EmbeddedEventLoop()
    let presented = try #require(try Self.offer(in: folder).episode?.presented)
    let title = try ScreeningTitle(
      Screening(id: "1", episode: "offer", version: Self.version, start: Self.start), of: presented)
    _ = title.advance(now: Self.start)
    let holds = LiveHolds(eventLoop: loop, limits: Limits())
    let start = NIODeadline.now()
    var answers: [LiveFound?] = []
    let next = LiveKey.playlist(
      track: "video", .parts, ReloadDirectives(position: .init(segment: 4)))
    holds.find(next, of: title, now: start) { answers.append($0.found) }
    holds.expire(now: start + .milliseconds(5999))
    #expect(answers.isEmpty)
    holds.expire(now: start + .seconds(6))
    #expect(answers.count == 1)
    #expect(answers.allSatisfy { $0 == nil })
    // What is there already is answered at once.
    let present = LiveKey.playlist(
      track: "video", .parts, ReloadDirectives(position: .init(segment: 3)))
    holds.find(present, of: title, now: start) { answers.append($0.found) }
    #expect(answers.count == 2)
    #expect(holds.count == 0)
  }

  @Test func `R7: silence and ties take the default`() async throws {
    try await serving { origin in
      let (silent, tied) = (try await open(origin), try await open(origin))
      #expect(try await vote(origin, tied, "a", 0).status == 200)
      #expect(try await vote(origin, tied, "b", 1).status == 200)
      let first = try await play(origin, silent, from: 4, through: 9)
      #expect(first.contains(#"X-CHOSEN="1",X-BY="default""# + "\n"))
      let second = try await play(origin, tied, from: 9, through: 9)
      #expect(second.contains(#"X-CHOSEN="1",X-BY="default",X-TALLY="0:1,1:1""#))
    }
  }

  @Test func `what is not right is refused in one sentence`() async throws {
    try await serving {
      $0.limits.clientVoteCount = 3
    } _: { origin in
      let folder = try await open(origin, #"{"start": "2027-01-15T08:00:10Z"}"#)
      #expect(try await origin.fetch(folder + "main.m3u8").status == 200)
      let early = try await open(origin)
      let table: [(String, String, Int)] = [
        ("/film/screenings", "{}", 404), ("/none/screenings", "{}", 404),
        ("/offer/screenings", "[]", 400), ("/offer/screenings", #"{"when": "now"}"#, 400),
        ("/offer/screenings", #"{"start": "2027-01-15T07:00:00Z"}"#, 400),
        ("/offer/screenings", #"{"start": "2027-01-17T07:00:00Z"}"#, 400),
        ("/offer/screenings/none/votes", "{}", 400),
        (
          "/offer/screenings/none/votes",
          #"{"choice": "k1", "occurrence": 1, "option": 0, "viewer": "a"}"#, 404
        ),
        (early + "votes", #"{"choice": "k1", "occurrence": 1, "option": 0, "viewer": ""}"#, 400),
        (
          early + "votes",
          #"{"choice": "k1", "occurrence": 1, "option": 0, "viewer": "\#(String(repeating: "a", count: 65))"}"#,
          400
        ),
        (early + "votes", #"{"choice": "k9", "occurrence": 1, "option": 0, "viewer": "a"}"#, 409),
        (early + "votes", #"{"choice": "k1", "occurrence": 2, "option": 0, "viewer": "a"}"#, 409),
        (early + "votes", #"{"choice": "k1", "occurrence": 1, "option": 2, "viewer": "a"}"#, 404),
        (early + "votes", #"{"choice": "k1", "occurrence": 1, "option": 7, "viewer": "a"}"#, 404),
      ]
      for (target, body, status) in table {
        let reply = try await post(origin, target, body)
        #expect(reply.status == status, "\(target) \(body) \(reply.text)")
      }
      for viewer in 0..<5 {
        let reply = try await vote(origin, early, "v\(viewer)", 0)
        #expect(reply.status == (viewer < 3 ? 200 : 429))
      }
      #expect(try await origin.fetch("/offer/screenings").status == 405)
      #expect(try await origin.fetch("/offer/screenings/none/main.m3u8").status == 404)
      #expect(try await origin.fetch(early + "chapters.json").status == 404)
      #expect(try await origin.fetch(early + "none.m3u8").status == 404)
      #expect(try await origin.fetch(early + "video.m3u8?_HLS_part=1").status == 400)
      let preflight = try await origin.fetch(early + "votes", method: "OPTIONS")
      #expect(preflight["Access-Control-Allow-Methods"] == "POST, OPTIONS")
    }
    try await withOrigin(titles) { origin in
      let reply = try await post(origin, "/offer/screenings", "{}")
      #expect(reply.status == 404)
      #expect(reply.text == "This origin keeps no choices.\n")
    }
  }
}
