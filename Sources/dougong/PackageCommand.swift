import ArgumentParser
import Episodes
import FileIO
import Foundation
import Library
import MediaCore
import NIOCore
import Packaging
import Origin
import Presentation

struct Package: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "package",
    abstract: "Packages media files as one title: CMAF tracks with HLS and DASH beside them.",
    discussion: """
      Several sources become renditions of one title: the same content at several sizes, with key \
      frames at the same moments. Audio is taken from the first source that has it, and further \
      languages from the others. '-' reads standard input.

      Examples:
        dougong package film.mov -o library/film
        dougong package film-2160p.mp4 film-1080p.mp4 film-540p.mp4 -o library/film
        dougong package film.mp4 --audio de=commentary.m4a,role=commentary -o library/film
        dougong package film.mkv -o library/film --segment 4s --replace
        dougong package film.mp4 -o library/film --text de=film.de.srt --text en=film.en.vtt,role=caption
        dougong package film.mp4 -o library/film --thumbnails auto --poster auto --trick 1s
        curl https://example.com/film.ts | dougong package - -o library/film
        dougong package offer.yaml -o library/offer

      A .yaml file is an interactive episode: all its scenes are packaged, each once. With --replace, \
      scenes that did not change are taken over from the old episode.
      """)

  @Argument(help: ArgumentHelp("Media files, or - for standard input.", valueName: "source"))
  var sources: [String]

  @Option(name: [.short, .long], help: "Folder of the title; its name is the title's.")
  var output: String

  @Option(
    help:
      "Wanted length of a segment, as 2s, 1.5s or 1001/500. (default: 2s; in scenes of an episode 1s, 2s and then 4s)"
  )
  var segment: SegmentLength?

  @Option(help: "Where segments lie: in one file for each track, or in files of their own.")
  var segments = SegmentLayout.tracks

  @Option(
    help: ArgumentHelp(
      "Chapters in WebVTT or FFmpeg metadata, for those of the source.", valueName: "file"))
  var chapters: String?

  @Flag(help: "Put the new title in the place of an older one.")
  var replace = false

  @Flag(help: "Leave out audio and video of codings that are not packaged.")
  var skipUnsupported = false

  @OptionGroup(title: "Sound") var audio: AudioArguments

  @OptionGroup(title: "Subtitles") var text: TextArguments

  @OptionGroup(title: "Pictures") var pictures: PictureArguments

  @Option(help: "Sources to work on at once.")
  var threads = max(1, ProcessInfo.processInfo.activeProcessorCount)

  @Flag(help: ArgumentHelp("Read every file by FFmpeg, MP4 too.", visibility: .hidden))
  var ffmpeg = false

  @Flag(help: "Print one JSON object about the result.")
  var json = false

  func validate() throws {
    guard !sources.isEmpty, sources.count <= 64 else {
      throw ValidationError("1 to 64 sources are expected, not \(sources.count)")
    }
    guard (1...256).contains(threads) else {
      throw ValidationError("--threads must be 1 to 256, not \(threads)")
    }
    guard sources.filter({ $0 == "-" }).count <= 1 else {
      throw ValidationError("standard input can be one source only")
    }
    if let name = output.split(separator: "/").last,
      let objection = ReservedName.objection(to: String(name))
    {
      throw ValidationError(objection)
    }
  }

  func run() throws {
    try CommandFailure.catching {
      if let file = try episodeFile() { try packageEpisode(file) } else { try packageTitle() }
    }
  }

  /// The episode file, if the source is one.
  private func episodeFile() throws -> String? {
    let files = sources.filter { $0.hasSuffix(".yaml") || $0.hasSuffix(".yml") }
    guard let file = files.first else { return nil }
    guard sources.count == 1 else {
      throw CommandFailure(
        .data, "\(file) is an episode: package it alone; its scenes name their own media")
    }
    return file
  }

  private func packageEpisode(_ file: String) throws {
    Interruption.watch()
    try refuseTitleOptions()
    let read = try EpisodeInput(path: file)
    let publication = try TitlePublication(path: output, replacesTitle: replace)
    var isPublished = false
    defer { if !isPublished { publication.abandon() } }
    let line = ProgressLine("Packaging")
    let progress = WorkProgress(
      total: { line.start(total: $0) }, moved: { line.add($0) },
      isCancelled: { Interruption.isRequested })
    let result: EpisodePackaging.Result
    do {
      let opener = SourceOpener(
        spoolFolder: publication.folder, usesFFmpegOnly: ffmpeg,
        isCancelled: { Interruption.isRequested })
      result = try EpisodePackaging(
        file: file, episode: read.episode, masks: read.file.minimumMasks, scenes: read.scenes,
        prompts: read.prompts, publication: publication, threads: threads,
        segment: segment?.time ?? EpisodeJob.segment
      ).run(opener: opener, audio: audio, skipsUnsupported: skipUnsupported, progress: progress)
      line.finish()
    } catch {
      line.finish()
      guard Interruption.isRequested else { throw error }
      throw CommandFailure(.system, "interrupted: nothing was published at \(output)")
    }
    try publication.publish()
    isPublished = true
    for note in result.notes { Terminal.say("note: \(note)") }
    let report = EpisodeReport(result.episode, takenOver: result.takenOver)
    print(json ? try report.json : report.text)
  }

  /// Options that are about one title.
  private func refuseTitleOptions() throws {
    let asked = [
      (segments.value != .tracks, "--segments"),
      (chapters != nil, "--chapters"), (!audio.added.isEmpty, "--audio"),
      (!text.sidecars.isEmpty, "--text"),
      (
        pictures.thumbnails != nil || pictures.poster != nil || pictures.trick != nil,
        "--thumbnails, --poster and --trick"
      ),
    ]
    guard let option = asked.first(where: \.0)?.1 else { return }
    throw CommandFailure(
      .data, "\(option) is for a title of one film; an episode file says it for each scene itself")
  }

  private func packageTitle() throws {
    Interruption.watch()
    let publication = try TitlePublication(path: output, replacesTitle: replace)
    var isPublished = false
    defer { if !isPublished { publication.abandon() } }
    let line = ProgressLine("Packaging")
    let progress = WorkProgress(
      total: { line.start(total: $0) }, moved: { line.add($0) },
      isCancelled: { Interruption.isRequested })
    let job: PackagingJob
    var notes: [String] = []
    do {
      let opener = SourceOpener(
        spoolFolder: publication.folder, usesFFmpegOnly: ffmpeg,
        isCancelled: { Interruption.isRequested })
      var options = PackagingOptions()
      options.segment = (segment ?? .standard).time
      options.threads = threads
      options.layout = segments.value
      options.chapters = try chapters.map { try ChapterFile(path: $0).chapters }
      options.skipsUnsupported = skipUnsupported
      options.text = try text.options()
      job = try PackagingJob(try audio.open(sources, by: opener), options: options)
      notes = job.notes + (try job.run(into: publication.folder, progress: progress))
      line.finish()
      notes += try pictures.make(for: publication, threads: threads)
    } catch {
      line.finish()
      if Interruption.isRequested {
        throw CommandFailure(.system, "interrupted: nothing was published at \(output)")
      }
      throw error
    }
    let title = try publication.writeDocuments()
    if Interruption.isRequested {
      throw CommandFailure(.system, "interrupted: nothing was published at \(output)")
    }
    try publication.publish()
    isPublished = true
    for note in notes { Terminal.say("note: \(note)") }
    try report(title, line)
  }

  private func report(_ title: Title, _ line: ProgressLine) throws {
    if json {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
      print(String(decoding: try encoder.encode(TitleReport(title)), as: UTF8.self))
      return
    }
    print(TitleReport(title).text)
    if Terminal.isInteractive {
      let speed = line.speed
      Terminal.say(
        String(format: "%.2f s, %.0f MB/s", speed.seconds, speed.bytesPerSecond / 1e6))
    }
  }
}

/// Wanted length of a segment as it is typed.
struct SegmentLength: ExpressibleByArgument {
  let time: MediaTime
  static let standard = SegmentLength(time: MediaTime(2, Timescale(literal: 1)), text: "2s")
  private let text: String

  /// From a tenth of a second to a minute.
  init?(argument: String) {
    var plain = argument
    if plain.hasSuffix("s") { plain.removeLast() }
    let found: MediaTime?
    if plain.contains("/") {
      found = Rational(text: plain).flatMap { rational in
        UInt32(exactly: rational.denominator).flatMap { Timescale($0) }
          .map { MediaTime(rational.numerator, $0) }
      }
    } else {
      found = Double(plain).flatMap { seconds in
        seconds.isFinite && seconds < 1e6
          ? MediaTime(Int64((seconds * 1000).rounded()), Timescale(literal: 1000)) : nil
      }
    }
    guard let found, (0.1...60).contains(found.seconds) else { return nil }
    self.init(time: found, text: argument)
  }

  private init(time: MediaTime, text: String) {
    self.time = time
    self.text = text
  }

  var defaultValueDescription: String { text }
}
