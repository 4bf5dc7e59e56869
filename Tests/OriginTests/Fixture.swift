import Foundation
import Library
import Logging
import MediaCore
import NIOCore
import NIOPosix
import ServiceLifecycle
import Synchronization

@testable import Origin

/// A source of titles that a test can change while the origin serves them.
final class FakeTitles: TitleSource {
  struct Broken: Error {}

  private let titles: Mutex<[String: ServedTitle]>
  private let isBroken = Mutex(false)

  init(_ titles: [ServedTitle]) {
    self.titles = Mutex(
      titles.reduce(into: [:]) { $0[$1.title.name] = $1 })
  }

  func publish(_ title: ServedTitle) { titles.withLock { $0[title.title.name] = title } }
  func breakDown() { isBroken.withLock { $0 = true } }

  func title(named name: String) throws -> ServedTitle? {
    if isBroken.withLock({ $0 }) { throw Broken() }
    return titles.withLock { $0[name] }
  }

  func titleNames() throws -> [String] {
    if isBroken.withLock({ $0 }) { throw Broken() }
    return titles.withLock { Array($0.keys) }
  }
}

/// A folder with track files of recognisable bytes.
final class MediaFolder {
  let path: String

  init() throws {
    path = NSTemporaryDirectory() + "/origin-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// Track files repeat these: a prime number of bytes, so that no two segments begin alike.
  private static let pattern: [UInt8] = (0..<65_521).map {
    UInt8(truncatingIfNeeded: ($0 &* 131) ^ ($0 >> 8))
  }

  /// What a track file made with `seed` holds in `range`.
  static func bytes(_ range: ByteRange, seed: UInt8) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(Int(range.count))
    var offset = Int(range.offset) + Int(seed)
    while bytes.count < range.count {
      let start = offset % pattern.count
      let rest = pattern[start...].prefix(Int(range.count) - bytes.count)
      bytes.append(contentsOf: rest)
      offset += rest.count
    }
    return bytes
  }

  /// Writes the files of a title and describes it. Video has a header of 700 bytes, an index
  /// of 100 and then its segments.
  func title(
    _ name: String, version: String = "cafe01", seed: UInt8 = 7,
    segmentByteCounts: [Int64] = [40_000, 30_000, 1]
  ) throws -> ServedTitle {
    var tracks: [TitleTrack] = []
    var files: [String: ServedFile] = [:]
    for kind in [MediaKind.video, .audio] {
      let index = Self.index(kind, version: version, segmentByteCounts)
      let file = "\(path)/\(UUID().uuidString).mp4"
      let bytes = Self.bytes(ByteRange(offset: 0, count: index.byteCount), seed: seed)
      try Data(bytes).write(to: URL(fileURLWithPath: file))
      files[index.name] = ServedFile(path: file, byteCount: index.byteCount)
      tracks.append(TitleTrack(index: index, label: "", roles: ["main"], isDefault: true))
    }
    return ServedTitle(
      title: Title(name: name, tracks: tracks), documents: Self.documents(version), files: files)
  }

  static func documents(_ version: String) -> [String: String] {
    [
      "main.m3u8": "#EXTM3U\n# \(version)\nvideo.m3u8\n",
      "manifest.mpd": "<MPD version='\(version)'/>\n",
      "video.m3u8": "#EXTM3U\nvideo/\(version)/1.m4s\n",
      "video.iframes.m3u8": "#EXTM3U\n#EXT-X-I-FRAMES-ONLY\n",
      "audio.m3u8": "#EXTM3U\naudio/\(version)/1.m4s\n",
    ]
  }

  private static func index(_ kind: MediaKind, version: String, _ sizes: [Int64]) -> TrackIndex {
    var offset: Int64 = 800
    var segments: [IndexedSegment] = []
    for size in sizes {
      segments.append(
        IndexedSegment(
          range: ByteRange(offset: offset, count: size), start: Int64(segments.count) * 2000,
          duration: 2000, sapType: 1))
      offset += size
    }
    let format: TrackFormat =
      kind == .video
      ? .video(
        VideoFormat(
          width: 1920, height: 1080, sampleAspectRatio: .one, displayWidth: 1920,
          displayHeight: 1080, frameRate: Rational(25, 1), colour: .unspecified))
      : .audio(AudioFormat(channelCount: 2, sampleRate: 48_000))
    return TrackIndex(
      name: kind.rawValue, version: version, byteCount: offset,
      header: ByteRange(offset: 0, count: 700), sidx: ByteRange(offset: 700, count: 100),
      timescale: Timescale(literal: 1000), codecs: kind == .video ? "avc1.640028" : "mp4a.40.2",
      format: format, language: "en", segments: segments)
  }
}

/// An origin that listens, on a free port of the loopback interface unless it is told otherwise.
struct RunningOrigin {
  /// The first of `addresses`.
  let address: SocketAddress
  let addresses: [SocketAddress]
  let services: ServiceGroup

  init(addresses: [SocketAddress], services: ServiceGroup) {
    (address, self.addresses, self.services) = (addresses[0], addresses, services)
  }

  /// Starts the stop and returns at once.
  func stop() async { await services.triggerGracefulShutdown() }

  func connect<Result>(
    receiveBuffer: Int32? = nil, tls: TLSClient? = nil,
    _ body: (inout RawConnection) async throws -> Result
  ) async throws -> Result {
    try await RawConnection.open(to: address, receiveBuffer: receiveBuffer, tls: tls, body)
  }

  /// One request on a connection of its own.
  func fetch(_ target: String, method: String = "GET", _ fields: [String] = []) async throws
    -> Reply
  {
    try await connect { connection in
      try await connection.send(method, target, fields + ["Connection: close"])
      let reply = try await connection.reply(hasBody: method != "HEAD")
      try await connection.expectEnd()
      return reply
    }
  }
}

/// Serves `titles` while `body` runs, then stops gracefully and waits for the end.
func withOrigin(
  _ titles: any TitleSource, logger: Logger? = nil,
  _ configure: (inout OriginServer.Configuration) -> Void = { _ in },
  _ body: (RunningOrigin) async throws -> Void
) async throws {
  if RunningOrigins.isInside {
    return try await serve(titles, logger: logger, configure, body)
  }
  await RunningOrigins.all.enter()
  let result: Result<Void, any Error>
  do {
    try await RunningOrigins.$isInside.withValue(true) {
      try await serve(titles, logger: logger, configure, body)
    }
    result = .success(())
  } catch {
    result = .failure(error)
  }
  await RunningOrigins.all.leave()
  try result.get()
}

private func serve(
  _ titles: any TitleSource, logger: Logger?,
  _ configure: (inout OriginServer.Configuration) -> Void,
  _ body: (RunningOrigin) async throws -> Void
) async throws {
  var configuration = OriginServer.Configuration()
  configuration.addresses = [ListenAddress(host: "127.0.0.1", port: 0)]
  configuration.loopCount = 2
  // No test waits for these unless it sets them: a slow machine must not meet them either.
  configuration.limits.headTimeout = .minutes(10)
  configuration.limits.idleTimeout = .minutes(10)
  configuration.limits.writeTimeout = .minutes(10)
  configuration.limits.drainTimeout = .minutes(10)
  configure(&configuration)
  var silent = Logger(label: "origin")
  silent.logLevel = .critical
  let logger = logger ?? silent
  let (listening, continuation) = AsyncStream<SocketAddress>.makeStream()
  let origin = OriginServer(titles: titles, configuration: configuration, logger: logger) {
    if let address = $0.socketAddress { continuation.yield(address) }
  }
  let services = ServiceGroup(
    configuration: .init(
      services: [.init(service: origin, successTerminationBehavior: .gracefullyShutdownGroup)],
      logger: logger))
  try await withThrowingTaskGroup { tasks in
    tasks.addTask {
      defer { continuation.finish() }
      try await services.run()
    }
    var addresses: [SocketAddress] = []
    for await address in listening {
      addresses.append(address)
      guard addresses.count == configuration.addresses.count else { continue }
      do {
        try await body(RunningOrigin(addresses: addresses, services: services))
      } catch {
        await services.triggerGracefulShutdown()
        throw error
      }
      break
    }
    await services.triggerGracefulShutdown()
    try await tasks.waitForAll()
  }
}
