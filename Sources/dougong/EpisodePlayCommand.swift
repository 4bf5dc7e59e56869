import ArgumentParser
import Episodes
import Foundation
import Proof

struct EpisodePlay: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "play",
    abstract: "Walks an interactive episode in the terminal, without media.",
    discussion: """
      A number takes an answer, an empty line the default, `b` goes one choice back, `q` stops.

      Examples:
        dougong episode play offer.yaml --language zh
        printf '1\\n\\n2\\n' | dougong episode play offer.yaml
      """)

  @Argument(help: "An episode file, or a packaged title or its episode.json.")
  var file: String

  @Option(help: "Language of the texts.")
  var language: String?

  @Option(help: "A path to begin with.")
  var path = "_"

  func run() throws {
    try CommandFailure.catching {
      let graph = try ProofInput(file).graph
      try play(graph, try EpisodePath(path))
    }
  }

  private func play(_ graph: EpisodeGraph, _ start: EpisodePath) throws {
    let episode = graph.episode
    func text(_ texts: [String: String], _ id: String) -> String {
      EpisodeText.text(texts, language, episode, else: id)
    }
    var path = start
    var shown = 0
    print(text(episode.title, episode.id))
    while true {
      let walk = try Walk(graph, path: path)
      for step in walk.steps.dropFirst(shown) {
        print("\n— \(text(step.scene.title, step.scene.id)) [\(step.scene.id)]")
      }
      shown = walk.steps.count
      guard let open = walk.openChoice else {
        if let ending = walk.ending.flatMap({ episode.ending($0) }) {
          print("\nEnding: \(text(ending.title, ending.id))")
        }
        print("path \(walk.path)")
        return
      }
      show(open, walk, text)
      // A pipe that ends stops the walk where it is.
      guard let line = readLine()?.trimmingCharacters(in: .whitespaces), line != "q" else {
        print("path \(walk.path)")
        return
      }
      if line == "b" {
        guard episode.policy.backtrack, path.options.popLast() != nil else {
          print(episode.policy.backtrack ? "This is the first choice." : "There is no way back.")
          continue
        }
        // Show the scene that is asked in again.
        shown = max(0, try Walk(graph, path: path).steps.count - 1)
        continue
      }
      let option = line.isEmpty ? open.fallback : Int(line).map { $0 - 1 }
      guard let option, open.enabled.contains(option) else {
        print("A number of an answer that can be taken is expected, not \"\(line.prefix(20))\".")
        continue
      }
      path.options.append(option)
    }
  }

  private func show(
    _ open: Walk.Decision, _ walk: Walk, _ text: ([String: String], String) -> String
  ) {
    let episode = walk.graph.episode
    let visible = episode.variables.indices.filter { !episode.variables[$0].isHidden }
    if !visible.isEmpty {
      let values = visible.map { index in
        let variable = episode.variables[index]
        return text(variable.title, variable.name) + " "
          + EpisodeText.value(walk.state.values[index], of: variable)
      }
      print("  (\(values.joined(separator: ", ")))")
    }
    print("\n\(text(open.choice.prompt, open.choice.id))")
    for (index, option) in open.choice.options.enumerated() {
      let isEnabled = open.enabled.contains(index)
      guard isEnabled || option.otherwise == .disabled else { continue }
      let mark = index == open.fallback ? "*" : " "
      print(
        " \(mark)\(isEnabled ? "\(index + 1)" : "–")  \(text(option.text, option.id))")
    }
  }
}
