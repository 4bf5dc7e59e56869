package import Episodes

/// An episode made ready to be walked very often: the meaning of `Walk` with all names looked up.
package struct Simulation: Sendable {
  /// An expression over positions of variables.
  private indirect enum Code: Sendable {
    case literal(Int)
    case variable(Int)
    case not(Code)
    case negate(Code)
    case binary(Expression.BinaryOperator, Code, Code)
    case conditional(Code, Code, Code)

    func evaluate(_ values: [Int]) -> Int {
      switch self {
      case .literal(let value): value
      case .variable(let index): values[index]
      case .not(let code): code.evaluate(values) == 0 ? 1 : 0
      case .negate(let code): -code.evaluate(values)
      case .binary(let kind, let left, let right):
        Expression.evaluate(kind, left.evaluate(values), right.evaluate(values))
      case .conditional(let condition, let first, let second):
        condition.evaluate(values) != 0 ? first.evaluate(values) : second.evaluate(values)
      }
    }
  }

  private struct Setting: Sendable {
    var variable: Int
    var value: Code
    var bounds: ClosedRange<Int>
  }

  private enum Way: Sendable {
    case scene(Int)
    case group(Int)
  }

  private struct Option: Sendable {
    var when: Code?
    var effects: [Setting]
    var goto: Way?
  }

  private struct Stop: Sendable {
    var options: [Option]
    var fallback: Code?
  }

  private struct Stage: Sendable {
    var enter: [Setting]
    var choices: [Stop]
    var next: Way?
    var isEnding: Bool
  }

  /// What a viewer is asked in a simulated run.
  package struct Question {
    /// Positions: the scene in the episode, the choice in the scene.
    package var scene: Int
    package var choice: Int
    /// Positions of options.
    package var enabled: [Int]
    package var state: [Int]
  }

  package struct Run: Hashable, Sendable {
    /// Positions of scenes.
    package var scenes: [Int] = []
    package var options: [Int] = []
    package var isEnded = false
    package var state: [Int]
  }

  package let graph: EpisodeGraph
  private let stages: [Stage]
  private let groups: [[(when: Code?, goto: Way)]]
  private let entry: Int

  package init(_ graph: EpisodeGraph) {
    self.graph = graph
    let episode = graph.episode
    var groupIndices: [String: Int] = [:]
    for (index, group) in episode.groups.enumerated() { groupIndices[group.id] = index }
    func way(_ target: Target?) -> Way? {
      switch target {
      case nil: nil
      case .scene(let id): graph.sceneIndex(id).map(Way.scene)
      case .group(let id): groupIndices[id].map(Way.group)
      }
    }
    func settings(_ effects: [Effect]) -> [Setting] {
      effects.compactMap { Self.setting($0, graph) }
    }
    stages = episode.scenes.map { scene in
      var enter: [Setting] = []
      func keep(_ name: String, _ value: Expression) {
        enter += settings([Effect(variable: name, value: value)])
      }
      keep("visited:\(scene.id)", .literal(1))
      let count = "count:\(scene.id)"
      keep(count, .binary(.add, .variable(count), .literal(1)))
      enter += settings(scene.enter)
      if let ending = scene.ending { keep("ended:\(ending)", .literal(1)) }
      return Stage(
        enter: enter,
        choices: scene.choices.map { choice in
          var fallback: Code?
          if case .expression(let expression) = choice.fallback {
            fallback = Self.code(expression, graph)
          }
          return Stop(
            options: choice.options.map { option in
              Option(
                when: option.when.map { Self.code($0, graph) },
                effects: settings(option.effects), goto: way(option.goto))
            }, fallback: fallback)
        }, next: way(scene.next), isEnding: scene.ending != nil)
    }
    groups = episode.groups.map { group in
      group.entries.compactMap { entry in
        way(entry.goto).map { (entry.when.map { Self.code($0, graph) }, $0) }
      }
    }
    entry = graph.sceneIndex(episode.entry) ?? 0
  }

  private static func code(_ expression: Expression, _ graph: EpisodeGraph) -> Code {
    switch expression {
    case .literal(let value): .literal(Expression.saturate(value))
    case .variable(let name):
      graph.variableIndex(name).map(Code.variable) ?? .literal(0)
    case .unary(.not, let operand): .not(code(operand, graph))
    case .unary(.negate, let operand): .negate(code(operand, graph))
    case .binary(let kind, let left, let right):
      .binary(kind, code(left, graph), code(right, graph))
    case .conditional(let condition, let first, let second):
      .conditional(code(condition, graph), code(first, graph), code(second, graph))
    }
  }

  private static func setting(_ effect: Effect, _ graph: EpisodeGraph) -> Setting? {
    guard let index = graph.variableIndex(effect.variable) else { return nil }
    let variable = graph.episode.variables[index]
    return Setting(
      variable: index, value: code(effect.value, graph),
      bounds: variable.minimum...variable.maximum)
  }

  // MARK: Walking

  /// Values of all variables at the start: drawn ones are drawn, others initial.
  package func beginning(_ random: inout SeededRandom) -> [Int] {
    graph.episode.variables.map { variable in
      variable.isRandom
        ? Int.random(in: variable.minimum...variable.maximum, using: &random) : variable.initial
    }
  }

  /// - Parameter decide: the option to take, which must be enabled; `nil` stops the run.
  /// - Returns: a run that is not ended if it was stopped, if nothing could be chosen, if no way
  ///   led on, or if it went through more than `limit` scenes.
  package func run(
    from beginning: [Int], limit: Int = EpisodeLimits.pathSceneCount,
    decide: (Question) -> Int?
  ) -> Run {
    var run = Run(state: beginning)
    var scene = entry
    while run.scenes.count < limit {
      run.scenes.append(scene)
      let stage = stages[scene]
      Self.apply(stage.enter, &run.state)
      var way = stage.next
      for (index, choice) in stage.choices.enumerated() {
        let enabled = choice.options.indices.filter {
          choice.options[$0].when.map { $0.evaluate(run.state) != 0 } ?? true
        }
        guard !enabled.isEmpty,
          let option = decide(
            Question(scene: scene, choice: index, enabled: enabled, state: run.state)),
          enabled.contains(option)
        else { return run }
        run.options.append(option)
        Self.apply(choice.options[option].effects, &run.state)
        way = choice.options[option].goto ?? way
      }
      guard let way else {
        run.isEnded = stage.isEnding
        return run
      }
      guard let next = resolve(way, run.state) else { return run }
      scene = next
    }
    return run
  }

  private static func apply(_ effects: [Setting], _ state: inout [Int]) {
    for effect in effects {
      let value = effect.value.evaluate(state)
      state[effect.variable] = max(
        effect.bounds.lowerBound, min(effect.bounds.upperBound, value))
    }
  }

  private func resolve(_ way: Way, _ state: [Int]) -> Int? {
    var way = way
    for _ in 0...EpisodeLimits.groupCount {
      switch way {
      case .scene(let scene): return scene
      case .group(let group):
        guard
          let entry = groups[group].first(where: {
            $0.when.map { $0.evaluate(state) != 0 } ?? true
          })
        else { return nil }
        way = entry.goto
      }
    }
    return nil
  }

  /// What is taken if nobody chooses.
  package func fallback(_ question: Question, _ random: inout SeededRandom) -> Int? {
    let choice = graph.episode.scenes[question.scene].choices[question.choice]
    switch choice.fallback {
    case .option(let option): return option
    case .random: return question.enabled.randomElement(using: &random)
    case .weighted: return weighted(question, &random)
    case .expression:
      return stages[question.scene].choices[question.choice].fallback?.evaluate(question.state)
    }
  }

  /// An enabled option by the weights that the author expects.
  package func weighted(_ question: Question, _ random: inout SeededRandom) -> Int? {
    let options = graph.episode.scenes[question.scene].choices[question.choice].options
    let sum = question.enabled.reduce(0) { $0 + options[$1].weight }
    var rest = random.fraction() * sum
    for option in question.enabled {
      rest -= options[option].weight
      if rest < 0 { return option }
    }
    return question.enabled.last
  }

  /// The scenes that defaults lead through again and again after a path; `nil` if they do not.
  func loop(after witness: Witness) -> [Int]? {
    var state = graph.initialState.values
    for given in witness.given {
      if let index = graph.variableIndex(given.variable) { state[index] = given.value }
    }
    var digits = witness.path.options[...]
    var random = SeededRandom(seed: 1)
    var met: [[Int]: Int] = [:]
    var loop: Range<Int>?
    var count = 0
    let run = run(from: state) { question in
      if let digit = digits.popFirst() { return digit }
      count += 1
      let key = question.state + [question.scene, question.choice]
      // Where the run stands is told by its options: one for each question.
      if let first = met[key] {
        loop = first..<count
        return nil
      }
      met[key] = count
      return fallback(question, &random)
    }
    guard let loop else { return nil }
    // Scenes since the question was first met: those of the last round.
    let questions = run.scenes.enumerated().flatMap { index, scene in
      Array(repeating: index, count: stages[scene].choices.count)
    }
    let begin = witness.path.options.count + loop.lowerBound - 1
    let end = witness.path.options.count + loop.upperBound - 1
    guard questions.indices.contains(begin), questions.indices.contains(end) else { return nil }
    return Array(run.scenes[questions[begin]..<max(questions[end], questions[begin] + 1)])
  }
}
