import ArgumentParser
import Encoding
import Episodes
import FileIO
import Foundation
import Ladder
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
        dougong package mezzanine.mov --ladder uhd --codec hevc,h264 -o library/film
        dougong package mezzanine.mov --ladder evening.yaml --plan
        dougong package offer.yaml -o library/offer

      With --ladder the picture of one source is encoded into all rungs; its sound and subtitles are \
      taken as they are. The work is cut into parts that are kept until the title is published, so \
      that a run which was killed goes on.

      A .yaml file is an interactive episode: all its scenes are packaged, each once. With --replace, \
      scenes that did not change are taken over from the old episode.
      """)

  @Argument(help: ArgumentHelp("Media files, or - for standard input.", valueName: "source"))
  var sources: [String]

  @Option(name: [.short, .long], help: "Folder of the title; its name is the title's.")
  var output: String?

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

  @OptionGroup(title: "Encoding") var ladder: LadderArguments

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
    guard let output else {
      if ladder.plan { return }
      throw ValidationError("name the folder of the title with --output")
    }
    if let name = output.split(separator: "/").last,
      let objection = ReservedName.objection(to: String(name))
    {
      throw ValidationError(objection)
    }
    guard ladder.ladder == nil || (sources.count == 1 && sources != ["-"]) else {
      throw ValidationError(
        "--ladder encodes one file, which is read more than once; further sound is named with --audio"
      )
    }
  }

  func run() throws {
    try CommandFailure.catching {
      if let file = try episodeFile() {
        try packageEpisode(file, at: output ?? "")
      } else if ladder.plan {
        try printPlan()
      } else {
        try packageTitle(at: output ?? "")
      }
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

  private func packageEpisode(_ file: String, at output: String) throws {
    Interruption.watch()
    try refuseTitleOptions()
    let read = try EpisodeInput(path: file)
    let publication = try TitlePublication(path: output, replacesTitle: replace)
    var isPublished = false
    defer { if !isPublished { publication.abandon() } }
    let line = ProgressLine("Packaging")
    let progress = line.progress
    let result: EpisodePackaging.Result
    do {
      let opener = SourceOpener(
        spoolFolder: publication.folder, usesFFmpegOnly: ffmpeg,
        skipsPictures: ladder.ladder != nil,
        isCancelled: { Interruption.isRequested })
      result = try EpisodePackaging(
        file: file, episode: read.episode, masks: read.file.minimumMasks, scenes: read.scenes,
        prompts: read.prompts, publication: publication, threads: threads,
        segment: segment?.time ?? EpisodeJob.segment,
        ladder: try ladder.read().map {
          SceneLadder(
            $0, ladder, folder: partPath(output), threads: threads,
            segment: segment?.time ?? EpisodeJob.segment)
        }
      ).run(opener: opener, audio: audio, skipsUnsupported: skipUnsupported, progress: progress)
      line.finish()
    } catch {
      line.finish()
      guard Interruption.isRequested else { throw error }
      throw CommandFailure(.system, "interrupted: nothing was published at \(output)")
    }
    try publication.publish()
    isPublished = true
    if ladder.ladder != nil, ladder.parts == nil { try Folder.remove(partPath(output)) }
    for note in result.notes { Terminal.say("note: \(note)") }
    let report = EpisodeReport(result.episode, takenOver: result.takenOver)
    print(json ? try report.json : report.text)
  }

  /// Options that are about one title.
  private func refuseTitleOptions() throws {
    let asked = [
      (segments.value != .tracks, "--segments"), (ladder.plan, "--plan"),
      (ladder.report != nil, "--report"),
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

  private func packageTitle(at output: String) throws {
    Interruption.watch()
    let publication = try TitlePublication(path: output, replacesTitle: replace)
    var isPublished = false
    defer { if !isPublished { publication.abandon() } }
    let line = ProgressLine("Packaging")
    let progress = line.progress
    var notes: [String] = []
    var encoded: LadderReport.Subject?
    do {
      let opener = SourceOpener(
        spoolFolder: publication.folder, usesFFmpegOnly: ffmpeg,
        skipsPictures: ladder.ladder != nil,
        isCancelled: { Interruption.isRequested })
      let wanted = try ladder.read()
      var sources = try audio.open(
        self.sources, by: opener, sounds: wanted?.soundForms ?? [])
      var options = try options()
      if let wanted, let found = try ladderWork(wanted, sources) {
        let folder = try PartFolder(path: partPath(output))
        sources[0] = try found.encode(in: folder, threads: threads, by: ladder)
        options.segment = found.ladder.segment
        encoded = LadderReport.Subject(
          plan: found.plan,
          similarity: ladder.similarity ? try found.similarity(in: folder, threads: threads) : [])
      }
      let job = try PackagingJob(sources, options: options)
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
    if encoded != nil, ladder.parts == nil { try Folder.remove(partPath(output)) }
    for note in notes { Terminal.say("note: \(note)") }
    try report(title, encoded.map { LadderReport(title, $0) }, line)
  }

  private func options() throws -> PackagingOptions {
    var options = PackagingOptions()
    options.segment = (segment ?? .standard).time
    options.threads = threads
    options.layout = segments.value
    options.chapters = try chapters.map { try ChapterFile(path: $0).chapters }
    options.skipsUnsupported = skipUnsupported
    options.text = try text.options()
    return options
  }

  // MARK: Ladder

  /// The plan of a source's ladder.
  private func ladderWork(
    _ ladder: Ladder, _ sources: [any MediaSource]
  ) throws -> LadderWork? {
    guard let base = sources.first else { return nil }
    return try LadderWork(
      base, path: self.sources[0], ladder: ladder, segment: segment?.time,
      isPerTitle: self.ladder.perTitle,
      isCancelled: { Interruption.isRequested })
  }

  /// Where parts are kept: beside the title, out of the way of who serves the library.
  private func partPath(_ output: String) -> String {
    if let parts = ladder.parts { return parts }
    var trimmed = output[...]
    while trimmed.count > 1, trimmed.hasSuffix("/") { trimmed.removeLast() }
    guard let slash = trimmed.lastIndex(of: "/") else { return ".\(trimmed).parts" }
    return "\(trimmed[...slash]).\(trimmed[trimmed.index(after: slash)...]).parts"
  }

  private func printPlan() throws {
    Interruption.watch()
    let opener = SourceOpener(
      spoolFolder: NSTemporaryDirectory(), usesFFmpegOnly: ffmpeg, skipsPictures: true,
      isCancelled: { Interruption.isRequested })
    guard let wanted = try ladder.read(),
      let work = try ladderWork(wanted, [try opener.open(sources[0])])
    else { return }
    for note in work.notes { Terminal.say("note: \(note)") }
    print(json ? String(decoding: try work.plan.json, as: UTF8.self) : work.planText)
  }

  private func report(_ title: Title, _ ladder: LadderReport?, _ line: ProgressLine) throws {
    if let ladder, let path = self.ladder.report { try ladder.write(to: path) }
    if json {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
      var report = TitleReport(title)
      report.ladder = ladder
      print(String(decoding: try encoder.encode(report), as: UTF8.self))
      return
    }
    print(TitleReport(title).text)
    if let ladder { print(ladder.text) }
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
