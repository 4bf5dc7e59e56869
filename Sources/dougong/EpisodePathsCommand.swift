import ArgumentParser
import Episodes
import Foundation
import Proof

struct EpisodePaths: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "paths",
    abstract: "Lists paths through an interactive episode, or draws some by the authors' weights.",
    discussion: """
      Examples:
        dougong episode paths offer.yaml
        dougong episode paths offer.yaml --sample 5000 --seed 7 --json
      """)

  @Argument(help: "An episode file, or a packaged title or its episode.json.")
  var file: String

  @Option(help: "Paths to list, at the most.")
  var limit = 1000

  @Option(help: "Draw so many runs instead.")
  var sample: Int?

  @Option(help: "Where drawing begins: the same seed draws the same runs.")
  var seed: UInt64 = 1

  @Flag(help: "Print one JSON object.")
  var json = false

  /// Rows that are printed.
  private static let rowCount = 40

  func validate() throws {
    for number in [limit, sample ?? 1] where !(1...PathSurvey.pathCount).contains(number) {
      throw ValidationError("1 to \(PathSurvey.pathCount) paths can be listed, not \(number)")
    }
  }

  func run() throws {
    try CommandFailure.catching {
      let graph = try ProofInput(file).graph
      let survey =
        sample.map { PathSurvey(graph, drawing: $0, seed: seed) }
        ?? PathSurvey(graph, enumerating: limit)
      if json {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        print(String(decoding: try encoder.encode(PathsJSON(survey, graph)), as: UTF8.self))
      } else {
        print(text(survey, graph))
      }
    }
  }

  private func text(_ survey: PathSurvey, _ graph: EpisodeGraph) -> String {
    var lines = ["probability  scenes  choices  minutes  ending            path"]
    for path in survey.paths.prefix(Self.rowCount) {
      let minutes = path.duration.map { String(format: "%7.1f", Double($0) / 60_000) } ?? "      –"
      lines.append(
        String(
          format: "%10.4f %%  %6d  %7d  ", path.probability * 100, path.sceneCount, path.choiceCount
        )
          + minutes + "  "
          + (path.ending ?? "none").padding(toLength: 16, withPad: " ", startingAt: 0)
          + "  \(path.path)")
    }
    if survey.paths.count > Self.rowCount {
      lines.append("… \(survey.paths.count - Self.rowCount) more: --json prints all")
    }
    lines.append("")
    for (name, spread) in [
      ("scenes", survey.spread(\.sceneCount)), ("choices", survey.spread(\.choiceCount)),
      ("minutes", survey.spread(\.duration)),
    ] {
      guard let spread else { continue }
      let unit = name == "minutes" ? 60_000.0 : 1
      lines.append(
        name.padding(toLength: 9, withPad: " ", startingAt: 0)
          + String(
            format: "least %.1f, median %.1f, mean %.1f, most %.1f", spread.least / unit,
            spread.median / unit, spread.mean / unit, spread.most / unit))
    }
    for (ending, part) in survey.endings(graph) where part > 0 {
      lines.append(
        (ending ?? "no ending").padding(toLength: 18, withPad: " ", startingAt: 0)
          + EndingOdds.percent(part))
    }
    let what =
      sample != nil
      ? "different paths drawn" : survey.isComplete ? "paths, all there are" : "paths, the first"
    lines.append("\(survey.paths.count) \(what)")
    return lines.joined(separator: "\n")
  }
}

private struct PathsJSON: Encodable {
  struct Path: Encodable {
    var path: String
    var scenes: Int
    var choices: Int
    var milliseconds: Int?
    var ending: String?
    var probability: Double
  }

  struct Spread: Encodable {
    var least: Double
    var median: Double
    var mean: Double
    var most: Double
  }

  var complete: Bool
  var paths: [Path]
  var spreads: [String: Spread]
  var endings: [String: Double]

  init(_ survey: PathSurvey, _ graph: EpisodeGraph) {
    complete = survey.isComplete
    paths = survey.paths.map {
      Path(
        path: $0.path.description, scenes: $0.sceneCount, choices: $0.choiceCount,
        milliseconds: $0.duration, ending: $0.ending, probability: $0.probability)
    }
    spreads = [:]
    for (name, spread) in [
      ("scenes", survey.spread(\.sceneCount)), ("choices", survey.spread(\.choiceCount)),
      ("milliseconds", survey.spread(\.duration)),
    ] {
      guard let spread else { continue }
      spreads[name] = Spread(
        least: spread.least, median: spread.median, mean: spread.mean, most: spread.most)
    }
    endings = Dictionary(
      survey.endings(graph).map { ($0.ending ?? "", $0.probability) },
      uniquingKeysWith: { first, _ in first })
  }
}
