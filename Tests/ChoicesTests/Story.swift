import Episodes
import Foundation

@testable import Choices

/// s1 → s1b (trust + 1) → accept: s2a → s1b again, refuse (trust ≥ 1): group → s2b | s2c, never: s2c.
enum Story {
  static let version = "00000000000000a1"

  static func graph(firstOption: String = "accept") throws -> EpisodeGraph {
    let trust = Variable(name: "trust", kind: .int, minimum: 0, maximum: 5, initial: 0)
    let pills = Variable(name: "pills", kind: .bool, minimum: 0, maximum: 1, initial: 0)
    let choice = Choice(
      id: "k1", at: 2000, length: 5000, prompt: ["en": "Take the job?"],
      options: [
        ChoiceOption(
          id: firstOption, text: ["en": "Accept"],
          effects: [Effect(variable: "pills", value: .literal(1))], goto: .scene("s2a"),
          weight: 0.4),
        ChoiceOption(id: "refuse", text: ["en": "Refuse"], goto: .group("g"), weight: 0.5),
        ChoiceOption(
          id: "never", when: .binary(.greaterOrEqual, .variable("trust"), .literal(2)),
          goto: .scene("s2c"), weight: 0.1),
      ], fallback: .option(1))
    return try EpisodeGraph(
      Episode(
        id: "offer", title: ["en": "The Offer"], languages: ["en"], entry: "s1",
        variables: [trust, pills],
        scenes: [
          Scene(id: "s1", next: .scene("s1b"), checkpoint: ["trust", "pills"]),
          Scene(
            id: "s1b", title: ["en": "The office"],
            enter: [
              Effect(variable: "trust", value: .binary(.add, .variable("trust"), .literal(1)))
            ], choices: [choice]),
          Scene(id: "s2a", next: .scene("s1b")),
          Scene(id: "s2b", ending: "fired"), Scene(id: "s2c", ending: "hit"),
        ],
        groups: [
          TargetGroup(
            id: "g",
            entries: [
              .init(when: .variable("pills"), goto: .scene("s2c")),
              .init(when: nil, goto: .scene("s2b")),
            ])
        ],
        endings: [
          Ending(id: "fired", scene: "s2b", title: ["en": "Fired"], rank: 2, isSecret: false),
          Ending(id: "hit", scene: "s2c", title: [:], rank: 1, isSecret: true),
        ]))
  }

  static func episode(version: String = version) throws -> ChoiceEpisode {
    ChoiceEpisode(name: "offer", version: version, graph: try graph())
  }

  static func run(_ number: Int) -> String {
    let digits = String(number, radix: 16)
    return "00000000-0000-4000-8000-" + String(repeating: "0", count: 12 - digits.count) + digits
  }

  static func report(
    _ path: String, _ option: Int, run number: Int = 1, occurrence: Int = 1,
    choice: String = "k1", version: String = version, by origin: ChoiceReport.Origin = .viewer,
    at: Int = 5000
  ) throws -> ChoiceReport {
    struct NoRun: Error {}
    guard let run = RunID(Self.run(number)) else { throw NoRun() }
    return ChoiceReport(
      version: version, run: run, path: try EpisodePath(path), choice: choice,
      occurrence: occurrence, option: option, origin: origin, at: at)
  }
}

/// A folder for a ledger, removed with the last reference.
final class LedgerFolder {
  let path = NSTemporaryDirectory() + "choices-" + UUID().uuidString
  var file: String { path + "/state/choices.sqlite" }

  init() throws {
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }
}

extension ChoiceLedger {
  func record(_ report: ChoiceReport, of episode: ChoiceEpisode) async throws -> ChoiceAnswer {
    try await withCheckedThrowingContinuation { continuation in
      do {
        try submit(report, of: episode) { continuation.resume(with: $0) }
      } catch {
        continuation.resume(throwing: error)
      }
    }
  }

  func statistics(
    of episode: ChoiceEpisode, version: String? = nil
  ) async throws -> RenderedStatistics? {
    try await withCheckedThrowingContinuation { continuation in
      statistics(of: episode, version: version) { continuation.resume(with: $0) }
    }
  }
}
