import Episodes

/// All that the rules look at: the ways of an episode and the states that come up on them.
struct Evidence {
  typealias Node = DecisionDiagrams.Node

  let graph: EpisodeGraph
  var space: StateSpace
  let story: StoryGraph
  let liveness: Liveness
  /// What any viewer may see.
  let seen: Exploration
  /// What a viewer sees who never chooses.
  let unchosen: Exploration

  init(_ space: StateSpace) throws(DecisionDiagrams.Exhaustion) {
    var space = space
    graph = space.graph
    var story = try StoryGraph(&space)
    liveness = Liveness(&story, space)
    self.story = story
    seen = try Exploration(story, liveness, &space, .story)
    unchosen = try Exploration(story, liveness, &space, .defaults)
    self.space = space
  }

  func scene(_ point: Int) -> Scene { graph.episode.scenes[story.points[point].scene] }

  /// The choice of a point, and its place.
  func choice(_ point: Int) -> (choice: Choice, place: Finding.Place)? {
    guard case .choice(let index, _) = story.points[point].stage else { return nil }
    let scene = scene(point)
    return (
      scene.choices[index], Finding.Place(scene: scene.id, choice: scene.choices[index].id)
    )
  }

  /// Where an edge of a choice comes from, with its option.
  func place(_ edge: StoryGraph.Edge) -> Finding.Place {
    guard let (choice, start) = choice(edge.from) else {
      return Finding.Place(scene: scene(edge.from).id)
    }
    var place = start
    place.option = edge.option.map { choice.options[$0].id }
    return place
  }

  /// The story ends at this point, as it should.
  func isEnd(_ point: Int) -> Bool {
    story.points[point].stage == .departure(nil) && scene(point).ending != nil
  }

  mutating func witness(
    to point: Int, in states: Node
  ) throws(DecisionDiagrams.Exhaustion) -> Witness? {
    try seen.trace(to: point, in: states, story, liveness, &space)
  }

  /// A run to a choice that takes one of its options.
  mutating func witness(
    through edge: StoryGraph.Edge, in states: Node
  ) throws(DecisionDiagrams.Exhaustion) -> Witness? {
    var witness = try witness(to: edge.from, in: states)
    if let option = edge.option { witness?.path.options.append(option) }
    return witness
  }

  /// Edges that some state takes.
  mutating func isTaken(
    _ edge: StoryGraph.Edge
  ) throws(DecisionDiagrams.Exhaustion) -> Bool {
    try space.diagrams.and(seen.reached[edge.from], edge.guarded) != DecisionDiagrams.no
  }

  func statistics() -> ProofReport.Statistics {
    let episode = graph.episode
    return ProofReport.Statistics(
      sceneCount: episode.scenes.count, variableCount: episode.variables.count,
      choiceCount: episode.scenes.reduce(0) { $0 + $1.choices.count },
      endingCount: episode.endings.count,
      stateCount: episode.scenes.indices.reduce(0.0) { sum, scene in
        sum + space.count(seen.reached[scene], liveness.live[scene])
      },
      nodeCount: space.diagrams.count, stepCount: space.diagrams.stepsTaken)
  }
}
