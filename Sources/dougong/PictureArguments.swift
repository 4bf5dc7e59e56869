import ArgumentParser
import FileIO
import Foundation
import Library
import MediaCore
import NIOCore
import Packaging
import Pictures

/// A length or moment as it is typed: `10s`, `1.5`, `500ms`, `1:02:03.5`; or `auto`.
struct PictureTime: ExpressibleByArgument {
  /// `nil` leaves it to the program.
  let milliseconds: Int64?

  init?(argument: String) {
    if argument == "auto" {
      milliseconds = nil
      return
    }
    let isMilliseconds = argument.hasSuffix("ms")
    var plain = argument
    if isMilliseconds {
      plain.removeLast(2)
    } else if plain.hasSuffix("s") {
      plain.removeLast()
    }
    let parts = plain.split(separator: ":", omittingEmptySubsequences: false).map { Double($0) }
    guard (1...3).contains(parts.count), !isMilliseconds || parts.count == 1 else { return nil }
    var value = 0.0
    for part in parts {
      guard let part, part >= 0, part.isFinite else { return nil }
      value = value * 60 + part
    }
    value *= isMilliseconds ? 1 : 1000
    guard value < 1e12 else { return nil }
    milliseconds = Int64(value.rounded())
  }

  var choice: PictureOptions.Choice { milliseconds.map { .milliseconds($0) } ?? .automatic }
}

/// What `package` is told of pictures.
struct PictureArguments: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Thumbnails for seeking, one each so often, as 10s; auto chooses by the title's length.",
      valueName: "interval"))
  var thumbnails: PictureTime?

  @Option(
    help: ArgumentHelp(
      "A poster of that moment, as 90s or 1:30; auto takes the first picture worth a look.",
      valueName: "time"))
  var poster: PictureTime?

  @Option(
    help: ArgumentHelp(
      "A track of single pictures for winding, one each so often, as 1s.", valueName: "interval"))
  var trick: PictureTime?

  func validate() throws {
    if let time = thumbnails?.milliseconds, !(100...TitleImages.maximumInterval).contains(time) {
      throw ValidationError("--thumbnails must be 100ms to a day, not \(time) ms")
    }
    if let trick {
      guard let time = trick.milliseconds, (100...60_000).contains(time) else {
        throw ValidationError("--trick must be 100ms to 60s")
      }
    }
  }

  /// Makes the pictures of a title that is about to be published, and adds them to its description.
  /// - Returns: what is to be said of them, a sentence each.
  func make(for publication: TitlePublication, threads: Int) throws -> [String] {
    var options = PictureOptions()
    options.thumbnails = thumbnails?.choice
    options.poster = poster?.choice
    options.trick = trick?.milliseconds
    options.threads = threads
    guard !options.isEmpty else { return [] }
    let line = ProgressLine("Pictures", unit: .pictures)
    defer { line.finish() }
    let progress = line.progress
    let stored = try TitleStore.open(folder: publication.folder, name: publication.name)
    let made = try PictureJob(stored, options: options).run(
      into: publication.folder, progress: progress)
    var description = try TitleDescription(folder: publication.folder)
    if let trick = made.trick {
      description.tracks.append(
        try TrickTrack.write(
          trick, beside: description.tracks.map(\.name), into: publication.folder,
          layout: description.segments ?? .tracks))
    }
    if !made.images.isEmpty { description.images = made.images }
    try publication.replace(
      ByteBuffer(bytes: try description.json), in: TitleDescription.fileName)
    return made.notes
  }
}
