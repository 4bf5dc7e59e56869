import Episodes

/// E4 and E5: whatever was chosen, an ending can still be reached, and a viewer who stops choosing
/// comes to one.
extension Evidence {
  mutating func endFindings() throws(DecisionDiagrams.Exhaustion) -> [Finding] {
    let ends = story.points.indices.map { isEnd($0) ? DecisionDiagrams.yes : DecisionDiagrams.no }
    let escape = try Escape(to: ends, within: seen.reached, .story, story, &space)
    let lost = try without(escape)
    var findings = try lostFindings(lost)
    findings += try trapFindings(lost, ends)
    return findings
  }

  /// `[point]`: states that come up and do not escape.
  private mutating func without(_ escape: Escape) throws(DecisionDiagrams.Exhaustion) -> [Node] {
    var rest: [Node] = []
    for (all, free) in zip(seen.reached, escape.states) {
      rest.append(try space.diagrams.minus(all, free))
    }
    return rest
  }

  /// States from which no ending can be reached: they end nowhere (E4), or never (E5).
  private mutating func lostFindings(
    _ lost: [Node]
  ) throws(DecisionDiagrams.Exhaustion) -> [Finding] {
    guard lost.contains(where: { $0 != DecisionDiagrams.no }) else { return [] }
    var stops: [Node] = []
    for point in lost.indices {
      var stop = lost[point]
      for index in story.out[point] where story.edges[index].isStory {
        stop = try space.diagrams.minus(stop, story.edges[index].guarded)
      }
      stops.append(stop)
    }
    let dead = try Escape(to: stops, within: lost, .story, story, &space).states
    var rings: [Node] = []
    for (lost, dead) in zip(lost, dead) { rings.append(try space.diagrams.minus(lost, dead)) }
    return try entries(into: dead).map {
      Finding(
        .e4, .error, $0.place, "from here no ending can be reached, and the story stops",
        witness: $0.witness)
    }
      + entries(into: rings).map {
        Finding(
          .e5, .error, $0.place, "from here no ending can be reached: a loop without an exit",
          witness: $0.witness)
      }
  }

  /// States from which endings can be reached, but not by defaults.
  private mutating func trapFindings(
    _ lost: [Node], _ ends: [Node]
  ) throws(DecisionDiagrams.Exhaustion) -> [Finding] {
    // What other rules report counts as an end.
    var goals = ends
    for point in goals.indices {
      goals[point] = try space.diagrams.or(goals[point], lost[point])
      goals[point] = try space.diagrams.or(goals[point], story.holes[point])
      if choice(point) != nil {
        goals[point] = try space.diagrams.or(goals[point], try withoutDefault(point).open)
      }
    }
    let traps = try without(
      try Escape(to: goals, within: seen.reached, .defaults, story, &space))
    for point in story.order where traps[point] != DecisionDiagrams.no {
      let states = try space.diagrams.and(traps[point], unchosen.reached[point])
      guard states != DecisionDiagrams.no else { continue }
      let witness = try unchosen.trace(to: point, in: states, story, liveness, &space)
      return [
        Finding(
          .e5, .error, .init(scene: scene(point).id),
          "a viewer who never chooses never reaches an ending" + loop(witness),
          witness: witness)
      ]
    }
    return try entries(into: traps).map {
      Finding(
        .e5, .error, $0.place,
        "a viewer who stops choosing after this path never reaches an ending"
          + loop($0.witness), witness: $0.witness)
    }
  }

  /// The scenes that defaults lead through again and again after a path.
  private func loop(_ witness: Witness?) -> String {
    guard let witness, let scenes = Simulation(graph).loop(after: witness) else { return "" }
    let ids = scenes.map { graph.episode.scenes[$0].id }
    let shown = ids.prefix(8).joined(separator: " → ")
    return ": " + shown + (ids.count > 8 ? " → … " : "") + " → " + (ids.first ?? "")
  }

  /// Where ways lead from other states into some, or a run begins in them: one for each choice.
  private mutating func entries(
    into states: [Node]
  ) throws(DecisionDiagrams.Exhaustion) -> [(place: Finding.Place, witness: Witness?)] {
    var found: [(place: Finding.Place, witness: Witness?)] = []
    var places: Set<Finding.Place> = []
    let entry = graph.sceneIndex(graph.episode.entry) ?? 0
    if states[entry] != DecisionDiagrams.no,
      let witness = try witness(to: entry, in: states[entry]), witness.path.options.isEmpty
    {
      places.insert(.init(scene: graph.episode.entry))
      found.append((.init(scene: graph.episode.entry), witness))
    }
    for point in story.order where seen.reached[point] != DecisionDiagrams.no {
      for index in story.out[point] where states[story.edges[index].to] != DecisionDiagrams.no {
        let edge = story.edges[index]
        let place = place(edge)
        guard edge.isStory, !places.contains(place) else { continue }
        var before = try edge.before(states[edge.to], &space)
        before = try space.diagrams.and(before, edge.guarded)
        before = try space.diagrams.and(before, seen.reached[point])
        before = try space.diagrams.minus(before, states[point])
        guard before != DecisionDiagrams.no else { continue }
        places.insert(place)
        found.append((place, try witness(through: edge, in: before)))
      }
    }
    return found
  }
}
