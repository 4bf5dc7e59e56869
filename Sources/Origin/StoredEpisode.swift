import Choices
import Episodes
import FileIO
import Foundation
import NIOCore

/// `episode.json` in a title's folder, as reports and statistics need it.
enum StoredEpisode {
  static let fileName = "episode.json"

  /// `nil` if the title is no episode.
  static func read(folder: String, name: String) throws -> ChoiceEpisode? {
    let path = "\(folder)/\(fileName)"
    guard Folder.entry(at: path) == .file else { return nil }
    let file = try ReadableFile(path: path)
    guard file.byteCount <= EpisodeLimits.documentByteCount else {
      throw EpisodesError(
        .limit,
        "\(path) has \(file.byteCount) bytes; at most \(EpisodeLimits.documentByteCount) are read")
    }
    let bytes = try file.read(at: 0, count: Int(file.byteCount))
    var digest = ContentDigest()
    digest.add(bytes)
    let digits = String(digest.take(), radix: 16)
    let version = String(repeating: "0", count: 16 - digits.count) + digits
    var episode = try JSONDecoder().decode(Episode.self, from: Data(bytes.readableBytesView))
    episode.media = nil
    return ChoiceEpisode(name: name, version: version, graph: try EpisodeGraph(episode))
  }
}
