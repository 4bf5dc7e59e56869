import MediaCore

/// An episode with all its names looked up: what paths are walked on.
///
///     let graph = try EpisodeGraph(episode)
///     let walk = try Walk(graph, path: EpisodePath("01"))
package struct EpisodeGraph: Sendable {
  package let episode: Episode
  private let sceneIndices: [String: Int]
  private let variableIndices: [String: Int]
  private let groupIndices: [String: Int]

  /// - Throws: `.damaged` if the episode names what it does not have, has a name twice, or passes
  ///   a limit. An episode read from a file has passed all that.
  package init(_ episode: Episode) throws(EpisodesError) {
    self.episode = episode
    sceneIndices = try Self.indices(episode.scenes.map(\.id), "scene", EpisodeLimits.sceneCount)
    variableIndices = try Self.indices(
      episode.variables.map(\.name), "variable", EpisodeLimits.variableCount)
    groupIndices = try Self.indices(episode.groups.map(\.id), "group", EpisodeLimits.groupCount)
    _ = try Self.indices(episode.endings.map(\.id), "ending", EpisodeLimits.endingCount)
    try checkNames()
  }

  private static func indices(
    _ names: [String], _ kind: String, _ limit: Int
  ) throws(EpisodesError) -> [String: Int] {
    guard names.count <= limit else {
      throw EpisodesError(.limit, "\(names.count) \(kind)s; at most \(limit) are read")
    }
    var found: [String: Int] = [:]
    for (index, name) in names.enumerated() {
      guard found.updateValue(index, forKey: name) == nil else {
        throw EpisodesError(.damaged, "two \(kind)s are called \(SafeText.quoted(name))")
      }
    }
    return found
  }

  package func sceneIndex(_ id: String) -> Int? { sceneIndices[id] }
  package func variableIndex(_ name: String) -> Int? { variableIndices[name] }
  package func scene(_ id: String) -> Scene? { sceneIndices[id].map { episode.scenes[$0] } }
  package func group(_ id: String) -> TargetGroup? { groupIndices[id].map { episode.groups[$0] } }

  // MARK: Meaning

  /// Before anything is entered.
  package var initialState: EpisodeState { EpisodeState(values: episode.variables.map(\.initial)) }

  package func evaluate(_ expression: Expression, in state: EpisodeState) -> Int {
    expression.evaluate { name in variableIndices[name].map { state.values[$0] } ?? 0 }
  }

  package func apply(_ effects: [Effect], to state: inout EpisodeState) {
    for effect in effects {
      guard let index = variableIndices[effect.variable] else { continue }
      state.values[index] = episode.variables[index].clamp(evaluate(effect.value, in: state))
    }
  }

  /// What entering a scene does: `visited` and `count`, then its effects, then `ended`.
  package func enter(_ scene: Scene, _ state: inout EpisodeState) {
    keep("visited:\(scene.id)", in: &state) { _ in 1 }
    keep("count:\(scene.id)", in: &state) { $0 + 1 }
    apply(scene.enter, to: &state)
    if let ending = scene.ending { keep("ended:\(ending)", in: &state) { _ in 1 } }
  }

  private func keep(_ name: String, in state: inout EpisodeState, _ change: (Int) -> Int) {
    guard let index = variableIndices[name] else { return }
    state.values[index] = episode.variables[index].clamp(change(state.values[index]))
  }

  package func isEnabled(_ option: ChoiceOption, in state: EpisodeState) -> Bool {
    option.when.map { evaluate($0, in: state) != 0 } ?? true
  }

  /// The option that is taken where nobody chooses and nobody draws; `nil` if it is not enabled.
  package func fallback(of choice: Choice, in state: EpisodeState) -> Int? {
    let enabled = choice.options.indices.filter { isEnabled(choice.options[$0], in: state) }
    let wanted: Int?
    switch choice.fallback {
    case .option(let option): wanted = option
    case .random: wanted = enabled.first
    case .weighted:
      wanted = enabled.max { left, right in
        let (l, r) = (choice.options[left].weight, choice.options[right].weight)
        return l != r ? l < r : left > right
      }
    case .expression(let expression): wanted = evaluate(expression, in: state)
    }
    return wanted.flatMap { enabled.contains($0) ? $0 : nil }
  }

  /// The scene that a target leads to; `nil` if no entry of a group holds, or groups lead in a circle.
  package func resolve(_ target: Target, in state: EpisodeState) -> Scene? {
    var target = target
    for _ in 0...EpisodeLimits.groupCount {
      switch target {
      case .scene(let id): return scene(id)
      case .group(let id):
        guard
          let entry = group(id)?.entries.first(where: { entry in
            entry.when.map { evaluate($0, in: state) != 0 } ?? true
          })
        else { return nil }
        target = entry.goto
      }
    }
    return nil
  }

  /// Positions of the variables that a path from a checkpoint carries; `nil` if the scene is none.
  package func checkpointVariables(_ scene: Scene) -> [Int]? {
    scene.checkpoint.map { names in names.compactMap { variableIndices[$0] } }
  }

  // MARK: Checking

  private func checkNames() throws(EpisodesError) {
    guard episode.format == Episode.currentFormat else {
      throw EpisodesError(
        .damaged, "format \(episode.format); this version reads \(Episode.currentFormat)")
    }
    guard sceneIndices[episode.entry] != nil else {
      throw EpisodesError(.damaged, "the entry \(SafeText.quoted(episode.entry)) is no scene")
    }
    for variable in episode.variables {
      guard variable.minimum <= variable.maximum,
        variable.maximum.magnitude <= Expression.maximumMagnitude,
        variable.minimum.magnitude <= Expression.maximumMagnitude,
        variable.valueCount <= EpisodeLimits.valueCount,
        (variable.minimum...variable.maximum).contains(variable.initial)
      else {
        throw EpisodesError(.damaged, "the bounds of \(SafeText.quoted(variable.name)) are none")
      }
    }
    for group in episode.groups {
      for entry in group.entries { try check(entry.when, entry.goto, in: "group \(group.id)") }
    }
    for scene in episode.scenes { try check(scene) }
  }

  private func check(_ scene: Scene) throws(EpisodesError) {
    let place = "scene \(scene.id)"
    try check(scene.enter, in: place)
    try check(nil, scene.next, in: place)
    for name in scene.checkpoint ?? [] where variableIndices[name] == nil {
      throw EpisodesError(.damaged, "\(place) names no variable: \(SafeText.quoted(name))")
    }
    guard scene.choices.count <= EpisodeLimits.choicesPerScene else {
      throw EpisodesError(.limit, "\(place) has \(scene.choices.count) choices")
    }
    for choice in scene.choices {
      guard (1...EpisodeLimits.optionCount).contains(choice.options.count) else {
        throw EpisodesError(.limit, "\(place) has a choice of \(choice.options.count) options")
      }
      if case .expression(let expression) = choice.fallback {
        try check(expression, nil, in: place)
      }
      if case .option(let option) = choice.fallback,
        !choice.options.indices.contains(option)
      {
        throw EpisodesError(.damaged, "\(place) has a default that is no option: \(option)")
      }
      for option in choice.options {
        try check(option.when, option.goto, in: place)
        try check(option.effects, in: place)
      }
    }
  }

  private func check(_ effects: [Effect], in place: String) throws(EpisodesError) {
    for effect in effects {
      guard variableIndices[effect.variable] != nil else {
        throw EpisodesError(
          .damaged, "\(place) sets no variable: \(SafeText.quoted(effect.variable))")
      }
      try check(effect.value, nil, in: place)
    }
  }

  private func check(
    _ expression: Expression?, _ target: Target?, in place: String
  ) throws(EpisodesError) {
    for name in expression?.variables ?? [] where variableIndices[name] == nil {
      throw EpisodesError(.damaged, "\(place) reads no variable: \(SafeText.quoted(name))")
    }
    switch target {
    case .scene(let id) where sceneIndices[id] == nil:
      throw EpisodesError(.damaged, "\(place) leads to no scene: \(SafeText.quoted(id))")
    case .group(let id) where groupIndices[id] == nil:
      throw EpisodesError(.damaged, "\(place) leads to no group: \(SafeText.quoted(id))")
    default: return
    }
  }
}
