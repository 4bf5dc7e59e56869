import ArgumentParser
import Episodes
import FileIO
import Foundation
import NIOCore

struct EpisodeImport: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import",
    abstract: "Turns a story in Twee 3 into an episode file.",
    discussion: """
      Passages become scenes, links become options, and the macros set and if (of SugarCube and of \
      Harlowe) effects and conditions; whatever else has a meaning in the story is an error with its \
      line. The tags [ending], [checkpoint] and [choice 2.0 8.96] (when the window begins, and how long \
      it lasts, in seconds) say what Twee has no words for. The media of the file are names for what is \
      still to be shot. Also reads a compiled episode (.json).

      Examples:
        dougong episode import story.twee -o offer.yaml
        dougong episode import story.twee --language zh
        dougong episode import library/offer/episode.json
      """)

  @Argument(help: "A story (.twee, .tw) or a compiled episode (.json).")
  var file: String

  @Option(help: "Language of the story's text (BCP 47).")
  var language = "en"

  @Option(name: .shortAndLong, help: "Where the episode file goes; standard output if not given.")
  var output: String?

  func run() throws {
    try CommandFailure.catching {
      let bytes = try EpisodeTextFile.read(file)
      let episode: EpisodeFile
      if file.hasSuffix(".json") {
        do {
          let compiled = try Episode(json: bytes)
          _ = try EpisodeGraph(compiled)
          episode = EpisodeFile(
            name: file, episode: compiled, media: EpisodeFile.mediaStubs(of: compiled))
        } catch let error as EpisodesError {
          throw CommandFailure(.data, "\(file): \(error.message)")
        }
      } else {
        episode = try TweeImport.read(bytes, name: file, language: language)
      }
      let head = "# From \((file as NSString).lastPathComponent.filter { !$0.isNewline })."
      try EpisodeTextFile.write(
        "\(head)\n# The media are names for what is still to be shot.\n" + episode.yaml, to: output)
    }
  }
}

/// Short texts of the episode commands.
enum EpisodeTextFile {
  static func read(_ path: String) throws -> [UInt8] {
    let file = try ReadableFile(path: path)
    guard file.byteCount <= EpisodeLimits.documentByteCount else {
      throw CommandFailure(
        .data,
        "\(path) has \(file.byteCount) bytes; at most \(EpisodeLimits.documentByteCount) are read")
    }
    return Array(try file.read(at: 0, count: Int(file.byteCount)).readableBytesView)
  }

  /// - Parameter path: `nil` for standard output; a file that is there is not replaced.
  static func write(_ text: String, to path: String?) throws {
    guard let path else {
      print(text, terminator: "")
      return
    }
    do {
      try Data(text.utf8).write(to: URL(filePath: path), options: .withoutOverwriting)
    } catch CocoaError.fileWriteFileExists {
      throw CommandFailure(.data, "\(path) is there already; name another file or remove it")
    } catch {
      throw CommandFailure(.system, "\(path) cannot be written: \(error.localizedDescription)")
    }
  }
}
