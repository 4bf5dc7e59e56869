import Foundation
import Logging
import NIOCore
import NIOHTTP1
import Testing

@testable import Origin

@Suite struct AccessLogTests {
  private func entry(
    _ target: String, _ fields: [(String, String)] = [],
    change: (inout ExchangeRecord) -> Void = { _ in }
  ) -> AccessEntry {
    let head = HTTPRequestHead(
      version: .http1_1, method: .GET, uri: target, headers: HTTPHeaders([("Host", "a")] + fields))
    let begin = NIODeadline.uptimeNanoseconds(5)
    var record = ExchangeRecord(begin: begin)
    record.status = 200
    record.byteCount = 1234
    record.isComplete = true
    record.firstByte = begin + .microseconds(250)
    record.end = begin + .milliseconds(2)
    change(&record)
    var request = Request(head, limits: Limits())
    request.client = ClientIdentity(IPAddress("192.0.2.7"), trusted: TrustedEdges())
    return AccessEntry(
      record: record, request: request, client: request.client.text,
      time: 784_111_777_042)
  }

  @Test func `a combined line is what Apache and nginx write`() {
    let entry = entry(
      "/film/main.m3u8", [("Referer", "https://a.example/"), ("User-Agent", "player/1")])
    #expect(
      entry.line(.combined)
        == "192.0.2.7 - - [06/Nov/1994:08:49:37 +0000] \"GET /film/main.m3u8 HTTP/1.1\" 200 1234 "
        + "\"https://a.example/\" \"player/1\"\n")
  }

  @Test func `a JSON line has all there is`() {
    let entry = entry(
      "/film/video/a1/2.m4s?CMCD=bl%3D2000%2Cbs%2Csid%3D%22x%22",
      [("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")]
    ) {
      $0.leads(to: .segment(title: "film", track: "video", version: "a1", number: 2))
      $0.isAtHand = false
    }
    #expect(
      entry.line(.json)
        == "{\"time\":\"1994-11-06T08:49:37.042Z\",\"client\":\"192.0.2.7\",\"protocol\":\"HTTP/1.1\","
        + "\"method\":\"GET\",\"target\":\"/film/video/a1/2.m4s?CMCD=bl%3D2000%2Cbs%2Csid%3D%22x%22\","
        + "\"status\":200,\"bytes\":1234,\"complete\":true,\"first_byte\":0.00025,\"duration\":0.002,"
        + "\"class\":\"segment\",\"title\":\"film\",\"cache\":\"miss\","
        + "\"trace\":\"4bf92f3577b34da6a3ce929d0e0e4736\",\"parent\":\"00f067aa0ba902b7\","
        + "\"cmcd\":{\"bl\":2000,\"bs\":true,\"sid\":\"x\"}}\n")
  }

  @Test func `a client that left before the response is 499 or has no status`() {
    let entry = entry("/film/main.m3u8") {
      $0.status = nil
      $0.firstByte = nil
      $0.isComplete = false
    }
    #expect(entry.line(.combined).contains("\" 499 1234 "))
    #expect(!entry.line(.json).contains("status"))
    #expect(entry.line(.json).contains("\"complete\":false"))
  }

  /// Whatever a client sends: one line, and one that can be read.
  @Test(arguments: [
    "a\r\nb", "a\"b\\c", "\u{1b}[2J", "\u{85}\u{2028}", "é", "\u{0}",
    String(repeating: "x", count: 9000),
  ])
  func `no client writes a line of its own`(text: String) throws {
    let entry = entry("/x", [("User-Agent", text), ("Referer", text)])
    for format in AccessLogFormat.allCases {
      let line = entry.line(format)
      #expect(line.unicodeScalars.filter { $0.value < 0x20 }.map(\.value) == [10])
      #expect(!line.unicodeScalars.contains("\u{2028}"))
      #expect(line.utf8.count < 6000 * 4)
    }
    let object = try JSONSerialization.jsonObject(with: Data(entry.line(.json).utf8))
    let agent = try #require((object as? [String: Any])?["agent"] as? String)
    #expect(agent == String(text.prefix(Limits.loggedFieldByteCount)))
    #expect(entry.line(.combined).split(separator: "\"").count == 7)
  }

  @Test(arguments: [
    ("/a/main.m3u8", "/a/main.m3u8"),
    ("/a/main.m3u8?max-height=720", "/a/main.m3u8?max-height=720"),
    ("/a?token=secret&max-height=720&sig=x=y", "/a?max-height=720&sig=-"),
    ("https://a.example/signed/secret/film/main.m3u8?x=1", "https://a.example/film/main.m3u8?x=-"),
    ("/signed/secret/a?token=secret", "/a"), ("/a?secret", "/a?-"), ("/a?", "/a?-"),
    ("/a?_HLS_msn=4", "/a?_HLS_msn=4"),
    ("/a?CMCD=nor%3D%22b%3Fsig%3Dx%22", "/a?CMCD=-"), ("/a?Max-Height=secret", "/a?Max-Height=-"),
  ])
  func `what may open something is left out of a target`(target: String, written: String) {
    #expect(AccessEntry.redacted(target) == written)
  }

  @Test(arguments: [
    ("192.0.2.77", "192.0.2.0"), ("2001:db8:85a3:8d3:1319:8a2e:370:7348", "2001:db8:85a3::"),
    ("2001:db8::1", "2001:db8::"), ("::1", "::"), ("::ffff:192.0.2.1", "::"), ("x", "-"),
  ])
  func `an anonymous address names no household`(address: String, cut: String) {
    #expect(AccessEntry.anonymized(address) == cut)
  }

  // MARK: On a disk

  private func withLog(
    _ format: AccessLogFormat, _ body: (RunningOrigin, AccessLog, String) async throws -> Void
  ) async throws -> [Substring] {
    let folder = try MediaFolder()
    let titles = FakeTitles([try folder.title("film")])
    let path = folder.path + "/access.log"
    let log = try AccessLog(path: path, format: format, isAnonymous: true)
    try await withOrigin(titles) {
      $0.accessLog = log
    } _: {
      try await body($0, log, path)
    }
    return try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
  }

  @Test func `each response is a line`() async throws {
    let lines = try await withLog(.json) { origin, _, _ in
      _ = try await origin.fetch("/film/main.m3u8?token=secret")
      _ = try await origin.fetch("/film/video/cafe01/1.m4s", ["Range: bytes=0-9"])
      _ = try await origin.fetch("/film/video/cafe01/8.m4s", method: "HEAD")
      try await origin.connect { connection in
        try await connection.send("nonsense\r\n\r\n")
        _ = try await connection.reply()
      }
    }
    #expect(lines.count == 4)
    let parts = [
      ["\"class\":\"multivariant\"", "\"status\":200", "\"target\":\"/film/main.m3u8\""],
      ["\"status\":206", "\"bytes\":10,", "\"title\":\"film\"", "\"client\":\"127.0.0.0\""],
      ["\"status\":404", "\"bytes\":0,", "\"method\":\"HEAD\""],
      ["\"status\":400", "\"class\":\"other\""],
    ]
    for (index, expected) in parts.enumerated() {
      // Loops hand over by themselves: lines of two connections may change places.
      #expect(lines.contains { line in expected.allSatisfy { line.contains($0) } }, "\(index)")
    }
    #expect(!lines.contains { $0.contains("secret") })
  }

  @Test func `a renamed log is opened again`() async throws {
    let folder = try MediaFolder()
    let path = folder.path + "/access.log"
    let log = try AccessLog(path: path, format: .combined)
    log.take(ByteBuffer(string: "one\n"), count: 1)
    await log.settle()
    try FileManager.default.moveItem(atPath: path, toPath: path + ".1")
    log.take(ByteBuffer(string: "two\n"), count: 1)
    log.reopen(Logger(label: "test"))
    log.take(ByteBuffer(string: "three\n"), count: 1)
    await log.settle()
    #expect(try String(contentsOfFile: path + ".1", encoding: .utf8) == "one\ntwo\n")
    #expect(try String(contentsOfFile: path, encoding: .utf8) == "three\n")
    #expect(log.lineCounts.written == 3)
  }

  @Test func `lines that are too many, or cannot be written, are counted`() async throws {
    let folder = try MediaFolder()
    let log = try AccessLog(path: folder.path + "/access.log", format: .combined)
    log.take(ByteBuffer(repeating: 0, count: Limits.waitingLogByteCount + 1), count: 7)
    #expect(log.lineCounts.dropped == 7)
    let full = try AccessLog(path: "/dev/full", format: .combined)
    full.take(ByteBuffer(string: "x\n"), count: 1)
    await full.settle()
    #expect(full.lineCounts == (0, 1))
  }
}
