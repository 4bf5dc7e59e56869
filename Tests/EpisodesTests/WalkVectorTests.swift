import Foundation
import Testing

@testable import Episodes

/// Foundation has another of this name.
private typealias Expression = Episodes.Expression

/// Walks through small episodes made by chance, and what they give: `Vectors/walks.json`, which the
/// player's script is held to as well.
struct WalkVectorTests {
  struct Case: Codable, Equatable {
    var path: String
    /// As if nobody chose from there on.
    var takesDefaults: Bool
    /// `nil` if the path cannot be walked.
    var scenes: [String]?
    var walked: String?
    var ending: String?
    /// The id of the open choice, and what of it is enabled.
    var open: String?
    var enabled: [Int]?
    var values: [Int]?
    /// From the last checkpoint that was walked through.
    var folded: String?
  }

  struct Vector: Codable, Equatable {
    var episode: Episode
    var walks: [Case]
  }

  private static let file = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "Vectors/walks.json")

  @Test func `walks give what the vectors say`() throws {
    let vectors = try (1...12).map { try Self.vector(seed: $0) }
    if ProcessInfo.processInfo.environment["DOUGONG_RECORD"] == "1" {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
      let lines = try vectors.map { String(decoding: try encoder.encode($0), as: UTF8.self) }
      try Data("[\n\(lines.joined(separator: ",\n"))\n]\n".utf8).write(to: Self.file)
      Issue.record("recorded walks.json")
      return
    }
    let recorded = try JSONDecoder().decode([Vector].self, from: try Data(contentsOf: Self.file))
    #expect(vectors == recorded, "walks.json differs; DOUGONG_RECORD=1 records")
  }

  private static func vector(seed: Int) throws -> Vector {
    var chance = Chance(state: UInt64(seed))
    let episode = chance.episode(seed)
    let graph = try EpisodeGraph(episode)
    var walks: [Case] = []
    for _ in 0..<24 {
      var options: [Int] = []
      for _ in 0..<Int.random(in: 0...7, using: &chance) {
        options.append(Int.random(in: 0...2, using: &chance))
      }
      // Most of them possible: a digit is taken only where the walk so far has it enabled.
      if Int.random(in: 0...5, using: &chance) > 0 { options = possible(options, graph) }
      let path = EpisodePath(start: nil, options: options)
      walks.append(try walk(graph, path, takesDefaults: Bool.random(using: &chance)))
      if let folded = walks.last?.folded {
        walks.append(try walk(graph, try EpisodePath(folded), takesDefaults: false))
      }
    }
    return Vector(episode: episode, walks: walks)
  }

  private static func possible(_ options: [Int], _ graph: EpisodeGraph) -> [Int] {
    var path = EpisodePath.beginning
    for option in options {
      guard let open = try? Walk(graph, path: path).openChoice, !open.enabled.isEmpty else { break }
      path.options.append(open.enabled[option % open.enabled.count])
    }
    return path.options
  }

  private static func walk(
    _ graph: EpisodeGraph, _ path: EpisodePath, takesDefaults: Bool
  ) throws -> Case {
    var result = Case(path: path.description, takesDefaults: takesDefaults)
    guard let walk = try? Walk(graph, path: path, takesDefaults: takesDefaults) else {
      return result
    }
    result.scenes = walk.steps.map(\.scene.id)
    result.walked = walk.path.description
    result.ending = walk.openChoice == nil ? walk.ending : nil
    result.open = walk.openChoice?.choice.id
    result.enabled = walk.openChoice?.enabled
    result.values = walk.state.values
    result.folded = walk.folded == walk.path ? nil : walk.folded.description
    return result
  }
}

/// Seeded random numbers, and episodes made of them.
private struct Chance: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  mutating func number(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &self) }

  static let variables = [
    Variable(name: "a", kind: .int, minimum: -2, maximum: 5, initial: 0),
    Variable(name: "b", kind: .bool, minimum: 0, maximum: 1, initial: 0),
    Variable(
      name: "c", kind: .enumeration, minimum: 0, maximum: 2, initial: 1, members: ["x", "y", "z"]),
    Variable(name: "d", kind: .int, minimum: 7, maximum: 7, initial: 7),
    Variable(name: "visited:s2", kind: .bool, minimum: 0, maximum: 1, initial: 0),
    Variable(name: "count:s1", kind: .int, minimum: 0, maximum: 3, initial: 0),
    Variable(
      name: "ended:e1", kind: .bool, minimum: 0, maximum: 1, initial: 0, scope: .viewer),
  ]

  mutating func expression(_ depth: Int) -> Expression {
    switch number(0...(depth > 0 ? 7 : 2)) {
    case 0: return .literal(number(-3...6))
    case 1, 2: return .variable(Self.variables[number(0...6)].name)
    case 3:
      return .unary(
        number(0...1) == 0 ? .not : .negate, expression(depth - 1))
    case 4: return .conditional(expression(depth - 1), expression(depth - 1), expression(depth - 1))
    default:
      let kinds = Expression.BinaryOperator.allCases
      return .binary(
        kinds[number(0...kinds.count - 1)], expression(depth - 1), expression(depth - 1))
    }
  }

  mutating func effects() -> [Effect] {
    (0..<number(0...2)).map { _ in
      Effect(variable: ["a", "b", "c", "d"][number(0...3)], value: expression(3))
    }
  }

  mutating func target(_ from: Int) -> Target {
    // Mostly onwards, so that most walks end.
    let scene = number(0...5) == 0 ? number(1...7) : min(9, from + number(1...3))
    return number(0...3) == 0 ? .group("g\(number(0...2))") : .scene("s\(scene)")
  }

  mutating func choice(_ scene: Int, _ isLast: Bool) -> Choice {
    let options = (0..<number(1...3)).map { position in
      ChoiceOption(
        id: "o\(position)", when: position > 0 && number(0...2) == 0 ? expression(2) : nil,
        effects: effects(), goto: isLast && number(0...2) > 0 ? target(scene) : nil,
        weight: Double(number(1...3)))
    }
    let fallback: Choice.Default =
      switch number(0...3) {
      case 0: .option(number(0...options.count - 1))
      case 1: .random
      case 2: .weighted
      default: .expression(expression(2))
      }
    return Choice(
      id: "k\(scene)\(isLast ? "" : "a")", at: 1000, length: 2000, options: options,
      fallback: fallback)
  }

  mutating func episode(_ seed: Int) -> Episode {
    var scenes: [Scene] = []
    for index in 0...9 {
      if index >= 8 {
        scenes.append(Scene(id: "s\(index)", enter: effects(), ending: "e\(index - 8)"))
        continue
      }
      var choices: [Choice] = []
      if number(0...3) == 0 { choices.append(choice(index, false)) }
      if number(0...3) > 0 { choices.append(choice(index, true)) }
      scenes.append(
        Scene(
          id: "s\(index)", enter: effects(), choices: choices, next: target(index),
          checkpoint: index % 3 == 0
            ? Self.variables.map(\.name).filter { _ in number(0...4) > 0 } : nil))
    }
    let groups = (0...2).map { index in
      TargetGroup(
        id: "g\(index)",
        entries: [
          .init(when: expression(3), goto: target(index + 3)),
          .init(when: nil, goto: .scene("s\(number(6...9))")),
        ])
    }
    return Episode(
      id: "chance\(seed)", title: [:], languages: ["en"], entry: "s0", variables: Self.variables,
      scenes: scenes, groups: groups,
      endings: (0...1).map {
        Ending(id: "e\($0)", scene: "s\($0 + 8)", title: [:], rank: nil, isSecret: false)
      })
  }
}
