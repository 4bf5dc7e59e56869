import ArgumentParser
import Episodes
import Foundation
import Markup
import Proof

struct EpisodeCheck: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Proves that an interactive episode works, or shows the path on which it does not.",
    discussion: """
      All states that viewers can come into are computed: the default of a choice can always be \
      taken, every scene, answer and ending is reached by somebody, an ending can be reached from \
      everywhere, and a viewer who never chooses comes to one. The rules are in docs/episodes.md. \
      Exit code 1 if there is an error.

      Examples:
        dougong episode check offer.yaml
        dougong episode check library/offer --json | jq '.findings[].rule'
      """)

  @Argument(help: "An episode file, or a packaged title or its episode.json.")
  var file: String

  @Flag(help: "Print one JSON object.")
  var json = false

  @Flag(help: "Print every finding, not the first of each rule alone.")
  var all = false

  func run() throws {
    var passes = true
    try CommandFailure.catching {
      let input = try ProofInput(file)
      let report = try EpisodeProof.report(on: input.graph, masks: input.file?.minimumMasks ?? [:])
      passes = report.passes
      if json {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        print(String(decoding: try encoder.encode(ProofJSON(report, input)), as: UTF8.self))
      } else {
        print(
          ProofText(
            report, input, findingsPerRule: all ? Int.max : ProofText.findingsPerRule,
            isColoured: isatty(STDOUT_FILENO) == 1
          ).text)
      }
    }
    // The findings say it all.
    if !passes { throw ExitCode(CommandFailure.Code.data.rawValue) }
  }
}

extension Finding.Place {
  /// Where the author's file says it.
  func position(_ source: EpisodeSource) -> EpisodePosition? {
    var items: [EpisodeSource.Item] = []
    if let choice {
      if let option { items.append(.option(choice: choice, option: option)) }
      items.append(.choice(choice))
    }
    if let group { items.append(.group(group)) }
    if let ending { items.append(.ending(ending)) }
    if let scene { items.append(.scene(scene)) }
    if let variable { items.append(.variable(variable)) }
    return items.lazy.compactMap { source[$0] }.first
  }
}

/// A proof as people read it.
struct ProofText {
  /// Findings of one rule that are shown unless all are asked for.
  static let findingsPerRule = 8
  /// Rows of a table of paths.
  private static let rowCount = 60

  let text: String

  init(_ report: ProofReport, _ input: ProofInput, findingsPerRule: Int, isColoured: Bool) {
    func coloured(_ text: String, _ code: Int) -> String {
      isColoured ? "\u{1b}[\(code)m\(text)\u{1b}[0m" : text
    }
    var lines: [String] = []
    for rule in Finding.Rule.allCases {
      let findings = report.findings.filter { $0.rule == rule }
      for finding in findings.prefix(findingsPerRule) {
        let isError = finding.severity == .error
        let position = input.file.flatMap { finding.place.position($0.source) }
        lines.append(
          coloured(isError ? "ERROR  " : "WARNING", isError ? 31 : 33)
            + " \(rule.rawValue.padding(toLength: 3, withPad: " ", startingAt: 0)) "
            + (position.map { "\(input.name):\($0): " } ?? "")
            + "\(finding.place): \(finding.message)")
        if let witness = finding.witness {
          lines.append(coloured("            path \(witness.text(input.graph))", 2))
        }
      }
      if findings.count > findingsPerRule {
        lines.append(
          coloured(
            "            \(findings.count - findingsPerRule) more of \(rule.rawValue): --all", 2))
      }
    }
    if !lines.isEmpty { lines.append("") }
    lines += Self.endings(report, input)
    lines += Self.rungs(report)
    let s = report.statistics
    let extent = [
      Self.count(s.sceneCount, "scene"), Self.count(s.choiceCount, "choice"),
      Self.count(s.variableCount, "variable"), Self.count(s.endingCount, "ending"),
      String(format: "%.0f states", s.stateCount),
    ].joined(separator: ", ")
    let counts = [
      Self.count(report.errorCount, "error"), Self.count(report.warningCount, "warning"),
    ].joined(separator: ", ")
    lines.append(
      coloured(report.passes ? "PASS" : "FAIL", report.passes ? 32 : 31)
        + " \(input.name): \(counts) (\(extent))")
    text = lines.joined(separator: "\n")
  }

  private static func endings(_ report: ProofReport, _ input: ProofInput) -> [String] {
    guard !report.endings.isEmpty else { return [] }
    let width = min(32, report.endings.map(\.id.count).max() ?? 0)
    var lines = [
      "ending" + String(repeating: " ", count: max(0, width - 4)) + "  odds    a path to it"
    ]
    for (index, reach) in report.endings.enumerated().prefix(rowCount) {
      let odds = report.odds.map { EndingOdds.percent($0.odds[index]) } ?? ""
      lines.append(
        reach.id.padding(toLength: max(width, 4) + 2, withPad: " ", startingAt: 0)
          + odds.padding(toLength: 8, withPad: " ", startingAt: 0)
          + (reach.witness?.text(input.graph) ?? "none"))
    }
    if let odds = report.odds {
      var run = String(
        format: "a run: %.1f scenes, %.1f choices", odds.sceneCount, odds.choiceCount)
      if let duration = odds.duration { run += String(format: ", %.1f min", duration / 60_000) }
      lines.append(run + (odds.isExact ? " (exact)" : " (means of seeded runs)"))
    }
    if let path = report.defaultPath { lines.append("nobody chooses: path \(path)") }
    return lines + [""]
  }

  private static func rungs(_ report: ProofReport) -> [String] {
    guard !report.rungs.isEmpty else { return [] }
    let rows = report.rungs.prefix(rowCount).map { rung in
      "\(rung.choice), \(rung.option) → \(rung.target): mask "
        + String(
          format: "%.2f s, %.2f s needed, ", Double(rung.mask) / 1000, Double(rung.needed) / 1000)
        + (rung.track.map { "safe up to \($0)" } ?? "no rung is safe")
    }
    return rows + [""]
  }

  private static func count(_ number: Int, _ noun: String) -> String {
    "\(number) \(noun)\(number == 1 ? "" : "s")"
  }
}

/// The same for machines.
struct ProofJSON: Encodable {
  struct Item: Encodable {
    var rule: String
    var severity: String
    var place: String
    var line: Int?
    var column: Int?
    var message: String
    var path: String?
    var given: [String: Int]?
  }

  struct Reach: Encodable {
    var id: String
    var path: String?
    var given: [String: Int]?
    var probability: Double?
  }

  struct Rung: Encodable {
    var scene: String
    var choice: String
    var option: String
    var target: String
    var maskMilliseconds: Int
    var neededMilliseconds: Int
    var track: String?
  }

  var file: String
  var passes: Bool
  var errors: Int
  var warnings: Int
  var findings: [Item]
  var scenes: [Reach]
  var endings: [Reach]
  var defaultPath: String?
  var rungs: [Rung]
  var meanScenes: Double?
  var meanChoices: Double?
  var meanMilliseconds: Double?
  var oddsAreExact: Bool?
  var states: Double
  var nodes: Int

  init(_ report: ProofReport, _ input: ProofInput) {
    func given(_ witness: Witness?) -> [String: Int]? {
      guard let witness, !witness.given.isEmpty else { return nil }
      return Dictionary(
        witness.given.map { ($0.variable, $0.value) }, uniquingKeysWith: { first, _ in first })
    }
    file = input.name
    passes = report.passes
    errors = report.errorCount
    warnings = report.warningCount
    findings = report.findings.map { finding in
      let position = input.file.flatMap { finding.place.position($0.source) }
      return Item(
        rule: finding.rule.rawValue, severity: finding.severity.rawValue,
        place: finding.place.description, line: position?.line, column: position?.column,
        message: finding.message, path: finding.witness?.path.description,
        given: given(finding.witness))
    }
    scenes = report.scenes.map {
      Reach(id: $0.id, path: $0.witness?.path.description, given: given($0.witness))
    }
    endings = report.endings.enumerated().map { index, reach in
      Reach(
        id: reach.id, path: reach.witness?.path.description, given: given(reach.witness),
        probability: report.odds?.odds[index])
    }
    defaultPath = report.defaultPath?.description
    rungs = report.rungs.map {
      Rung(
        scene: $0.scene, choice: $0.choice, option: $0.option, target: $0.target,
        maskMilliseconds: $0.mask, neededMilliseconds: $0.needed, track: $0.track)
    }
    meanScenes = report.odds?.sceneCount
    meanChoices = report.odds?.choiceCount
    meanMilliseconds = report.odds?.duration
    oddsAreExact = report.odds?.isExact
    states = report.statistics.stateCount
    nodes = report.statistics.nodeCount
  }
}
