import Choices
import Episodes
import Foundation
import Library
import NIOCore
import Presentation
import Testing

@testable import Origin

/// Reports and statistics over a real socket.
@Suite struct ChoiceServingTests {
  private static let version = "0123456789abcdef"
  private let folder: MediaFolder
  private let titles: FakeTitles
  private let ledger: ChoiceLedger

  init() throws {
    folder = try MediaFolder()
    titles = FakeTitles([
      try folder.title("film"), try Self.offer(in: folder, version: Self.version),
    ])
    ledger = ChoiceLedger(path: folder.path + "/state/choices.sqlite")
  }

  /// s1 → left: s1 again; right: s2, the end; never.
  private static func offer(in folder: MediaFolder, version: String) throws -> ServedTitle {
    let choice = Choice(
      id: "k1", at: 1000, length: 2000,
      options: [
        ChoiceOption(id: "left", goto: .scene("s1")), ChoiceOption(id: "right", goto: .scene("s2")),
        ChoiceOption(id: "never", when: .literal(0), goto: .scene("s2")),
      ])
    return try folder.offer(
      version, title: "The <Offer>", choice: choice, endings: [("s2", "e")],
      scenes: ["s1": try folder.title("s1", seed: 1), "s2": try folder.title("s2", seed: 2)])
  }

  private static func body(
    _ path: String = "_", _ option: Int = 1, run: Int = 1, occurrence: Int = 1,
    choice: String = "k1", version: String = version, at: String = "2.5"
  ) -> String {
    let text =
      #"{"version": "\#(version)", "run": "00000000-0000-4000-8000-0000000000\#(run + 10)", "#
      + #""path": "\#(path)", "choice": "\#(choice)", "occurrence": \#(occurrence), "#
      + #""option": \#(option), "by": "viewer", "at": \#(at)}"#
    return text + String(repeating: " ", count: 512 - text.utf8.count)
  }

  private static let fields = ["Content-Type: application/json", "Content-Length: 512"]

  /// One report on a connection of its own.
  private func post(
    _ origin: RunningOrigin, _ target: String, _ body: String = Self.body()
  ) async throws -> Reply {
    try await origin.connect { connection in
      try await connection.send("POST", target, Self.fields)
      try await connection.send(body)
      return try await connection.reply()
    }
  }

  private func serving(
    _ configure: (inout OriginServer.Configuration) -> Void = { _ in },
    _ body: (RunningOrigin) async throws -> Void
  ) async throws {
    try await withOrigin(titles) {
      $0.choices = ledger
      configure(&$0)
    } _: { origin in
      try await body(origin)
    }
  }

  @Test func `every report has the answer of the table, on one connection`() async throws {
    let table: [(String, Int, String)] = [
      (Self.body("_", 0), 200, #"{"state": "recorded", "path": "0"}"#),
      (Self.body("_", 0), 200, #"{"state": "recorded", "path": "0"}"#),
      (Self.body("_", 1), 409, #"{"state": "other", "path": "0"}"#),
      (Self.body("0", 1, occurrence: 2), 200, #"{"state": "recorded", "path": "01"}"#),
      // Lost: no report of "_" came from this run.
      (Self.body("00", 1, run: 2, occurrence: 3), 200, #"{"state": "recorded", "path": "001"}"#),
      // Late: the report before came after all.
      (Self.body("0", 0, run: 2, occurrence: 2), 200, #"{"state": "recorded", "path": "00"}"#),
      (Self.body("0", 1, occurrence: 1), 409, #"{"state": "early"}"#),
      (Self.body("_", 1, choice: "k2"), 409, #"{"state": "early"}"#),
      (Self.body("1", 0, occurrence: 2), 409, #"{"state": "early"}"#),
      (Self.body("_", 2), 404, "Never of k1 in s1 cannot be chosen after this path."),
      (Self.body("_", 9), 404, "K1 in s1 has 3 options"),
      (Self.body("10", 0), 404, "The path has 1 digits behind its ending in s2."),
      (Self.body("@s2.-._", 0), 404, "The path starts at s2, which is no checkpoint."),
      (Self.body("_", 1, at: "1e9"), 400, "The report's \"at\" is not a time"),
      (Self.body("_", -1), 400, "The report's \"option\" is not an integer"),
      (
        Self.body(version: "fedcba9876543210"), 410,
        #"{"state": "changed", "version": "\#(Self.version)", "scene": "s1"}"#
      ),
      (
        Self.body(choice: "k9", version: "fedcba9876543210"), 410,
        #"{"state": "changed", "version": "\#(Self.version)", "scene": null}"#
      ),
      (String(repeating: "x", count: 512), 400, "The report lacks a '{'"),
    ]
    try await serving { origin in
      try await origin.connect { connection in
        for (body, status, answer) in table {
          try await connection.send("POST", "/offer/choices", Self.fields)
          try await connection.send(body)
          let reply = try await connection.reply()
          #expect(reply.status == status, "\(body) \(reply.text)")
          #expect(reply.text.hasPrefix(answer), "\(reply.text)")
          #expect(reply["Cache-Control"] == "no-store")
          #expect(reply["Access-Control-Allow-Origin"] == "*")
          let type = answer.hasPrefix("{") ? "application/json" : "text/plain; charset=utf-8"
          #expect(reply["Content-Type"] == type)
        }
      }
    }
  }

  @Test func `an episode that changed keeps what was chosen before`() async throws {
    try await serving { origin in
      #expect(try await post(origin, "/offer/choices", Self.body()).status == 200)
      let new = "00000000000000aa"
      titles.publish(try Self.offer(in: folder, version: new))
      // The loops may believe the old one for another moment; the desk asks anew.
      #expect(try await post(origin, "/offer/choices", Self.body("_", 0, run: 2)).status == 410)
      #expect(
        try await post(origin, "/offer/choices", Self.body("_", 0, run: 2, version: new)).status
          == 200)
      let old = try await origin.fetch("/offer/statistics?version=\(Self.version)")
      #expect(old.text.contains("\"reports\" : 2") && old.text.contains("\"present\" : false"))
      let unknown = try await origin.fetch("/offer/statistics?version=00000000000000bb")
      #expect(unknown.status == 404)
    }
  }

  @Test(arguments: [
    ("POST", "/offer/choices", ["Content-Type: application/json"], 411),
    ("POST", "/offer/choices", ["Content-Type: application/json", "Content-Length: 511"], 413),
    ("POST", "/offer/choices", ["Content-Type: application/json", "Content-Length: 0"], 413),
    ("POST", "/offer/choices", ["Content-Type: application/json", "Content-Length: 0512"], 413),
    (
      "POST", "/offer/choices", ["Content-Type: application/json", "Content-Length: 99999999"], 413
    ),
    ("POST", "/offer/choices", ["Content-Length: 512"], 415),
    ("POST", "/offer/choices", ["Content-Type: text/plain", "Content-Length: 512"], 415),
    (
      "POST", "/offer/choices",
      ["Content-Type: application/json; charset=latin1", "Content-Length: 512"], 415
    ),
    (
      "POST", "/offer/choices",
      ["Content-Type: application/json", "Content-Encoding: gzip", "Content-Length: 512"], 415
    ),
    (
      "POST", "/offer/choices",
      ["Content-Type: application/json", "Transfer-Encoding: chunked"], 411
    ),
    (
      "POST", "/offer/choices",
      ["Content-Type: application/json", "Content-Length: 512", "Transfer-Encoding: chunked"], 400
    ),
    (
      "POST", "/offer/choices",
      ["Content-Type: application/json", "Content-Length: 512", "Content-Length: 511"], 400
    ),
    (
      "POST", "/offer/choices",
      ["Content-Type: application/json", "Content-Length: 512", "Expect: more"], 417
    ),
    ("GET", "/offer/choices", [], 405), ("PUT", "/offer/choices", [], 405),
    ("POST", "/offer/statistics", [], 405), ("DELETE", "/offer/statistics", [], 405),
    ("POST", "/play/choices", [], 405), ("POST", "/healthz/choices", [], 405),
    ("POST", "/offer/choices/", ["Content-Type: application/json", "Content-Length: 512"], 405),
  ])
  func `a request that HTTP refuses is refused before its body`(
    method: String, target: String, fields: [String], status: Int
  ) async throws {
    try await serving { origin in
      try await origin.connect { connection in
        try await connection.send(method, target, fields)
        let reply = try await connection.reply()
        #expect(reply.status == status, "\(reply.text)")
        #expect(reply["Cache-Control"] == "no-store")
        if status == 405 {
          let isReports = target == "/offer/choices"
          #expect(reply["Allow"] == (isReports ? "POST, OPTIONS" : "GET, HEAD, OPTIONS"))
        }
        guard method == "POST", !fields.isEmpty else { return }
        // What was announced is never read as a request.
        #expect(reply["Connection"] == "close")
        try? await connection.send("GET", "/healthz")
        connection.finishSending()
        try await connection.expectEnd()
      }
    }
  }

  @Test func `reports are pipelined among other requests, byte by byte`() async throws {
    try await serving { origin in
      try await origin.connect { connection in
        let post =
          "POST /offer/choices HTTP/1.1\r\nHost: test\r\nContent-Length: 512\r\n"
          + "Content-Type: application/json; charset=utf-8\r\n\r\n"
        let hidden = "GET /smuggled HTTP/1.1\r\nHost: test\r\n\r\n"
        let padded = hidden + String(repeating: " ", count: 512 - hidden.utf8.count)
        let all =
          post + Self.body() + "GET /healthz HTTP/1.1\r\nHost: test\r\n\r\n" + post + padded + post
          + Self.body("_", 1, run: 3) + "GET /film/main.m3u8 HTTP/1.1\r\nHost: test\r\n\r\n"
        let expected = [200, 200, 400, 200, 200]
        try await connection.send(all)
        for status in expected { #expect(try await connection.reply().status == status) }
        for byte in all { try await connection.send(String(byte)) }
        for status in expected { #expect(try await connection.reply().status == status) }
        let last = try await origin.fetch("/offer/statistics?format=json")
        #expect(last.text.contains("\"reports\" : 2"))
      }
    }
  }

  @Test func `a client that waits for 100 is told to go on, in its turn`() async throws {
    try await serving { origin in
      try await origin.connect { connection in
        try await connection.send("GET", "/film/video.mp4")
        try await connection.send("POST", "/offer/choices", Self.fields + ["Expect: 100-Continue"])
        #expect(try await connection.reply().body.count == 70_801)
        #expect(try await connection.head().status == 100)
        try await connection.send(Self.body())
        #expect(try await connection.reply().status == 200)
        try await connection.send(
          "POST /offer/choices HTTP/1.1\r\nHost: test\r\nExpect: 100-continue\r\n"
            + Self.fields.map { $0 + "\r\n" }.joined() + "\r\n" + Self.body())
        #expect(try await connection.reply().status == 200, "the body was there already")
      }
    }
  }

  @Test func `a body that does not come to an end is answered so`() async throws {
    try await serving {
      $0.limits.headTimeout = .milliseconds(200)
      $0.limits.sweepInterval = .milliseconds(20)
    } _: { origin in
      var status: Int?
      // On a busy machine even the first byte may come too late: then without a word.
      while status == nil {
        status = try? await origin.connect { connection in
          try await connection.send("POST", "/offer/choices", Self.fields)
          try await connection.send("{")
          let reply = try await connection.reply()
          try await connection.expectEnd()
          return reply.status
        }
      }
      #expect(status == 408)
    }
  }

  @Test func `the preflight of a report is answered`() async throws {
    try await serving { origin in
      let reply = try await origin.fetch(
        "/offer/choices", method: "OPTIONS",
        [
          "Origin: https://player.example", "Access-Control-Request-Method: POST",
          "Access-Control-Request-Headers: content-type",
        ])
      #expect(reply.status == 204)
      #expect(reply["Access-Control-Allow-Origin"] == "*")
      #expect(reply["Access-Control-Allow-Methods"] == "POST, OPTIONS")
      #expect(reply["Access-Control-Allow-Headers"] == "Content-Type")
    }
  }

  @Test func `statistics are JSON for programs and a page for browsers`() async throws {
    let browser = "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
    try await serving { origin in
      try await origin.connect { connection in
        try await connection.send("POST", "/offer/choices", Self.fields)
        try await connection.send(Self.body())
        #expect(try await connection.reply().status == 200)
      }
      for (target, fields, isPage) in [
        ("/offer/statistics", [], false), ("/offer/statistics", [browser], true),
        ("/offer/statistics?format=json", [browser], false),
        ("/offer/statistics?format=html", ["Accept: application/json"], true),
        ("/offer/statistics", ["Accept: application/json, text/html"], false),
      ] as [(String, [String], Bool)] {
        let reply = try await origin.fetch(target, fields)
        #expect(reply.status == 200)
        let type = isPage ? "text/html; charset=utf-8" : "application/json"
        #expect(reply["Content-Type"] == type, "\(target) \(fields)")
        #expect(reply["Vary"] == "Accept, Accept-Encoding")
        #expect(reply["Cache-Control"] == "public, max-age=5")
        let tag = try #require(reply["ETag"])
        let again = try await origin.fetch(target, fields + ["If-None-Match: \(tag)"])
        #expect(again.status == 304)
        let head = try await origin.fetch(target, method: "HEAD", fields)
        #expect(head["Content-Length"] == "\(reply.body.count)" && head.body.isEmpty)
        if isPage {
          #expect(reply.text.contains("The &lt;Offer&gt;") && !reply.text.contains("<Offer>"))
        }
      }
      for (target, status) in [
        ("/film/statistics", 404), ("/nothing/statistics", 404),
        ("/offer/statistics?format=xml", 400), ("/offer/statistics?version=x", 400),
      ] {
        #expect(try await origin.fetch(target).status == status, "\(target)")
      }
    }
  }

  @Test func `a title that is no episode takes no reports, nor does an origin that keeps none`()
    async throws
  {
    try await serving { origin in
      for target in ["/film/choices", "/nothing/choices"] {
        let reply = try await post(origin, target)
        #expect(reply.status == 404 && reply["Cache-Control"] == "no-store")
      }
    }
    try await withOrigin(titles) {
      $0.choices = nil
    } _: { origin in
      let reply = try await post(origin, "/offer/choices")
      #expect(reply.status == 404)
      #expect(try await origin.fetch("/offer/statistics").status == 404)
      #expect(try await origin.fetch("/film/main.m3u8").status == 200)
    }
  }

  @Test func `a ledger that cannot be written answers 503, and titles are served`() async throws {
    try Data().write(to: URL(fileURLWithPath: folder.path + "/file"))
    let broken = ChoiceLedger(path: folder.path + "/file/choices.sqlite")
    try await withOrigin(titles) {
      $0.choices = broken
    } _: { origin in
      try await origin.connect { connection in
        try await connection.send("POST", "/offer/choices", Self.fields)
        try await connection.send(Self.body())
        let reply = try await connection.reply()
        #expect(reply.status == 503 && reply["Retry-After"] == "1")
        #expect(!reply.text.contains(folder.path))
      }
      #expect(try await origin.fetch("/film/main.m3u8").status == 200)
    }
  }
}
