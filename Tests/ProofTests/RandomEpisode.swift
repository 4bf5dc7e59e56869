import Episodes

@testable import Proof

/// Small episodes of all that the format has, from a seed; most have faults.
enum RandomEpisode {
  static func graph(seed: UInt64) throws -> EpisodeGraph {
    var random = SeededRandom(seed: seed)
    let sceneCount = Int.random(in: 4...8, using: &random)
    let variables = [
      Variable(name: "flag", kind: .bool, minimum: 0, maximum: 1, initial: 0),
      Variable(name: "trust", kind: .int, minimum: -1, maximum: 2, initial: 0),
      Variable(
        name: "mood", kind: .enumeration, minimum: 0, maximum: 2, initial: 1,
        members: ["low", "even", "high"]),
      Variable(
        name: "luck", kind: .int, minimum: 1, maximum: 2, initial: 1,
        isRandom: random.fraction() < 0.5),
      Variable(
        name: "known", kind: .bool, minimum: 0, maximum: 1, initial: 0,
        scope: random.fraction() < 0.3 ? .viewer : .run),
      Variable(name: "visited:s1", kind: .bool, minimum: 0, maximum: 1, initial: 0),
      Variable(name: "count:s2", kind: .int, minimum: 0, maximum: 2, initial: 0),
      Variable(name: "ended:e", kind: .bool, minimum: 0, maximum: 1, initial: 0),
    ]
    let names = variables.map(\.name)
    func expression(_ depth: Int) -> Expression {
      switch Int.random(in: 0..<(depth > 0 ? 8 : 2), using: &random) {
      case 0: return .literal(Int.random(in: -1...3, using: &random))
      case 1, 2: return .variable(names[Int.random(in: 0..<names.count, using: &random)])
      case 3: return .unary(random.fraction() < 0.7 ? .not : .negate, expression(depth - 1))
      case 4:
        return .conditional(expression(depth - 1), expression(depth - 1), expression(depth - 1))
      default:
        let all = Expression.BinaryOperator.allCases
        return .binary(
          all[Int.random(in: 0..<all.count, using: &random)], expression(depth - 1),
          expression(depth - 1))
      }
    }
    func effects() -> [Effect] {
      (0..<Int.random(in: 0...2, using: &random)).map { _ in
        Effect(
          variable: names[Int.random(in: 0..<5, using: &random)], value: expression(2))
      }
    }
    func target() -> Target {
      random.fraction() < 0.25
        ? .group("g\(Int.random(in: 0..<2, using: &random))")
        : .scene("s\(Int.random(in: 0..<sceneCount, using: &random))")
    }
    let scenes = (0..<sceneCount).map { index -> Scene in
      let id = "s\(index)"
      if index == sceneCount - 1 { return Scene(id: id, ending: "e") }
      let choices = (0..<Int.random(in: 0...2, using: &random)).map { number in
        let options = (0..<Int.random(in: 1...3, using: &random)).map { option in
          ChoiceOption(
            id: "o\(option)", when: random.fraction() < 0.4 ? expression(2) : nil,
            effects: effects(), goto: random.fraction() < 0.7 ? target() : nil,
            weight: 0.1 + random.fraction())
        }
        let fallback: Choice.Default =
          switch Int.random(in: 0..<8, using: &random) {
          case 0: .random
          case 1: .weighted
          case 2: .expression(expression(2))
          default: .option(Int.random(in: 0..<options.count, using: &random))
          }
        return Choice(
          id: "k\(index)_\(number)", at: number * 3000, length: 2000, options: options,
          fallback: fallback)
      }
      return Scene(
        id: id, enter: effects(), choices: choices,
        next: random.fraction() < 0.9 ? target() : nil,
        checkpoint: index == 0 ? names : nil)
    }
    let groups = (0..<2).map { index in
      TargetGroup(
        id: "g\(index)",
        entries: [
          .init(when: expression(2), goto: target()),
          .init(
            when: random.fraction() < 0.3 ? expression(1) : nil,
            goto: .scene("s\(Int.random(in: 0..<sceneCount, using: &random))")),
        ])
    }
    return try EpisodeGraph(
      Episode(
        id: "random", title: ["en": "Random"], languages: ["en"], entry: "s0",
        variables: variables, scenes: scenes, groups: groups,
        endings: [
          Ending(id: "e", scene: "s\(sceneCount - 1)", title: [:], rank: nil, isSecret: false)
        ]))
  }
}
