import Foundation
import Logging
import NIOCore
import Synchronization
import Testing

@testable import Origin

/// Tokens, keys and secrets of edges are in nothing that the origin says or writes.
@Suite struct SecrecyTests {
  /// Keeps what is logged, at every level.
  private struct KeptLog: LogHandler {
    static let lines = Mutex<[String]>([])

    var metadata = Logger.Metadata()
    var logLevel = Logger.Level.trace

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
      get { metadata[key] }
      set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
      let line = "\(event.level) \(event.message) \(event.metadata ?? [:])"
      Self.lines.withLock { $0.append(line) }
    }
  }

  private static let key = "00112233445566778899aabbccddeeff"
  private static let edgeSecret = "edge-secret-0123456789"
  /// What somebody else's signature might be.
  private static let signature = "5ea1ed5ea1ed"

  @Test func `no secret is in an answer, a log or a figure`() async throws {
    let folder = try MediaFolder()
    let titles = FakeTitles([try folder.title("film"), try folder.title("cut")])
    for track in try #require(try titles.title(named: "cut")).tracks.values {
      try FileManager.default.removeItem(atPath: track.file.path)
    }
    let keys = try SigningKeys(text: "k1 \(Self.key)\n")
    let tokens = [
      keys.token(for: .below([]), expires: 2_000),
      keys.token(for: .below(["film"]), expires: 2_000),
      keys.token(for: .below([]), expires: 500), "2000.k1.p0.n.\(Self.signature)", "nonsense-token",
    ]
    let secrets = try EdgeSecrets(text: Self.edgeSecret)
    var written = ""
    for format in AccessLogFormat.allCases {
      let path = folder.path + "/\(format).log"
      let log = try AccessLog(path: path, format: format)
      let port = Mutex(0)
      try await withOrigin(titles, logger: Logger(label: "secrecy") { _ in KeptLog() }) {
        $0.access.keys = keys
        $0.access.edgeSecrets = secrets
        $0.access.now = { 1_000 }
        $0.accessLog = log
        $0.metrics = ListenAddress(host: "127.0.0.1", port: 0)
        $0.onMetrics = { found in port.withLock { $0 = found.socketAddress?.port ?? 0 } }
        $0.allowsFaultField = true
      } _: { origin in
        for token in tokens {
          written += try await answers(of: origin, token: token)
        }
        let metrics = try SocketAddress(ipAddress: "127.0.0.1", port: port.withLock { $0 })
        written += try await RawConnection.open(to: metrics, receiveBuffer: nil) { connection in
          try await connection.send("GET", "/metrics?token=\(tokens[0])")
          return try await connection.reply().text
        }
      }
      written += try String(contentsOfFile: path, encoding: .utf8)
    }
    let logged = KeptLog.lines.withLock { $0 }
    #expect(logged.contains { $0.contains("track file cannot be opened") })
    written += logged.joined(separator: "\n")
    for secret in tokens + [Self.key, Self.edgeSecret, Self.signature] {
      #expect(!written.contains(secret), "\(secret)")
    }
    // It is all there: what was asked for can be read, without them.
    #expect(written.contains("/film/main.m3u8"))
    #expect(written.contains("sig=-"))
  }

  /// Every kind of answer, asked for with the token in each of its places.
  private func answers(of origin: RunningOrigin, token: String) async throws -> String {
    let paths = [
      "/film/main.m3u8", "/film/video/cafe01/1.m4s", "/film/video/cafe01/9.m4s",
      "/cut/video/cafe01/1.m4s", "/none/main.m3u8", "/film/main.m3u8?max-height=x", "/", "/readyz",
      "/film/%zz", "/metrics", "/play/film", "/film/statistics?format=\(Self.signature)",
    ]
    var written = ""
    for path in paths {
      let mark = path.contains("?") ? "&" : "?"
      let requests = [
        ("/signed/\(token)\(path)", []), ("\(path)\(mark)token=\(token)&sig=\(Self.signature)", []),
        ("/signed/\(token)\(path)\(mark)token=\(token)", []),
        (path, ["Cookie: a=b; dougong-token=\(token)"]),
        (path, ["Referer: https://a.example/signed/\(token)/film/?token=\(token)"]),
      ]
      for (target, fields) in requests {
        let edge = "Dougong-Edge-Secret: \(Self.edgeSecret)"
        for fields in [fields, fields + [edge], fields + [edge, "Dougong-Fault: truncate=50%"]] {
          try await origin.connect { connection in
            try await connection.send("GET", target, fields + ["Connection: close"])
            written += String(decoding: await connection.bytesUntilEnd(), as: UTF8.self)
          }
        }
      }
    }
    return written
  }
}
