import MediaCore
import NIOCore
import NIOHTTP1
import Testing

@testable import Origin

@Suite struct FaultTests {
  private let segment = "/film/video/cafe01/1.m4s"

  @Test(
    arguments: [
      ("delay=2s", [.delay(.seconds(2))]),
      ("delay=250ms,hang", [.delay(.milliseconds(250)), .hang]),
      ("route=segment,status=503", [.status(503)]), ("reset", [.reset]),
      ("truncate=1000", [.truncate(.bytes(1000))]), ("truncate=50%", [.truncate(.percent(50))]),
      ("slow=1000,corrupt,title=a*,track=v,rate=0.5,first=3", [.slow(1000), .corrupt]),
    ] as [(String, [FaultRule.Effect])])
  func `a rule is read`(text: String, effects: [FaultRule.Effect]) throws {
    #expect(try FaultRule(text).effects == effects)
  }

  @Test(arguments: [
    "", "route=segment", "route=segments,hang", "delay", "delay=2", "delay=-1s", "delay=11000s",
    "delay=nans", "status=200", "status=x", "truncate=101%", "truncate=-1", "slow=0", "rate=2,hang",
    "rate=nan,hang", "first=0,hang", "hang=1", "hang,,reset", "nonsense=1,hang", "title=,hang",
    "hang," + String(repeating: "x", count: 2000),
  ])
  func `what is no rule is told in a sentence`(text: String) {
    let error = #expect(throws: OriginError.self) { try FaultRule(text) }
    #expect(error?.code == .malformedFault)
    #expect(error?.message.hasPrefix("This is no fault: ") ?? false)
  }

  @Test(arguments: [
    ("video-*", "video-1080p", true), ("video-*", "video-", true), ("video-*", "audio", false),
    ("*", "", true), ("a*b*c", "axxbxxbc", true), ("a*b*c", "axxbxxb", false), ("a", "ab", false),
    ("", "", true), ("**a", "ba", true), (String(repeating: "*a", count: 60), "b", false),
  ])
  func `a star stands for anything`(pattern: String, name: String, matches: Bool) {
    #expect(Glob(pattern).matches(name) == matches)
  }

  @Test(arguments: [
    ("hang", true), ("route=segment,hang", true), ("route=header,route=segment,hang", true),
    ("route=header,hang", false), ("title=fi*,hang", true), ("title=x,hang", false),
    ("track=video,hang", true), ("track=audio,hang", false),
  ])
  func `a rule is about some requests`(text: String, isMet: Bool) throws {
    let route = try Router.route(.GET, segment)
    #expect(try FaultRule(text).matches(route) == isMet)
  }

  private func met(_ rule: String, seed: UInt64, count: Int = 1000) throws -> [Bool] {
    let plan = FaultPlan([try FaultRule(rule)], seed: seed, allowsField: false)
    return try (0..<count).map { number in
      let target = "/film/video/cafe01/\(number / 2 + 1).m4s"
      return try !plan.effects(on: Router.route(.GET, target), target: target, field: nil).isEmpty
    }
  }

  @Test func `chance is the same for the same seed, and near its rate`() throws {
    let met = try met("rate=0.1,hang", seed: 7)
    #expect(try self.met("rate=0.1,hang", seed: 7) == met)
    #expect(try self.met("rate=0.1,hang", seed: 8) != met)
    #expect((60...140).contains(met.count { $0 }))
    // A second try of what has failed is another draw.
    #expect(stride(from: 0, to: 1000, by: 2).contains { met[$0] != met[$0 + 1] })
    #expect(try !self.met("rate=0,hang", seed: 7).contains(true))
    #expect(try self.met("first=3,hang", seed: 7, count: 5) == [true, true, true, false, false])
  }

  // MARK: Over sockets

  private func withFaults(
    _ rules: [String], allowsField: Bool = false,
    _ body: (RunningOrigin) async throws -> Void
  ) async throws {
    let folder = try MediaFolder()
    let rules = try rules.map { try FaultRule($0) }
    try await withOrigin(FakeTitles([try folder.title("film")])) {
      $0.faults = rules
      $0.allowsFaultField = allowsField
    } _: {
      try await body($0)
    }
  }

  @Test func `a status takes the place of what was asked for`() async throws {
    try await withFaults(["route=segment,first=1,status=503"]) { origin in
      let reply = try await origin.fetch(segment)
      #expect(reply.status == 503)
      #expect(reply["Cache-Control"] == "public, max-age=1")
      #expect(try await origin.fetch(segment).status == 200)
      #expect(try await origin.fetch("/film/main.m3u8").status == 200)
    }
  }

  @Test(arguments: [("truncate=1000", 1000), ("truncate=50%", 20_000), ("truncate=0", 0)])
  func `a body ends too early`(rule: String, segmentByteCount: Int) async throws {
    try await withFaults([rule]) { origin in
      try await origin.connect { connection in
        try await connection.send("GET", segment)
        let head = try await connection.head()
        #expect(head["Content-Length"] == "40000")
        let bytes = await connection.bytesUntilEnd()
        #expect(bytes.count == segmentByteCount)
        let whole = MediaFolder.bytes(ByteRange(offset: 800, count: 40_000), seed: 7)
        #expect(bytes == Array(whole.prefix(segmentByteCount)))
      }
    }
  }

  @Test func `a reset connection has no response`() async throws {
    try await withFaults(["reset,route=multivariant"]) { origin in
      try await origin.connect { connection in
        try await connection.send("GET", "/film/main.m3u8")
        #expect(await connection.bytesUntilEnd() == [])
      }
    }
  }

  @Test func `some bytes are others`() async throws {
    try await withFaults(["corrupt,route=segment"]) { origin in
      let reply = try await origin.fetch(segment)
      let whole = MediaFolder.bytes(ByteRange(offset: 800, count: 40_000), seed: 7)
      #expect(reply.body.count == whole.count)
      #expect(zip(reply.body, whole).count { $0 != $1 } == 1)
    }
  }

  @Test func `late and slow responses are whole`() async throws {
    try await withFaults(["delay=20ms", "slow=400000,route=segment"]) { origin in
      let start = ContinuousClock.now
      let reply = try await origin.fetch(segment)
      #expect(ContinuousClock.now - start >= .milliseconds(110))
      #expect(
        reply.body == MediaFolder.bytes(ByteRange(offset: 800, count: 40_000), seed: 7))
      #expect(try await origin.fetch("/film/main.m3u8").status == 200)
    }
  }

  @Test func `a request asks for its own faults where it may`() async throws {
    let asked = ["Dougong-Fault: status=500"]
    let malformed = ["Dougong-Fault: nonsense"]
    let none: [String] = []
    for (allows, fields, status) in [
      (true, asked, 500), (true, none, 200), (true, malformed, 400), (false, asked, 200),
    ] {
      try await withFaults([], allowsField: allows) { origin in
        let reply = try await origin.fetch(segment, fields)
        #expect(reply.status == status)
      }
    }
  }
}
