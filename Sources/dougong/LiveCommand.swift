import ArgumentParser
import FFmpeg
import FileIO
import Foundation
import Library
import MediaCore
import Origin
import Packaging
import Publishing

struct LiveCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "live",
    abstract: "Packages a live source at low latency, and serves it with a library of titles.",
    discussion: """
      SOURCE is a file, which is played at its own pace, - for standard input, or a URL: udp, srt, rtmp, tcp, \
      http. Pictures and sound are taken as they are coded, or pictures are encoded with --ladder or --encode. Parts and segments are cut at key frames where these \
      allow it, and their numbers tell when they are: two packagers of one source make the same. When the source \
      ends, or SIGTERM comes, what viewers could go back to becomes a title of the library at the same URL. Several \
      sources become renditions of one picture, with key frames at the same moments, and sound in several languages.

      Examples:
        dougong live film.mp4 library --name channel --loop
        dougong live film-1080p.mp4 film-540p.mp4 library --name channel --loop
        dougong live udp://239.1.1.1:5000 library --name channel --segment 2s --part 0.2s
        dougong live udp://239.1.1.1:5000 udp://239.1.1.2:5000 library --name channel
        dougong live 'srt://0.0.0.0:9000?mode=listener' library --name channel
        dougong live 'rtmp://0.0.0.0:1935/live/key?listen=1' library --name channel
        ffmpeg … -f mpegts - | dougong live - library --name channel
        dougong live film.mp4 library --name channel --ladder hd --loop
        dougong live 'srt://0.0.0.0:9000?mode=listener' library --name channel --ladder hd --max-height 720
        dougong live udp://:5000 library --name channel --encode --codec hevc
        dougong live udp://:5000 library --name channel --to https://user:password@origin.example/channel
        curl http://127.0.0.1:8080/channel/main.m3u8
      """)

  @Argument(
    help: ArgumentHelp(
      "Files, or - or URLs; and the folder that holds the titles.", valueName: "source> … <library")
  )
  var places: [String]

  private var sources: [LiveAddress] { places.dropLast().map { LiveAddress($0) } }
  private var library: String { places.last ?? "" }

  @Option(help: "Name of the title, the first part of its URLs.")
  var name: String

  @Option(help: "Wanted length of a segment, as 2s, 1.5s or 1001/500.")
  var segment = SegmentLength.standard

  @Option(help: "Wanted length of a part, from 0.1s to a segment's.")
  var part = PartLength.standard

  @Option(help: "How far back viewers may go, as 90s, 30m or 4h.")
  var dvr = WindowLength.standard

  @Option(
    help: ArgumentHelp(
      "When the source begins, as 2026-01-01T00:00:00Z, where two packagers are to make the same.",
      discussion: "Without it: now.", valueName: "time"))
  var epoch: EpochTime?

  @Flag(help: "Play a file again and again.")
  var loop = false

  @Option(
    help: ArgumentHelp(
      "What stays when the title ends: vod, a title of the library in its place; dvr, what a packager that starts "
        + "again goes on with; or none.",
      discussion: "Without it: vod, or dvr with --loop."))
  var keep: LiveKeeping?

  @Flag(help: "What stays may take the place of an older title of that name.")
  var replace = false

  @Option(
    help: ArgumentHelp(
      "Publishing point of another origin that gets the same, as https://user:password@host/channel. (see docs/ingest.md)",
      valueName: "url"))
  var to: PublishingArgument?

  @OptionGroup(title: "Encoding") var encoding: LiveLadderOptions

  @OptionGroup var options: ServeOptions

  func validate() throws {
    guard TrackName.isValid(name) else {
      throw ValidationError("--name '\(name)' is no name: \(TrackName.rule)")
    }
    if let objection = ReservedName.objection(to: name) { throw ValidationError(objection) }
    guard part.time.seconds <= segment.time.seconds else {
      throw ValidationError("--part must be at most a segment's length, \(segment.time.seconds) s")
    }
    guard let first = sources.first else {
      throw ValidationError("a source and a library are expected, as film.mp4 library")
    }
    if let other = sources.first(where: { $0.kind != first.kind }) {
      throw ValidationError(
        "\(first.name) and \(other.name) cannot be one title: sources are all files, or all streams"
      )
    }
    guard sources.count == 1 || (encoding.ladder == nil && !encoding.encode) else {
      throw ValidationError("one source is encoded: \(sources.count) are given")
    }
    guard !loop || first.kind == .file else {
      throw ValidationError("--loop is for files: \(first.name) goes on by itself")
    }
  }

  func run() async throws {
    do {
      let end = LiveEnd(
        name: name, library: library, keeping: keep ?? (loop ? .dvr : .vod),
        replacesTitle: replace)
      try end.prepare()
      let titles = LiveTitles()
      let store = try LiveStore(library: library, name: name, window: dvr.time)
      let lock = try FolderLock(store.folder)
      defer { withExtendedLifetime(lock) {} }
      var wanted = liveOptions
      wanted.lastSegment = try store.lastSegment()
      let notice = ServingNotice(awaitsTitle: sources.allSatisfy { $0.kind == .file })
      let choose = try encoding.choice(segment: segment.time, part: part.time)
      let feed = LiveFeed(
        sources, loops: loop, options: wanted,
        encoding: choose.map { .init(choose: $0, isForced: encoding.anyway) }, store: store,
        publisher: try to.map { try LivePublisher(to: $0.address) { Terminal.say($0) } },
        begin: { segmenter in
          let title = try begin(segmenter, titles, store)
          notice.titleBegan()
          return title
        })
      try await serve(titles, feed, notice) {
        guard let title = try feed.run() else { return }
        do {
          try end.conclude(
            store, in: titles, target: title.description.targetDuration, window: dvr.time,
            isStopped: { feed.isStopped })
        } catch {
          feed.failed(error)
        }
      }
      // It has been said when it happened: until it is asked to end, viewers have what there is.
      if let failure = feed.failure { throw ExitCode(failure.code.rawValue) }
    } catch let error as ExitCode {
      throw error
    } catch {
      throw CommandFailure(error)
    }
  }

  /// Serves until it is asked to end, or until it turns out that no title begins.
  /// - Parameter body: feeds the title; blocks.
  private func serve(
    _ titles: LiveTitles, _ feed: LiveFeed, _ notice: ServingNotice,
    _ body: @escaping @Sendable () throws -> Void
  ) async throws {
    enum Ended { case serving, feeding }
    try await withThrowingTaskGroup(of: Ended.self) { tasks in
      tasks.addTask { [options, library, name] in
        try await options.serve(library: library, live: titles) { address in
          notice.add("Serving \(name) at \(address)\(name)/main.m3u8")
        }
        return .serving
      }
      tasks.addTask {
        try await onThread(body)
        return .feeding
      }
      do {
        while let ended = try await tasks.next() {
          guard ended == .serving else { continue }
          // Whoever asks again wants out at once.
          Interruption.watch()
          feed.stop()
        }
      } catch {
        feed.abandon()
        throw error
      }
    }
  }

  private var liveOptions: LiveOptions {
    var options = LiveOptions()
    options.segment = segment.time
    options.part = part.time
    options.epoch = epoch?.nanoseconds
    if sources.allSatisfy({ $0.kind == .file }) {
      options.epoch = options.epoch ?? WallClock.nanoseconds()
      options.alignsEpoch = epoch == nil
    } else {
      options.joins = epoch != nil
    }
    return options
  }

  /// Makes the title that viewers see, with what it had before.
  @Sendable private func begin(
    _ segmenter: LiveSegmenter, _ titles: LiveTitles, _ store: LiveStore
  ) throws -> LiveTitle {
    let description = LiveTitleDescription(
      name: name, tracks: segmenter.tracks, segmentDuration: segmenter.cells.duration,
      targetDuration: segmenter.cells.targetDuration, window: dvr.time)
    let past = try store.past(of: segmenter.tracks, targetDuration: description.targetDuration)
    let title = try LiveTitle(
      description, archive: store, discontinuitySequence: past.discontinuitySequence)
    title.restore(past.splices)
    for (track, chunk) in past.chunks { try title.publish(chunk, track: track) }
    titles.begin(title)
    return title
  }
}

/// Wanted length of a part as it is typed.
struct PartLength: ExpressibleByArgument {
  let time: MediaTime
  private let text: String
  static let standard = PartLength(time: MediaTime(200, Timescale(literal: 1000)), text: "0.2s")

  init?(argument: String) {
    guard let length = SegmentLength(argument: argument) else { return nil }
    self.init(time: length.time, text: argument)
  }

  private init(time: MediaTime, text: String) {
    self.time = time
    self.text = text
  }

  var defaultValueDescription: String { text }
}

/// How far back viewers may go, as it is typed.
struct WindowLength: ExpressibleByArgument {
  let time: MediaTime
  private let text: String
  static let standard = WindowLength(seconds: 4 * 3600, text: "4h")
  /// Seconds, at most: a month.
  private static let longest = 31.0 * 86_400

  init?(argument: String) {
    let units: [Character: Double] = ["s": 1, "m": 60, "h": 3600, "d": 86_400]
    let unit = argument.last.flatMap { units[$0] }
    guard let number = Double(unit == nil ? argument : String(argument.dropLast())),
      (1...Self.longest).contains(number * (unit ?? 1))
    else { return nil }
    self.init(seconds: Int64(number * (unit ?? 1)), text: argument)
  }

  private init(seconds: Int64, text: String) {
    time = MediaTime(seconds, Timescale(literal: 1))
    self.text = text
  }

  var defaultValueDescription: String { text }
}

/// A moment as it is typed: RFC 3339 with a zone.
struct EpochTime: ExpressibleByArgument {
  /// Since 1970.
  let nanoseconds: Int64

  init?(argument: String) {
    let fraction = argument.contains(".")
    let style = Date.ISO8601FormatStyle(includingFractionalSeconds: fraction)
    // Before, segments would have no number.
    guard let date = try? style.parse(argument), date.timeIntervalSince1970 >= 86_400,
      date.timeIntervalSince1970 < 4e9
    else { return nil }
    nanoseconds = Int64((date.timeIntervalSince1970 * 1000).rounded()) * 1_000_000
  }
}

/// Runs what blocks on a thread of its own.
private func onThread(_ body: @escaping @Sendable () throws -> Void) async throws {
  try await withCheckedThrowingContinuation { continuation in
    Thread { continuation.resume(with: Result { try body() }) }.start()
  }
}
