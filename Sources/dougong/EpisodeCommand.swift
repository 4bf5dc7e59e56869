import ArgumentParser
import Episodes
import FileIO
import Foundation
import NIOCore

struct EpisodeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "episode",
    abstract: "Proves, draws and walks interactive episodes before they are published.",
    subcommands: [
      EpisodeCheck.self, EpisodeGraphs.self, EpisodePaths.self, EpisodePlay.self,
      EpisodeStatisticsCommand.self, EpisodeImport.self, EpisodeExport.self,
    ])
}

/// An episode that a command was given: the author's file, or a packaged title's `episode.json`.
struct ProofInput {
  let name: String
  let graph: EpisodeGraph
  /// `nil` for a compiled episode.
  let file: EpisodeFile?

  /// - Parameter path: of a file; of a title's folder too.
  init(_ path: String) throws {
    var path = path
    let attributes = try? FileManager.default.attributesOfItem(atPath: path)
    if attributes?[.type] as? FileAttributeType == .typeDirectory {
      path = (path as NSString).appendingPathComponent("episode.json")
    }
    name = path
    let source = try ReadableFile(path: path)
    guard source.byteCount <= EpisodeLimits.documentByteCount else {
      throw CommandFailure(
        .data,
        "\(path) has \(source.byteCount) bytes; an episode has at most "
          + "\(EpisodeLimits.documentByteCount)")
    }
    let bytes = try source.read(at: 0, count: Int(source.byteCount)).readableBytesView
    if path.hasSuffix(".json") {
      file = nil
      do {
        graph = try EpisodeGraph(try Episode(json: bytes))
      } catch {
        throw CommandFailure(.data, "\(path): \(error.message)")
      }
    } else {
      let file = try EpisodeFile(bytes, name: path)
      self.file = file
      graph = try EpisodeGraph(file.episode)
    }
  }
}
