import ArgumentParser
import Episodes
import Foundation

struct EpisodeExport: ParsableCommand {
  enum Form: String, CaseIterable, ExpressibleByArgument {
    case yaml, json, dot, twee
  }

  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Writes an episode as YAML, JSON, a graph or a Twee story.",
    discussion: """
      'yaml' is the same file in one spelling, without comments; 'json' the compiled episode without its \
      media, as players read it; 'dot' a drawing for Graphviz; 'twee' a story for Twine.

      Examples:
        dougong episode export offer.yaml --as json | jq '.scenes[].id'
        dougong episode export offer.yaml --as dot | dot -Tsvg -o offer.svg
        dougong episode export offer.yaml --as twee -o offer.twee
      """)

  @Argument(help: "An episode file.")
  var file: String

  @Option(name: .customLong("as"), help: "yaml, json, dot or twee.")
  var form: Form

  @Option(name: .shortAndLong, help: "Where it goes; standard output if not given.")
  var output: String?

  func run() throws {
    try CommandFailure.catching {
      let episode = try EpisodeFile(try EpisodeTextFile.read(file), name: file)
      let text =
        switch form {
        case .yaml: episode.yaml
        case .json: String(decoding: try episode.episode.json, as: UTF8.self)
        case .dot: episode.dot
        case .twee: try episode.twee
        }
      try EpisodeTextFile.write(text, to: output)
    }
  }
}
