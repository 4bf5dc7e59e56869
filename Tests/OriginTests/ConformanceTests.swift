import Foundation
import Library
import MediaCore
import NIOCore
import Testing

@testable import Origin

/// RFC 9110, 9111 and 9112 over a real socket, clause by clause.
@Suite struct ConformanceTests {
  private let folder: MediaFolder
  private let titles: FakeTitles

  init() throws {
    folder = try MediaFolder()
    let film = try folder.title("film")
    titles = FakeTitles([
      ServedTitle(
        title: film.title, documents: ["main.m3u8": Self.playlist, "short.m3u8": "#EXTM3U\n"],
        files: film.tracks.mapValues(\.file))
    ])
  }

  private static let playlist =
    "#EXTM3U\n" + (1...50).map { "#EXTINF:2.000,\nvideo/cafe01/\($0).m4s\n" }.joined()
  private static let segment = "/film/video/cafe01/1.m4s"
  private static let document = "/film/main.m3u8"
  private static let year = "public, max-age=31536000, immutable"

  @Test(arguments: Clause.all)
  func `a request is answered as the clause says`(request: Clause) async throws {
    try await withOrigin(titles) { origin in
      let reply = try await origin.fetch(
        request.target, method: request.method, request.fields)
      #expect(reply.status == request.status)
      for (name, value) in request.expected { #expect(reply[name] == value, "\(name)") }
      for name in request.absent { #expect(reply[name] == nil, "\(name)") }
      #expect(reply["Date"] != nil && reply["Age"] == nil && reply["Last-Modified"] == nil)
      #expect(reply["Content-Encoding"] != "identity")
      #expect(reply["Cache-Control"] != nil)
    }
  }

  struct Clause: CustomTestStringConvertible, Sendable {
    var clause: String
    var method = "GET"
    var target: String
    var fields: [String] = []
    var status: Int
    var expected: [String: String] = [:]
    var absent: [String] = []

    var testDescription: String { "\(clause): \(method) \(target) \(fields)" }

    static let all: [Clause] = coding + conditions + ranges + statuses

    private static let coding: [Clause] = [
      Clause(
        clause: "9110 §12.5.5, no choice, no Vary", target: segment,
        fields: ["Accept-Encoding: gzip, br"], status: 200, expected: ["Content-Length": "40000"],
        absent: ["Vary", "Content-Encoding"]),
      Clause(
        clause: "9110 §12.5.5, too short to choose", target: "/film/short.m3u8",
        fields: ["Accept-Encoding: gzip"], status: 200, absent: ["Vary", "Content-Encoding"]),
      Clause(
        clause: "9110 §12.5.5, Vary also on what is not coded", target: document, status: 200,
        expected: ["Vary": "Accept-Encoding", "Content-Length": "\(playlist.utf8.count)"],
        absent: ["Content-Encoding"]),
      Clause(
        clause: "9110 §8.4, gzip", target: document, fields: ["Accept-Encoding: gzip"], status: 200,
        expected: ["Content-Encoding": "gzip", "Vary": "Accept-Encoding"]),
      Clause(
        clause: "9110 §8.4, br", target: document, fields: ["Accept-Encoding: gzip, deflate, br"],
        status: 200, expected: ["Content-Encoding": "br"]),
      Clause(
        clause: "9110 §5.3, a list in two fields", target: document,
        fields: ["Accept-Encoding: deflate", "Accept-Encoding: gzip"], status: 200,
        expected: ["Content-Encoding": "gzip"]),
      Clause(
        clause: "9110 §12.5.3, identity excluded", target: document,
        fields: ["Accept-Encoding: gzip, identity;q=0"], status: 200,
        expected: ["Content-Encoding": "gzip"]),
      Clause(
        clause: "9110 §12.5.3, nothing left", target: document, fields: ["Accept-Encoding: *;q=0"],
        status: 406, expected: ["Cache-Control": "no-store"]),
      Clause(
        clause: "9110 §12.5.3, nothing left of a segment", target: segment,
        fields: ["Accept-Encoding: identity;q=0"], status: 406,
        expected: ["Cache-Control": "no-store"]),
    ]

    private static let conditions: [Clause] = [
      Clause(
        clause: "9110 §13.1.3, no date to compare", target: segment,
        fields: ["If-Modified-Since: Fri, 31 Dec 2100 00:00:00 GMT"], status: 200),
      Clause(
        clause: "9110 §13.1.4, no date to compare", target: segment,
        fields: ["If-Unmodified-Since: Thu, 01 Jan 1970 00:00:00 GMT"], status: 200),
      Clause(
        clause: "9110 §13.1.3, ignored beside If-None-Match", target: segment,
        fields: ["If-Modified-Since: Fri, 31 Dec 2100 00:00:00 GMT", "If-None-Match: \"x\""],
        status: 200),
      Clause(
        clause: "9110 §13.1.2, any", target: document, fields: ["If-None-Match: *"], status: 304,
        expected: ["Vary": "Accept-Encoding"], absent: ["Content-Length", "Content-Encoding"]),
      Clause(
        clause: "9110 §13.1.1, any", target: document, fields: ["If-Match: *"], status: 200),
      Clause(
        clause: "9110 §13.1.1, none", target: document, fields: ["If-Match: \"x\""], status: 412,
        expected: ["Cache-Control": "no-store"]),
      Clause(
        clause: "9110 §13.2.1, only where the answer would be a success", target: "/film/no.m3u8",
        fields: ["If-Match: \"x\"", "If-None-Match: *"], status: 404),
      Clause(
        clause: "9110 §13.1.5, a date is no validator here", target: segment,
        fields: ["Range: bytes=0-9", "If-Range: Fri, 31 Dec 2100 00:00:00 GMT"], status: 200,
        absent: ["Content-Range"]),
      Clause(
        clause: "9110 §13.1.5, a weak tag never matches", target: segment,
        fields: ["Range: bytes=0-9", "If-Range: W/\"cafe01-800-40000\""], status: 200),
      Clause(
        clause: "9110 §13.1.5, the tag", target: segment,
        fields: ["Range: bytes=0-9", "If-Range: \"cafe01-800-40000\""], status: 206,
        expected: ["Content-Range": "bytes 0-9/40000", "ETag": "\"cafe01-800-40000\""]),
      Clause(
        clause: "9110 §13.1.5, nothing without Range", target: segment,
        fields: ["If-Range: \"x\""], status: 200),
    ]

    private static let ranges: [Clause] = [
      Clause(
        clause: "9110 §14.1.2, a suffix", target: segment, fields: ["Range: bytes=-10"],
        status: 206, expected: ["Content-Range": "bytes 39990-39999/40000"]),
      Clause(
        clause: "9110 §14.1.2, an open end", target: segment, fields: ["Range: bytes=39999-"],
        status: 206, expected: ["Content-Range": "bytes 39999-39999/40000", "Content-Length": "1"]),
      Clause(
        clause: "8673 §2, a far end", target: segment,
        fields: ["Range: bytes=10-9007199254740991"], status: 206,
        expected: ["Content-Range": "bytes 10-39999/40000"]),
      Clause(
        clause: "9110 §15.5.17", target: segment, fields: ["Range: bytes=40000-"], status: 416,
        expected: ["Content-Range": "bytes */40000", "Cache-Control": "no-store"]),
      Clause(
        clause: "9110 §14.2, GET alone has ranges", method: "HEAD", target: segment,
        fields: ["Range: bytes=0-9"], status: 200, expected: ["Content-Length": "40000"]),
      Clause(
        clause: "9110 §14.2, an unknown unit", target: segment, fields: ["Range: lines=0-9"],
        status: 200),
      Clause(
        clause: "9110 §14.3", target: segment, status: 200, expected: ["Accept-Ranges": "bytes"]),
      Clause(
        clause: "9110 §13.2.2, conditions before ranges", target: segment,
        fields: ["Range: bytes=40000-", "If-None-Match: \"cafe01-800-40000\""], status: 304),
    ]

    private static let statuses: [Clause] = [
      Clause(
        clause: "9111 §5.2, media", target: segment, status: 200,
        expected: ["Cache-Control": year, "CMSD-Static": "br=160,d=2000,nor=\"2.m4s\",ot=v,st=v"]),
      Clause(
        clause: "CTA-5006, a header", target: "/film/audio/cafe01/init.mp4", status: 200,
        expected: ["CMSD-Static": "ot=i,st=v"]),
      Clause(
        clause: "CTA-5006, the last segment", target: "/film/audio/cafe01/3.m4s", status: 200,
        expected: ["CMSD-Static": "br=0,d=2000,ot=a,st=v"]),
      Clause(
        clause: "CTA-5006, a playlist", target: document, status: 200,
        expected: ["CMSD-Static": "ot=m,sf=h,st=v"]),
      Clause(
        clause: "9111 §4, client data is no part of what is answered",
        target: document + "?CMCD=bl%3D1&_HLS_throughput=5", status: 200,
        expected: ["Content-Length": "\(playlist.utf8.count)"]),
      Clause(
        clause: "9110 §9.3.7", method: "OPTIONS", target: "*", status: 204,
        expected: ["Allow": "GET, HEAD, OPTIONS"], absent: ["Content-Length"]),
      Clause(
        clause: "9110 §15.5.6", method: "PUT", target: document, status: 405,
        expected: ["Allow": "GET, HEAD, OPTIONS", "Cache-Control": "no-store"]),
      Clause(
        clause: "9110 §15.5.5", target: "/film/video/cafe01/4.m4s", status: 404,
        expected: ["Cache-Control": "public, max-age=5"]),
      Clause(
        clause: "9110 §10.1.1, no body to wait for", target: "/healthz",
        fields: ["Expect: 100-continue"], status: 200),
    ]
  }

  @Test func `each coding has its own tag, its own ranges, and decodes to the same`() async throws {
    try await withOrigin(titles) { origin in
      var tags: Set<String> = []
      for coding in ["identity", "gzip", "br"] {
        let fields = ["Accept-Encoding: \(coding)"]
        let whole = try await origin.fetch(Self.document, fields)
        let tag = try #require(whole["ETag"])
        tags.insert(tag)
        #expect(whole["Content-Encoding"] == (coding == "identity" ? nil : coding))
        let head = try await origin.fetch(Self.document, method: "HEAD", fields)
        #expect(head.stableFields == whole.stableFields)
        let again = try await origin.fetch(Self.document, fields + ["If-None-Match: \(tag)"])
        #expect(again.status == 304 && again["ETag"] == tag)
        let part = try await origin.fetch(
          Self.document, fields + ["Range: bytes=3-12", "If-Range: \(tag)"])
        #expect(part.status == 206 && part.body == Array(whole.body[3...12]))
        #expect(part["Content-Encoding"] == whole["Content-Encoding"] && part["ETag"] == tag)
        #expect(part["Content-Range"] == "bytes 3-12/\(whole.body.count)")
      }
      #expect(tags.count == 3)
      // A range that was begun in one coding is not continued in another.
      let other = try await origin.fetch(
        Self.document,
        ["Range: bytes=3-12", "Accept-Encoding: gzip", "If-Range: \(try #require(tags.min()))"])
      let gzip = try await origin.fetch(Self.document, ["Accept-Encoding: gzip"])
      #expect(other.status == (gzip["ETag"] == tags.min() ? 206 : 200))
    }
  }

  @Test(arguments: ["gzip", "br"])
  func `what is coded here, curl decodes`(coding: String) async throws {
    try await withOrigin(titles) { origin in
      let port = try #require(origin.address.port)
      let text = try await Self.curl([
        "-sf", "--compressed", "-H", "Accept-Encoding: \(coding)",
        "http://127.0.0.1:\(port)\(Self.document)",
      ])
      #expect(text == Self.playlist)
    }
  }

  private static func curl(_ arguments: [String]) async throws -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["curl"] + arguments
    let output = Pipe()
    process.standardOutput = output
    return try await withCheckedThrowingContinuation { continuation in
      process.terminationHandler = { _ in
        let bytes = output.fileHandleForReading.readDataToEndOfFile()
        continuation.resume(returning: String(decoding: bytes, as: UTF8.self))
      }
      do { try process.run() } catch { continuation.resume(throwing: error) }
    }
  }

  @Test func `a version that was here is gone, one that never was is not found`() async throws {
    try await withOrigin(titles) {
      $0.limits.titleAge = .zero
    } _: { origin in
      #expect(try await origin.fetch(Self.segment).status == 200)
      var next = try folder.title("film", version: "cafe02", seed: 99)
      next.replaces(try #require(try titles.title(named: "film")))
      titles.publish(next)
      let old = try await origin.fetch(Self.segment)
      #expect(old.status == 410 && old["Cache-Control"] == "public, max-age=60")
      #expect(try await origin.fetch("/film/video/cafe01/init.mp4").status == 410)
      #expect(try await origin.fetch("/film/video/cafe03/1.m4s").status == 404)
      #expect(try await origin.fetch("/film/text/cafe01/1.m4s").status == 404)
      #expect(try await origin.fetch("/film/video/cafe02/1.m4s").status == 200)
      // And back: what is there again is not gone.
      var first = try folder.title("film")
      first.replaces(next)
      #expect(first.formerVersions == ["cafe02"])
    }
  }

  /// What must never be taken for the end of one request and the beginning of the next (RFC 9112 §11.2).
  @Test(arguments: [
    (
      "both lengths (9112 §6.1)", "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    ),
    ("both, none", "Content-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
    ("two lengths (9112 §6.3)", "Content-Length: 0\r\nContent-Length: 38\r\n\r\n"),
    ("one length twice", "Content-Length: 0\r\nContent-Length: 0\r\n\r\n"),
    ("a list of lengths", "Content-Length: 0, 0\r\n\r\n"), ("a sign", "Content-Length: +0\r\n\r\n"),
    ("below nothing", "Content-Length: -1\r\n\r\n"), ("hexadecimal", "Content-Length: 0x0\r\n\r\n"),
    ("a zero too many", "Content-Length: 00\r\n\r\n"), ("no length", "Content-Length: \r\n\r\n"),
    ("more than fits", "Content-Length: 99999999999999999999999\r\n\r\n"),
    ("two numbers", "Content-Length: 0 38\r\n\r\n"),
    ("obs-fold (9112 §5.2)", "X: a\r\n b\r\n\r\n"),
    ("obs-fold of a coding", "Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n"),
    ("bare LF (9112 §2.2)", "X: a\nContent-Length: 38\r\n\r\n"), ("bare CR", "X: a\rb\r\n\r\n"),
    ("space before colon (9112 §5.1)", "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n"),
    ("tab before colon", "X\t: a\r\n\r\n"), ("no name", ": a\r\n\r\n"), ("no colon", "Xyz\r\n\r\n"),
    ("unknown coding (9112 §6.1)", "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n"),
    ("identity", "Transfer-Encoding: identity\r\n\r\n"),
    ("chunked not last", "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n"),
    ("two codings", "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n"),
    ("chunk extension", "Transfer-Encoding: chunked\r\n\r\n0;a=b\r\n\r\n"),
    ("a sign before a chunk", "Transfer-Encoding: chunked\r\n\r\n+0\r\n\r\n"),
    ("NUL (9110 §5.5)", "X: a\u{0}b\r\n\r\n"), ("a control", "X: a\u{1}b\r\n\r\n"),
    ("DEL", "X: a\u{7f}b\r\n\r\n"), ("a name beyond ASCII", "X斗: a\r\n\r\n"),
    ("two hosts (9112 §3.2)", "Host: other\r\n\r\n"), ("two hosts alike", "Host: test\r\n\r\n"),
  ])
  func `what follows a trick is no request`(name: String, rest: String) async throws {
    let next = "GET /readyz HTTP/1.1\r\nHost: test\r\n\r\n"
    try await withOrigin(titles) { origin in
      for method in ["GET", "POST"] {
        try await origin.connect { connection in
          try await connection.send(
            "\(method) /film/choices HTTP/1.1\r\nHost: test\r\n\(rest)\(next)")
          let reply = try await connection.reply()
          #expect((400...499).contains(reply.status) && reply["Connection"] == "close", "\(name)")
          try await connection.expectEnd()
        }
      }
    }
  }

  /// Request lines, and the status of each; none of them but the good ones reaches a file.
  @Test(arguments: [
    ("GET http://test:80/healthz HTTP/1.1", "test", 200),
    ("GET HTTPS://test/healthz HTTP/1.1", "test", 200),
    // "MUST ignore the received Host header field (if any)" (RFC 9112 §3.2.2)
    ("GET http://other/healthz HTTP/1.1", "test", 200),
    ("GET http:///healthz HTTP/1.1", "test", 400),
    ("GET http://a@test/healthz HTTP/1.1", "test", 400),
    ("GET ftp://test/healthz HTTP/1.1", "test", 400),
    ("GET test:80 HTTP/1.1", "test", 400), ("GET * HTTP/1.1", "test", 400),
    ("GET healthz HTTP/1.1", "test", 400), ("OPTIONS * HTTP/1.1", "test", 204),
    ("GET /healthz HTTP/1.1", "[::1]:8080", 200), ("GET /healthz HTTP/1.1", "", 200),
    ("GET /healthz HTTP/1.1", "a b", 400), ("GET /healthz HTTP/1.1", "a/b", 400),
    ("GET /healthz HTTP/1.1", "a@b", 400), ("GET /healthz HTTP/1.1", "a,b", 200),
    ("GET /healthz HTTP/1.1", "a\tb", 400), ("GET /healthz HTTP/1.1", "a?b", 400),
    ("GET /a/%2e%2e/healthz HTTP/1.1", "test", 400), ("GET /a/../healthz HTTP/1.1", "test", 400),
    ("GET /%2e/healthz HTTP/1.1", "test", 400), ("GET //healthz HTTP/1.1", "test", 400),
    ("GET /film%2fmain.m3u8 HTTP/1.1", "test", 400),
    ("GET /film%5cmain.m3u8 HTTP/1.1", "test", 400),
    ("GET /healthz%00 HTTP/1.1", "test", 400), ("GET /healthz%0d%0aX:y HTTP/1.1", "test", 400),
    ("GET /%c0%ae%c0%ae/healthz HTTP/1.1", "test", 400),
    ("GET /%252e%252e/healthz HTTP/1.1", "test", 404),
    ("GET /healthz%zz HTTP/1.1", "test", 400), ("GET /healthz#x HTTP/1.1", "test", 400),
    ("GET /heal\u{0}thz HTTP/1.1", "test", 400), ("GET /斗 HTTP/1.1", "test", 400),
    ("GET\t/healthz\tHTTP/1.1", "test", 400), ("GET /healthz HTTP/1.1 ", "test", 505),
    ("GET /healthz http/1.1", "test", 400), ("GET /healthz HTTP/3.0", "test", 505),
    ("get /healthz HTTP/1.1", "test", 400), ("QUERY /healthz HTTP/1.1", "test", 405),
  ])
  func `a request line is taken or refused whole`(
    line: String, host: String, status: Int
  ) async throws {
    try await withOrigin(titles) { origin in
      try await origin.connect { connection in
        try await connection.send("\(line)\r\nHost: \(host)\r\nConnection: close\r\n\r\n")
        #expect(try await connection.reply().status == status)
      }
    }
  }
}
