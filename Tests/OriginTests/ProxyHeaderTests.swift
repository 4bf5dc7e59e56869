import Foundation
import NIOCore
import Protection
import Testing

@testable import Origin

@Suite struct ProxyHeaderTests {
  /// Of version 2, with `count` as the length of the block.
  private static func binary(
    _ command: UInt8, _ family: UInt8, count: UInt16? = nil, _ block: [UInt8] = []
  ) -> [UInt8] {
    let count = count ?? UInt16(block.count)
    return Array("\r\n\r\n\0\r\nQUIT\n".utf8) + [
      command, family, UInt8(count >> 8), UInt8(count & 255),
    ]
      + block
  }

  private static let ports: [UInt8] = [0x9c, 0x40, 0x01, 0xbb]
  private static let v4 = [192, 0, 2, 1, 198, 51, 100, 7] + ports
  private static let v6: [UInt8] =
    [0x20, 1, 0x0d, 0xb8] + Array(repeating: 0, count: 11) + [1] + Array(repeating: 9, count: 16)
    + ports
  /// PP2_TYPE_ALPN and one that nobody knows.
  private static let vectors: [UInt8] = [1, 0, 2, 0x68, 0x32, 0xee, 0, 1, 7]

  /// Headers and the client that they name; `nil`: nobody.
  static let headers: [([UInt8], String?)] = [
    (Array("PROXY TCP4 192.0.2.1 198.51.100.7 40000 443\r\n".utf8), "192.0.2.1"),
    (Array("PROXY TCP6 2001:db8::1 2001:db8::2 0 65535\r\n".utf8), "2001:db8::1"),
    (Array("PROXY TCP6 ::ffff:192.0.2.1 ::1 1 2\r\n".utf8), "192.0.2.1"),
    (Array("PROXY UNKNOWN\r\n".utf8), nil),
    (Array("PROXY UNKNOWN ffff:f...f:ffff ffff:f...f:ffff 65535 65535\r\n".utf8), nil),
    (binary(0x21, 0x11, v4), "192.0.2.1"), (binary(0x21, 0x11, v4 + vectors), "192.0.2.1"),
    (binary(0x21, 0x21, v6), "2001:db8::1"), (binary(0x21, 0x21, v6 + vectors), "2001:db8::1"),
    (binary(0x21, 0x31, Array(repeating: 0x61, count: 216)), nil),
    (binary(0x21, 0x00, vectors), nil), (binary(0x20, 0x00), nil), (binary(0x20, 0x77, v4), nil),
    (binary(0x21, 0x11, v4 + Array(repeating: 0, count: 4084)), "192.0.2.1"),
  ]

  @Test(arguments: headers)
  func `a header names the client, and needs all of its bytes`(bytes: [UInt8], client: String?)
    throws
  {
    var buffer = ByteBuffer(bytes: bytes + Array("GET".utf8))
    let header = try #require(try ProxyHeader.take(from: &buffer))
    #expect(header.source.flatMap { Peer($0).address?.description } == client)
    #expect(String(buffer: buffer) == "GET")
    for count in bytes.indices {
      var part = ByteBuffer(bytes: bytes[..<count])
      #expect(try ProxyHeader.take(from: &part) == nil)
      #expect(part.readableBytes == count)
    }
  }

  static let malformed: [[UInt8]] =
    [
      "GET / HTTP/1.1\r\n", "P ", "PROXY\r\n", "PROXY  TCP4 192.0.2.1 198.51.100.7 1 2\r\n",
      "PROXY TCP4 192.0.2.1 198.51.100.7 1 2\n", "PROXY TCP4 192.0.2.1 198.51.100.7 1 2 \r\n",
      "PROXY TCP4 192.0.2.1 198.51.100.7 1\r\n", "PROXY TCP4 192.0.2.1 198.51.100.7 01 2\r\n",
      "PROXY TCP4 192.0.2.1 198.51.100.7 1 65536\r\n", "PROXY TCP4 192.0.2.1 198.51.100.7 +1 2\r\n",
      "PROXY TCP4 192.0.2.256 198.51.100.7 1 2\r\n", "PROXY TCP4 ::1 ::2 1 2\r\n",
      "PROXY TCP6 192.0.2.1 198.51.100.7 1 2\r\n", "PROXY UDP4 192.0.2.1 198.51.100.7 1 2\r\n",
      "proxy tcp4 192.0.2.1 198.51.100.7 1 2\r\n", "PROXY TCP4 192.0.2.1 a.example 1 2\r\n",
      "PROXY UNKNOWN \(String(repeating: "x", count: 94))\r\n",
      "PROXY \(String(repeating: "x", count: 200))", "PROXY \r\n", "\r\n\r\nGET",
    ].map { Array($0.utf8) } + [
      binary(0x11, 0x11, v4), binary(0x22, 0x11, v4), binary(0x21, 0x12, v4),
      binary(0x21, 0x41, v4),
      binary(0x21, 0x11, count: 4, [1, 2, 3, 4]), binary(0x21, 0x21, v4), binary(0x21, 0x31, v4),
      binary(0x21, 0x11, count: 4097),
    ]

  @Test(arguments: malformed)
  func `what is no header is refused`(bytes: [UInt8]) {
    var buffer = ByteBuffer(bytes: bytes)
    #expect(throws: ProxyHeader.Malformed.self) { try ProxyHeader.take(from: &buffer) }
  }
}

/// The same over sockets.
@Suite struct ProxyServingTests {
  private let folder: MediaFolder
  private let titles: FakeTitles

  init() throws {
    folder = try MediaFolder()
    titles = FakeTitles([try folder.title("film")])
  }

  /// What is sent in front of a request, and who asks.
  private static let prologues: [(String, String)] = [
    ("PROXY TCP4 192.0.2.1 198.51.100.7 40000 443\r\n", "192.0.2.1"),
    ("PROXY TCP6 ::ffff:192.0.2.1 ::1 40000 443\r\n", "192.0.2.1"),
    ("PROXY UNKNOWN\r\n", "127.0.0.1"),
    ("\r\n\r\n\0\r\nQUIT\n\u{20}\0\0\0", "127.0.0.1"),
    (
      "\r\n\r\n\0\r\nQUIT\n\u{21}\u{11}\0\u{c}\u{1}\u{2}\u{3}\u{4}\u{5}\u{6}\u{7}\u{8}\0\u{1}\0\u{2}",
      "1.2.3.4"
    ),
  ]

  @Test(arguments: prologues)
  func `the client of a balancer is in the log and in bound tokens`(
    prologue: String, client: String
  ) async throws {
    let keys = try SigningKeys(text: "k1 \(String(repeating: "0f", count: 16))\n")
    let log = "\(folder.path)/log"
    try await withOrigin(titles) {
      $0.requiresProxyHeader = true
      $0.access.keys = keys
      $0.accessLog = try? AccessLog(path: log, format: .combined)
    } _: { origin in
      for address in [client, "203.0.113.9"] {
        let token = keys.token(for: .below(["film"]), expires: 99_999_999_999, client: address)
        let request = "GET /signed/\(token)/film/main.m3u8 HTTP/1.1\r\nHost: a\r\n\r\n"
        for isByteByByte in [false, true] {
          try await origin.connect { connection in
            for piece in isByteByByte
              ? (prologue + request).unicodeScalars.map({ String($0) }) : [prologue + request]
            {
              try await connection.send(piece)
            }
            #expect(try await connection.reply().status == (address == client ? 200 : 403))
          }
        }
      }
    }
    let lines = try String(contentsOfFile: log, encoding: .utf8).split(separator: "\n")
    #expect(lines.count == 4)
    #expect(lines.allSatisfy { $0.hasPrefix("\(client) ") })
  }

  @Test(arguments: ["GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n", "PROXY TCP4 1.2.3.4\r\n", ""])
  func `who does not begin with the header gets no answer`(text: String) async throws {
    try await withOrigin(titles) {
      $0.requiresProxyHeader = true
      // Nothing at all: the time for it passes.
      $0.limits.headTimeout = .milliseconds(100)
      $0.limits.sweepInterval = .milliseconds(20)
    } _: { origin in
      try await origin.connect { connection in
        if !text.isEmpty { try await connection.send(text) }
        #expect(await connection.bytesUntilEnd() == [])
      }
    }
  }

  @Test func `without the option the header is no request`() async throws {
    try await withOrigin(titles) { origin in
      try await origin.connect { connection in
        try await connection.send("PROXY TCP4 1.2.3.4 1.2.3.4 1 2\r\nGET /healthz HTTP/1.1\r\n\r\n")
        #expect(try await connection.reply().status == 400)
      }
    }
  }
}
