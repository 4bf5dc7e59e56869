import ArgumentParser
import Choices
import Episodes
import FileIO
import Foundation
import Library
import MediaCore
import NIOCore

struct EpisodeStatisticsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "statistics",
    abstract: "Shows what viewers of an interactive episode chose.",
    discussion: """
      A title is read with the ledger of its library, .dougong/choices.sqlite, or that in --state. Of a \
      URL the origin is asked.

      Examples:
        dougong episode statistics library/offer
        dougong episode statistics https://origin.example/offer --json | jq '.endings[].share'
      """)

  @Argument(help: "Folder of a packaged episode, or its URL at an origin.")
  var title: String

  @Option(
    help: ArgumentHelp("Folder of choices.sqlite, as 'dougong serve' has it.", valueName: "folder"))
  var state: String?

  @Option(
    help: ArgumentHelp(
      "An older version of the episode, by its 16 digits. (default: the present one)",
      valueName: "digits"))
  var version: String?

  @Flag(help: "Print one JSON object.")
  var json = false

  func validate() throws {
    let isVersion =
      version.map { version in
        version.utf8.count == ChoiceLimits.versionLength
          && version.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
      } ?? true
    guard isVersion else {
      throw ValidationError("a version has \(ChoiceLimits.versionLength) hexadecimal digits")
    }
    guard state == nil || address == nil else {
      throw ValidationError("--state is for a title on disk; an origin knows its own")
    }
  }

  func run() async throws {
    do {
      let data: Data
      if let address {
        data = try await StatisticsAddress(address, version: version).read()
      } else {
        data = try await read()
      }
      let statistics = try EpisodeStatistics(json: data)
      if json {
        FileHandle.standardOutput.write(data)
      } else {
        print(StatisticsTable(statistics, isColoured: isatty(STDOUT_FILENO) == 1).text)
      }
    } catch {
      throw CommandFailure(error)
    }
  }

  private var address: String? {
    title.hasPrefix("http://") || title.hasPrefix("https://") ? title : nil
  }

  /// From the ledger of the library that the title is in.
  private func read() async throws -> Data {
    guard let folder = Folder.resolved(title), let slash = folder.lastIndex(of: "/") else {
      throw CommandFailure(.data, "\(title) does not exist; name the folder of a packaged episode")
    }
    let path = "\(folder)/\(TitleStore.episodeFileName)"
    guard Folder.entry(at: path) == .file else {
      throw CommandFailure(
        .data, "\(title) is no packaged episode: it has no \(TitleStore.episodeFileName)")
    }
    let input = try ProofInput(path)
    let file = try ReadableFile(path: path)
    var digest = ContentDigest()
    digest.add(try file.read(at: 0, count: Int(file.byteCount)))
    let episode = ChoiceEpisode(
      name: String(folder[folder.index(after: slash)...]), version: TrackDigest.text(digest.take()),
      graph: input.graph)
    let ledger = ChoiceLedger(
      path: "\(state ?? "\(folder[..<slash])/.dougong")/choices.sqlite")
    let made = try await withCheckedThrowingContinuation { continuation in
      ledger.statistics(of: episode, version: version) { result in
        continuation.resume(with: result)
      }
    }
    guard let made else {
      throw CommandFailure(.data, "\(title): nothing is known of the version \(version ?? "")")
    }
    return made.json
  }
}
