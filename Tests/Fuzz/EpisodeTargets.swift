import Episodes
import NIOCore

/// Episode files, and walks through what is read.
extension FuzzTarget {
  static let episodeTargets = [
    FuzzTarget(name: "episode") { bytes in
      tolerant {
        let file = try EpisodeFile(bytes.readableBytesView, name: "fuzz.yaml")
        // What is written is read as the same.
        let again = try? EpisodeFile(text: file.yaml, name: "again.yaml")
        precondition(again?.episode == file.episode, "YAML lost something:\n\(file.yaml)")
        precondition(again?.media == file.media, "YAML lost media:\n\(file.yaml)")
        _ = file.dot
        let compiled = try? Episode(json: file.episode.json)
        precondition(compiled == file.episode, "JSON lost something")
        try walk(try EpisodeGraph(file.episode), bytes.readableBytesView.suffix(16))
      }
    },
    FuzzTarget(name: "episode-twee") { bytes in
      tolerant {
        let file = try TweeImport.read(bytes.readableBytesView, name: "fuzz.twee", language: "en")
        let again = try? EpisodeFile(text: file.yaml, name: "again.yaml")
        precondition(again?.episode == file.episode, "YAML lost something:\n\(file.yaml)")
      }
    },
  ]

  /// Some paths, with digits from the input; a fold at every checkpoint on the way.
  private static func walk(_ graph: EpisodeGraph, _ bytes: some Sequence<UInt8>) throws {
    var path = EpisodePath.beginning
    for byte in bytes {
      guard let walk = try? Walk(graph, path: path), let open = walk.openChoice else { break }
      guard let option = open.enabled.isEmpty ? nil : open.enabled[Int(byte) % open.enabled.count]
      else { break }
      path.options.append(option)
      if let step = walk.steps.last,
        let folded = walk.folded(
          taking: option, at: step.decisions.count - 1, of: step,
          to: walk.arrival(taking: option, at: step.decisions.count - 1, of: step))
      {
        // What matters from a checkpoint on is carried, so both ways go on alike.
        let long = try? Walk(graph, path: path)
        let short = try? Walk(graph, path: folded)
        if let long, let short {
          precondition(
            long.steps.suffix(short.steps.count).map(\.scene.id) == short.steps.map(\.scene.id)
              && long.openChoice?.enabled == short.openChoice?.enabled,
            "\(folded) forgot something of \(path)")
        }
      }
    }
    _ = try? Walk(graph, path: path, takesDefaults: true)
  }
}
