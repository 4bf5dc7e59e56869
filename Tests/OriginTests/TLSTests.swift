import Foundation
import Library
import Logging
import MediaCore
import NIOCore
import NIOPosix
import NIOSSL
import Synchronization
import Testing

@testable import Origin

@Suite struct TLSTests {
  private let folder: MediaFolder
  private let titles: FakeTitles
  private let files: (certificate: String, key: String)

  init() throws {
    folder = try MediaFolder()
    titles = FakeTitles([try folder.title("film")])
    files = try Certificates.write(Certificates.first, Certificates.firstKey, into: folder)
  }

  private func withTLS(
    _ configure: (inout OriginServer.Configuration) -> Void = { _ in },
    _ body: (RunningOrigin) async throws -> Void
  ) async throws {
    let identity = try TLSIdentity(certificate: files.certificate, key: files.key)
    try await withOrigin(titles) {
      $0.addresses[0].isSecure = true
      $0.identity = identity
      configure(&$0)
    } _: {
      try await body($0)
    }
  }

  /// A client that believes everybody, changed by `change`.
  private func client(
    _ protocols: [String] = [], _ change: (inout TLSConfiguration) -> Void = { _ in }
  ) throws -> TLSClient {
    var configuration = TLSConfiguration.makeClientConfiguration()
    configuration.certificateVerification = .noHostnameVerification
    configuration.applicationProtocols = protocols
    change(&configuration)
    return TLSClient(context: try NIOSSLContext(configuration: configuration))
  }

  @Test func `HTTP 1 says over TLS what it says without`() async throws {
    titles.publish(try folder.title("large", segmentByteCounts: [3_000_000]))
    let targets = [
      "/film/main.m3u8", "/film/video/cafe01/1.m4s", "/large/video.mp4", "/nothing/x.m3u8",
      "/large/video/cafe01/1.m4s", "/healthz",
    ]
    let client = try client(["http/1.1"])
    try await withTLS { origin in
      try await origin.connect(tls: client) { connection in
        for target in targets + targets {
          try await connection.send("GET", target)
          let reply = try await connection.reply()
          #expect(reply.status == (target.hasPrefix("/nothing") ? 404 : 200))
          if target == "/large/video.mp4" {
            #expect(
              reply.body == MediaFolder.bytes(ByteRange(offset: 0, count: 3_000_800), seed: 7))
          }
        }
        try await connection.send("GET", "/healthz", ["Connection: close"])
        #expect(try await connection.reply().status == 200)
        try await connection.expectEnd()
      }
    }
  }

  @Test(arguments: [["h2"], ["h2", "http/1.1"], ["http/1.1", "h2"]])
  func `HTTP 2 is chosen where the client knows it`(protocols: [String]) async throws {
    titles.publish(try folder.title("large", segmentByteCounts: [3_000_000]))
    let client = try client(protocols)
    try await withTLS { origin in
      try await origin.connect(tls: client) { connection in
        var frames = FrameConnection(connection)
        _ = try await frames.open()
        for (stream, target) in [(1, "/film/main.m3u8"), (3, "/large/video.mp4")] {
          try await frames.request(target, stream: stream)
        }
        let replies = try await frames.replies([1, 3])
        #expect(
          replies[3]?.body == MediaFolder.bytes(ByteRange(offset: 0, count: 3_000_800), seed: 7))
      }
    }
  }

  @Test func `HTTP 2 has to be agreed on`() async throws {
    let client = try client()
    try await withTLS { origin in
      try await origin.connect(tls: client) { connection in
        try await connection.send(FrameConnection.preface)
        #expect(try await connection.reply().status >= 400)
      }
    }
  }

  /// What a client offers, and whether there is an answer.
  struct Offer: CustomTestStringConvertible, Sendable {
    var testDescription: String
    var isTaken: Bool
    var change: @Sendable (inout TLSConfiguration) -> Void
  }

  static let offers: [Offer] = [
    Offer(testDescription: "TLS 1.1", isTaken: false) {
      $0.minimumTLSVersion = .tlsv1
      $0.maximumTLSVersion = .tlsv11
    },
    Offer(testDescription: "TLS 1.2", isTaken: true) { $0.maximumTLSVersion = .tlsv12 },
    Offer(testDescription: "TLS 1.3", isTaken: true) { $0.minimumTLSVersion = .tlsv13 },
    Offer(testDescription: "CBC", isTaken: false) {
      $0.maximumTLSVersion = .tlsv12
      $0.cipherSuiteValues = [.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA]
    },
    Offer(testDescription: "AES 256", isTaken: true) {
      $0.maximumTLSVersion = .tlsv12
      $0.cipherSuiteValues = [.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384]
    },
    Offer(testDescription: "ChaCha20", isTaken: true) {
      $0.maximumTLSVersion = .tlsv12
      $0.cipherSuiteValues = [.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256]
    },
  ]

  @Test(arguments: offers)
  func `versions and ciphers`(offer: Offer) async throws {
    let client = try client([], offer.change)
    try await withTLS { origin in
      let status = try? await origin.connect(tls: client) { connection in
        try await connection.send("GET", "/healthz")
        return try await connection.reply().status
      }
      #expect(status == (offer.isTaken ? 200 : nil))
    }
  }

  @Test func `who speaks no TLS is told so`() async throws {
    try await withTLS { origin in
      let reply = try await origin.fetch("/healthz")
      #expect(reply.status == 400)
      #expect(reply.text == "TLS is spoken here: the URL begins with https.\n")
      try await origin.connect { connection in
        try await connection.send("\u{16}\u{3}\u{1}\u{0}\u{5}hello")
        connection.finishSending()
        _ = await connection.bytesUntilEnd()
      }
    }
  }

  @Test(arguments: ["", "\u{16}", "\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}"])
  func `a handshake that does not go on is ended`(beginning: String) async throws {
    try await withTLS {
      $0.limits.headTimeout = .milliseconds(100)
      $0.limits.sweepInterval = .milliseconds(20)
    } _: { origin in
      try await origin.connect { connection in
        if !beginning.isEmpty { try await connection.send(beginning) }
        _ = await connection.bytesUntilEnd()
      }
    }
  }

  @Test func `the header of a balancer comes before TLS`() async throws {
    let client = try client()
    let log = "\(folder.path)/log"
    try await withTLS {
      $0.requiresProxyHeader = true
      $0.accessLog = try? AccessLog(path: log, format: .combined)
    } _: { origin in
      let before = "PROXY TCP4 192.0.2.1 198.51.100.7 40000 443\r\n"
      try await origin.connect(tls: client.after(before)) { connection in
        try await connection.send("GET", "/healthz")
        #expect(try await connection.reply().status == 200)
      }
    }
    #expect(try String(contentsOfFile: log, encoding: .utf8).hasPrefix("192.0.2.1 "))
  }

  // MARK: Certificates that change

  private func name(_ origin: RunningOrigin) async throws -> String? {
    let client = try client()
    try await origin.connect(tls: client) { connection in
      try await connection.send("GET", "/healthz")
      _ = try await connection.reply()
    }
    return client.name.withLock { $0 }
  }

  private static let silent: Logger = {
    var logger = Logger(label: "tls")
    logger.logLevel = .critical
    return logger
  }()

  @Test func `a new certificate is taken, a broken one is not`() async throws {
    let identity = try TLSIdentity(certificate: files.certificate, key: files.key)
    func refresh() { for _ in 1...2 { identity.refresh(Self.silent) } }
    try await withOrigin(titles) {
      $0.addresses[0].isSecure = true
      $0.identity = identity
    } _: { origin in
      #expect(try await name(origin) == "first.test")
      // Half of a change.
      _ = try Certificates.write(Certificates.second, Certificates.firstKey, into: folder)
      refresh()
      #expect(try await name(origin) == "first.test")
      _ = try Certificates.write("nothing", Certificates.secondKey, into: folder)
      refresh()
      #expect(try await name(origin) == "first.test")
      try FileManager.default.removeItem(atPath: files.key)
      refresh()
      #expect(try await name(origin) == "first.test")
      _ = try Certificates.write(Certificates.second, Certificates.secondKey, into: folder)
      refresh()
      #expect(try await name(origin) == "second.test")
    }
  }

  @Test func `whoever says so has new files taken at once`() async throws {
    let identity = try TLSIdentity(certificate: files.certificate, key: files.key)
    try await withOrigin(titles) {
      $0.addresses[0].isSecure = true
      $0.identity = identity
    } _: { origin in
      _ = try Certificates.write(Certificates.second, Certificates.secondKey, into: folder)
      identity.refresh(Self.silent, isAsked: true)
      #expect(try await name(origin) == "second.test")
    }
  }

  @Test func `an expired certificate is offered, and takes the place of no valid one`() async throws
  {
    _ = try Certificates.write(Certificates.expired, Certificates.expiredKey, into: folder)
    let identity = try TLSIdentity(certificate: files.certificate, key: files.key)
    try await withOrigin(titles) {
      $0.addresses[0].isSecure = true
      $0.identity = identity
    } _: { origin in
      #expect(try await name(origin) == "second.test")
      _ = try Certificates.write(Certificates.first, Certificates.firstKey, into: folder)
      identity.refresh(Self.silent, isAsked: true)
      #expect(try await name(origin) == "first.test")
      _ = try Certificates.write(Certificates.expired, Certificates.expiredKey, into: folder)
      identity.refresh(Self.silent, isAsked: true)
      #expect(try await name(origin) == "first.test")
    }
  }

  @Test(
    arguments: [
      (
        Certificates.first, Certificates.secondKey,
        "key.pem cannot be used for TLS: it is not the key of FOLDER/chain.pem."
      ),
      (
        "", Certificates.firstKey,
        "chain.pem cannot be used for TLS: it is no PEM file of certificates."
      ),
      (
        Certificates.first, "x",
        "key.pem cannot be used for TLS: it is no PEM file of a private key without a passphrase."
      ),
    ])
  func `files that cannot be used are named`(certificate: String, key: String, message: String)
    throws
  {
    let files = try Certificates.write(certificate, key, into: folder)
    let error = #expect(throws: OriginError.self) {
      try TLSIdentity(certificate: files.certificate, key: files.key)
    }
    #expect(
      error?.message
        == "\(folder.path)/" + message.replacingOccurrences(of: "FOLDER", with: folder.path))
  }
}

/// How a test's connection speaks TLS.
final class TLSClient: Sendable {
  private let context: NIOSSLContext
  /// Sent before TLS.
  private let prologue: String
  /// The common name of the certificate that was shown last.
  let name = Mutex<String?>(nil)

  init(context: NIOSSLContext, prologue: String = "") {
    (self.context, self.prologue) = (context, prologue)
  }

  func after(_ prologue: String) -> TLSClient { TLSClient(context: context, prologue: prologue) }

  func prepare(_ channel: any Channel) throws {
    let handler = try NIOSSLClientHandler(
      context: context, serverHostname: nil,
      customVerificationCallback: { [self] certificates, promise in
        name.withLock {
          $0 = certificates.first.map {
            $0.description.contains("second.test") ? "second.test" : "first.test"
          }
        }
        promise.succeed(.certificateVerified)
      })
    let prologue = PrologueHandler(ByteBuffer(string: prologue))
    try channel.pipeline.syncOperations.addHandlers(prologue, handler)
  }
}

/// Sends something before anything else.
private final class PrologueHandler: ChannelOutboundHandler {
  typealias OutboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  private var prologue: ByteBuffer?

  init(_ prologue: ByteBuffer) { self.prologue = prologue }

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    if let prologue { context.write(wrapOutboundOut(prologue), promise: nil) }
    prologue = nil
    context.write(data, promise: promise)
  }
}
