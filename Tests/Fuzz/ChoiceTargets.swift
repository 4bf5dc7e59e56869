import Episodes
import NIOCore
import NIOHTTP1

@testable import Choices
@testable import Origin

/// What viewers' browsers send: reports of choices, paths, and the URLs of episodes.
extension FuzzTarget {
  static let choiceTargets = [
    FuzzTarget(name: "choice-report") { bytes in
      tolerant {
        // Reports have one length: what is missing is padded, as players do it.
        let text = Array(bytes.readableBytesView.prefix(ChoiceLimits.reportByteCount))
        let padding = [UInt8](
          repeating: 0x20, count: ChoiceLimits.reportByteCount - text.count)
        let report = try ChoiceReport(text + padding)
        precondition((0...86_400_000).contains(report.at), "\(report.at) ms")
        precondition((0..<EpisodeLimits.optionCount).contains(report.option))
        let again = try? EpisodePath(report.path.description)
        precondition(again == report.path, "the path \(report.path) has two spellings")
        _ = try? Walk(story, path: report.path)
      }
    },
    FuzzTarget(name: "choice-path") { bytes in
      let text = String(decoding: bytes.readableBytesView, as: UTF8.self)
      tolerant {
        let path = try EpisodePath(text)
        precondition(path.description == text, "\(text) is also spelt \(path)")
        let walk = try Walk(story, path: path)
        precondition(walk.steps.count <= EpisodeLimits.pathSceneCount)
      }
      for method in [HTTPMethod.GET, .HEAD, .POST, .OPTIONS] {
        tolerant { _ = try Router.route(method, text) }
        tolerant { _ = try Router.route(method, "/offer/paths/0123456789abcdef/\(text)/main.m3u8") }
        tolerant { _ = try Router.route(method, "/offer/prompts/\(text)") }
      }
    },
  ]

  /// a, a checkpoint that counts: again to a, twice at the most; or to b, the end.
  private static let story: EpisodeGraph = {
    let number = Variable(name: "n", kind: .int, minimum: 0, maximum: 3, initial: 0)
    let again = ChoiceOption(
      id: "again", when: .binary(.less, .variable("n"), .literal(3)),
      effects: [Effect(variable: "n", value: .binary(.add, .variable("n"), .literal(1)))],
      goto: .scene("a"))
    let choice = Choice(
      id: "k", at: 0, length: 1000, options: [again, ChoiceOption(id: "on", goto: .scene("b"))],
      fallback: .option(1))
    do {
      return try EpisodeGraph(
        Episode(
          id: "offer", title: [:], languages: ["en"], entry: "a", variables: [number],
          scenes: [
            Scene(id: "a", choices: [choice], checkpoint: ["n"]), Scene(id: "b", ending: "e"),
          ],
          groups: [], endings: [Ending(id: "e", scene: "b", title: [:], rank: nil, isSecret: false)]
        ))
    } catch {
      preconditionFailure("the story of this target is none: \(error)")
    }
  }()
}
