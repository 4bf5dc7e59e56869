import ArgumentParser
import Foundation
import Library
import Logging
import NIOCore
import ObjectStore
import Origin
import ServiceLifecycle
import UnixSignals

struct Serve: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "serve",
    abstract: "Serves a library of titles over HTTP: playlists, MPD, segments, whole tracks.",
    discussion: """
      Every folder in LIBRARY that holds a packaged title, or CMAF track files, is served. An MP4 file anywhere \
      in it is packaged as it is asked for: a/film.mp4 at /a/film.mp4/main.m3u8. A library may also \
      lie in an S3-compatible object store; docs/object-store.md tells how. SIGTERM and SIGINT end it when \
      the requests under way are done.

      Examples:
        dougong serve library
        dougong serve library --host 0.0.0.0 --port 80
        dougong serve library --listen [::]:8080 --listen unix:/run/dougong.sock
        dougong serve library --listen tls:[::]:443 --tls-certificate chain.pem --tls-key key.pem
        dougong serve library --ingest channel --publishers publishers
        dougong serve s3://media/library --cache /var/cache/dougong --cache-size 200G
        curl http://127.0.0.1:8080/film/main.m3u8
        curl http://127.0.0.1:8080/folder/film.mp4/main.m3u8
      """)

  @Argument(
    help: ArgumentHelp("Folder that holds the titles, or s3://BUCKET/PREFIX.", valueName: "library")
  )
  var library: String

  @OptionGroup var options: ServeOptions

  @OptionGroup var ingest: IngestOptions

  func run() async throws {
    do {
      let titles = LiveTitles()
      let points = try ingest.points(library: library, titles: titles)
      try await options.serve(
        library: library, live: points == nil ? nil : titles, publishing: points
      ) { address in
        Terminal.say("Serving \(library) at \(address)")
      }
    } catch {
      throw CommandFailure(error)
    }
  }
}

/// How a library is served.
struct ServeOptions: ParsableArguments {
  @OptionGroup var listening: ListenOptions

  @Option(
    help: ArgumentHelp(
      "Event loops, each with its thread (default: one for each core).", valueName: "count"))
  var threads: Int?

  @Option(
    help: ArgumentHelp(
      "Memory for what is asked for again and again, as in 512M or 8G; 0 keeps nothing.",
      valueName: "size"))
  var memory = ByteSize(byteCount: Int64(Limits().hotByteCount))

  @Option(
    help: ArgumentHelp(
      "hls.js as an ES module, for the player page in browsers without HLS.", valueName: "file"))
  var playerLibrary: String?

  @OptionGroup var faults: FaultOptions

  @OptionGroup var accessLog: AccessLogOptions

  @OptionGroup var access: AccessOptions

  @OptionGroup var limits: LimitOptions

  @OptionGroup var choices: ChoiceOptions

  @OptionGroup var objectStore: ObjectStoreOptions

  func validate() throws {
    if let threads, !(1...OriginServer.maximumLoopCount).contains(threads) {
      throw ValidationError(
        "--threads must be 1 to \(OriginServer.maximumLoopCount), not \(threads)")
    }
  }

  /// Serves until a signal asks to stop.
  /// - Parameters:
  ///   - live: titles that go before those of the library.
  ///   - publishing: where further ones are uploaded.
  ///   - onListening: gets each address of the origin, as a URL where there is one.
  func serve(
    library: String, live: LiveTitles? = nil, publishing: PublishingPoints? = nil,
    onListening: @escaping @Sendable (String) -> Void
  ) async throws {
    let pathways = try access.resolvedPathways()
    var configuration = OriginServer.Configuration()
    configuration.limits.hotByteCount = Int(memory.byteCount)
    if let threads { configuration.loopCount = threads }
    configuration.playerLibraryPath = playerLibrary
    configuration.live = live
    configuration.publishing = publishing
    try listening.apply(to: &configuration)
    try access.apply(to: &configuration)
    limits.apply(to: &configuration)
    let store: TitleStore
    if ObjectLocation.isOne(library) {
      let place = try ObjectLocation(library)
      let opened = try objectStore.open(place)
      store = TitleStore(root: place.description, in: opened.tree)
      configuration.objects = opened.blocks
      configuration.choices = try choices.ledger(library: nil)
    } else {
      guard !objectStore.isUsed else {
        throw CommandFailure(
          .usage, "--s3-endpoint, --s3-region and --cache go with a library s3://BUCKET/PREFIX")
      }
      store = try TitleStore(root: library)
      configuration.choices = try choices.ledger(library: store.root)
    }
    var logger = Logger(label: "dougong") { StreamLogHandler.standardError(label: $0) }
    logger.logLevel = .warning
    faults.set(&configuration)
    let log = try accessLog.log()
    configuration.accessLog = log
    let server = OriginServer(
      titles: LibraryTitles(store, pathways: pathways), configuration: configuration, logger: logger
    ) { onListening($0.address.url) }
    let group = ServiceGroup(
      configuration: .init(
        services: [.init(service: server)], gracefulShutdownSignals: [.sigterm, .sigint],
        logger: logger))
    try await withThrowingTaskGroup { tasks in
      let identity = configuration.identity
      tasks.addTask { [logger] in
        for await _ in await UnixSignalsSequence(trapping: .sighup) {
          log?.reopen(logger)
          identity?.refresh(logger, isAsked: true)
        }
      }
      try await group.run()
      tasks.cancelAll()
    }
  }
}
