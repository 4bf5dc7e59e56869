/// A path walked through an episode: its scenes, and where it stands at the end.
///
///     let walk = try Walk(graph, path: try EpisodePath("01"))
///     walk.steps.map(\.scene.id)   // ["s1", "s1b", "s2a"]
///     walk.openChoice?.id          // what is to be chosen next; nil at an ending
package struct Walk: Sendable {
  /// A choice that was met, and what was taken.
  package struct Decision: Hashable, Sendable {
    package var choice: Choice
    /// How often the choice was met in this walk, from 1.
    package var occurrence: Int
    /// Position of the option; `nil` while it is open.
    package var option: Int?
    /// Positions of the options that can be chosen.
    package var enabled: [Int]
    /// What is taken of itself, where nobody draws.
    package var fallback: Int?
  }

  /// A scene that was entered.
  package struct Step: Hashable, Sendable {
    package var scene: Scene
    /// On arrival, before the scene is entered.
    package var arrival: EpisodeState
    /// After the scene was entered.
    package var state: EpisodeState
    /// Choices that were met before the scene, counted from the path's start.
    package var met: Int
    /// Position of the last step, this one included, that is a checkpoint; `nil` if only the path's
    /// start is one.
    package var checkpoint: Int?
    /// One for each choice up to the first open one.
    package var decisions: [Decision]
  }

  package let graph: EpisodeGraph
  /// With all options that were taken, also of themselves.
  package private(set) var path: EpisodePath
  package private(set) var steps: [Step] = []
  /// After everything in `steps`.
  package private(set) var state: EpisodeState

  /// Walks to the first choice that the path does not decide, or to an ending.
  ///
  /// - Parameter takesDefaults: go on from there as if nobody chose, to the ending.
  /// - Throws: `.impossiblePath` if an option is not there or not enabled, if the path has digits
  ///   behind its ending, or if the walk does not end; `.malformedPath` for a bad start.
  package init(
    _ graph: EpisodeGraph, path: EpisodePath, takesDefaults: Bool = false
  ) throws(EpisodesError) {
    self.graph = graph
    self.path = path
    let (first, state) = try Self.start(graph, path)
    self.state = state
    var options = path.options[...]
    var occurrences: [String: Int] = [:]
    var scene: Scene? = first
    while let entered = scene {
      guard steps.count < EpisodeLimits.pathSceneCount else {
        throw EpisodesError(
          .impossiblePath, "the path leads through more than \(EpisodeLimits.pathSceneCount) scenes"
        )
      }
      scene = try enter(entered, &options, &occurrences, takesDefaults)
    }
    guard options.isEmpty else {
      throw EpisodesError(
        .impossiblePath,
        "the path has \(options.count) digits behind its ending in \(steps.last?.scene.id ?? "")")
    }
  }

  /// What is to be chosen next; `nil` at an ending.
  package var openChoice: Decision? {
    steps.last?.decisions.last.flatMap { $0.option == nil ? $0 : nil }
  }

  /// The id of the ending that was reached.
  package var ending: String? { steps.last?.scene.ending }

  private static func start(
    _ graph: EpisodeGraph, _ path: EpisodePath
  ) throws(EpisodesError) -> (Scene, EpisodeState) {
    let id = path.start?.scene ?? graph.episode.entry
    guard let scene = graph.scene(id) else {
      throw EpisodesError(.impossiblePath, "the path starts at a scene that is not there")
    }
    guard let start = path.start else { return (scene, graph.initialState) }
    guard let variables = graph.checkpointVariables(scene) else {
      throw EpisodesError(.impossiblePath, "the path starts at \(id), which is no checkpoint")
    }
    return (scene, try EpisodeState(packed: start.state, variables, of: graph))
  }

  /// - Returns: the scene that follows; `nil` at an open choice and at an ending.
  private mutating func enter(
    _ scene: Scene, _ options: inout ArraySlice<Int>, _ occurrences: inout [String: Int],
    _ takesDefaults: Bool
  ) throws(EpisodesError) -> Scene? {
    let arrival = state
    graph.enter(scene, &state)
    let checkpoint =
      steps.isEmpty || scene.checkpoint == nil ? steps.last?.checkpoint : steps.count
    steps.append(
      Step(
        scene: scene, arrival: arrival, state: state,
        met: steps.last.map { $0.met + $0.decisions.count } ?? 0, checkpoint: checkpoint,
        decisions: []))
    var target = scene.next
    for choice in scene.choices {
      occurrences[choice.id, default: 0] += 1
      var decision = Decision(
        choice: choice, occurrence: occurrences[choice.id, default: 1],
        option: options.popFirst(),
        enabled: choice.options.indices.filter { graph.isEnabled(choice.options[$0], in: state) },
        fallback: graph.fallback(of: choice, in: state))
      if decision.option == nil, takesDefaults {
        guard let fallback = decision.fallback else {
          throw EpisodesError(
            .impossiblePath, "the default of \(choice.id) in \(scene.id) cannot be chosen here")
        }
        decision.option = fallback
        path.options.append(fallback)
      }
      steps[steps.count - 1].decisions.append(decision)
      guard let option = decision.option else { return nil }
      try check(option, decision, in: scene)
      graph.apply(choice.options[option].effects, to: &state)
      target = choice.options[option].goto ?? target
    }
    guard let target else {
      guard scene.ending != nil else {
        throw EpisodesError(.impossiblePath, "the story does not go on after \(scene.id)")
      }
      return nil
    }
    guard let next = graph.resolve(target, in: state) else {
      throw EpisodesError(.impossiblePath, "no way leads on from \(scene.id) in this state")
    }
    return next
  }

  private func check(
    _ option: Int, _ decision: Decision, in scene: Scene
  ) throws(EpisodesError) {
    let choice = decision.choice
    guard choice.options.indices.contains(option) else {
      throw EpisodesError(
        .impossiblePath,
        "\(choice.id) in \(scene.id) has \(choice.options.count) options; the path takes number "
          + "\(option), counted from 0")
    }
    guard decision.enabled.contains(option) else {
      throw EpisodesError(
        .impossiblePath,
        "\(choice.options[option].id) of \(choice.id) in \(scene.id) cannot be chosen after this path"
      )
    }
  }
}

extension EpisodeGraph {
  /// The path from a checkpoint that means the same as a walk that arrives there: paths of
  /// different histories become one, for caches too.
  ///
  /// - Parameter state: on arrival, before the scene is entered.
  /// - Returns: `nil` if the scene is no checkpoint.
  package func path(from scene: Scene, arriving state: EpisodeState) -> EpisodePath? {
    checkpointVariables(scene).map { variables in
      EpisodePath(
        start: EpisodePath.Start(scene: scene.id, state: state.packed(variables, of: self)),
        options: [])
    }
  }
}
