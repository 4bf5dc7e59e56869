import NIOCore
import NIOEmbedded
import NIOHTTP1
import TestSupport
import Testing

@testable import Origin

/// What is read in one pass against what the general decoder makes of it.
@Suite struct PlainHeadTests {
  private static let usual = [
    "GET /film/video/cafe01/1.m4s HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n\r\n",
    """
    GET /film/main.m3u8?max-height=720&CMCD=bl%3D2000 HTTP/1.1\r\nHost: origin.example\r\nConnection: keep-alive\r
    User-Agent: Mozilla/5.0 (X11; Linux x86_64)\r\nAccept: */*\r\nOrigin: http://example.com\r\nSec-Fetch-Mode: cors\r
    Referer: http://example.com/play/film\r\nAccept-Encoding: gzip, deflate, br, zstd\r\nAccept-Language: en\r\n\r\n
    """,
    "GET /signed/1767225600.k1.p1.n.5f0c/film/main.m3u8 HTTP/1.1\r\nhost:a\r\naccept:  a,\tb\r\n\r\n",
    "GET /film/main.m3u8?token=abc HTTP/1.1\r\nHost:\r\n\r\n",
  ]

  @Test(arguments: usual)
  func `usual requests are read in one pass, and as the decoder reads them`(head: String) throws {
    let bytes = ByteBuffer(string: head + "GET ")
    let read = try #require(PlainHead(bytes, limits: Limits()))
    let plain = Request(read, in: bytes)
    #expect(read.byteCount == bytes.readableBytes - 4)
    #expect(try describe(plain) == describe(decoded(ByteBuffer(string: head))))
    #expect(plain.isPlain)
  }

  private static let odd = [
    "POST /film/choices HTTP/1.1\r\nHost: a\r\n\r\n", "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n",
    "GET / HTTP/1.0\r\nHost: a\r\n\r\n", "GET / HTTP/1.1\r\n\r\n",
    "GET  / HTTP/1.1\r\nHost: a\r\n\r\n",
    "GET http://a/ HTTP/1.1\r\nHost: a\r\n\r\n", "GET /\u{e9} HTTP/1.1\r\nHost: a\r\n\r\n",
    "GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n", "GET / HTTP/1.1\nHost: a\n\n",
    "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n",
    "GET / HTTP/1.1\r\nHost : a\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\n b\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: a\r\nAccept: \u{0}\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\rb\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, upgrade\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: a\r\nAccept-Encoding: br\r\nAccept-Encoding: gzip\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: a \r\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\n: b\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: a\r\n",
    "GET /" + String(repeating: "a", count: 5000) + " HTTP/1.1\r\nHost: a\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: a\r\n" + String(repeating: "DNT: 1\r\n", count: 101) + "\r\n",
    "GET / HTTP/1.1\r\nHost: a\r\nUser-Agent: " + String(repeating: "a", count: 17_000)
      + "\r\n\r\n",
  ]

  /// Fields that decide about the response, or about what follows.
  private static let deciding = [
    "Range: bytes=0-1", "If-Match: *", "If-None-Match: \"a\"", "If-Range: \"a\"", "Cookie: a=b",
    "If-Modified-Since: a", "Expect: 100-continue", "Upgrade: h2c", "Dougong-Fault: hang",
    "Dougong-Edge-Secret: a", "traceparent: a", "tracestate: a", "CMCD-Object: br=1",
    "CMCD-Status: bs",
    "CMCD-Request: bl=1", "CMCD-Session: sf=h", "Content-Type: a", "Content-Length: 0",
    "Content-Encoding: gzip", "Transfer-Encoding: chunked", "Trailer: a", "Te: trailers",
    "Proxy-Connection: close", "Keep-Alive: a", "HTTP2-Settings: a", "X-Forwarded-For: ::1",
    "Forwarded: for=a",
  ].map { "GET / HTTP/1.1\r\nHost: a\r\n\($0)\r\n\r\n" }

  @Test(arguments: odd + deciding)
  func `everything else is left to the decoder`(head: String) {
    #expect(PlainHead(ByteBuffer(string: head), limits: Limits()) == nil)
  }

  @Test(arguments: 0..<64)
  func `what is read from damaged requests is what the decoder reads`(seed: Int) throws {
    var random = SplitMix(seed)
    let alphabet = Array("\r\n :/?%=,-_aHZ0\u{9}\u{0}\u{7f}\u{80}".utf8)
    for _ in 0..<200 {
      var head = Array(Self.usual.randomElement(using: &random)!.utf8)
      for _ in 0..<Int.random(in: 0...2, using: &random) {
        let place = Int.random(in: 0..<head.count, using: &random)
        let byte = alphabet.randomElement(using: &random)!
        if Bool.random(using: &random) { head[place] = byte } else { head.insert(byte, at: place) }
      }
      let bytes = ByteBuffer(bytes: head)
      guard let read = PlainHead(bytes, limits: Limits()) else { continue }
      let plain = Request(read, in: bytes)
      let message = ByteBuffer(bytes: head.prefix(read.byteCount))
      #expect(
        try describe(plain) == describe(decoded(message)),
        "\(String(decoding: head, as: UTF8.self))")
    }
  }

  private func describe(_ request: Request) -> String {
    var text = ""
    dump(request, to: &text)
    return text + (request.token?.text ?? "")
  }

  /// What the general decoder makes of the one request in some bytes.
  private func decoded(_ bytes: ByteBuffer) throws -> Request {
    let channel = EmbeddedChannel()
    try channel.pipeline.syncOperations.addHandler(ByteToMessageHandler(HTTPRequestDecoder()))
    try channel.writeInbound(bytes)
    guard case .head(let head)? = try channel.readInbound(as: HTTPServerRequestPart.self) else {
      throw CancellationError()
    }
    guard case .end? = try channel.readInbound(as: HTTPServerRequestPart.self) else {
      throw CancellationError()
    }
    _ = try channel.finish()
    return Request(head, limits: Limits())
  }
}
