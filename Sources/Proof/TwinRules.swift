import Episodes

/// W4: two options of a choice that make no difference, in any state in which both can be taken.
extension Evidence {
  mutating func twinFindings() throws(DecisionDiagrams.Exhaustion) -> [Finding] {
    var findings: [Finding] = []
    var reported: Set<Finding.Place> = []
    for point in story.order where seen.reached[point] != DecisionDiagrams.no {
      guard let (choice, place) = choice(point), !reported.contains(place) else { continue }
      let edges = story.out[point].map { story.edges[$0] }.filter(\.isStory)
      var twins: [(Int, Int)] = []
      for (index, left) in edges.enumerated() {
        for right in edges[(index + 1)...] where try areTwins(left, right) {
          if let a = left.option, let b = right.option { twins.append((a, b)) }
        }
      }
      // A choice with several targets so far is one choice: its first point speaks for it.
      reported.insert(place)
      for (left, right) in twins {
        var place = place
        place.option = choice.options[right].id
        findings.append(
          Finding(
            .w4, .warning, place,
            "makes no difference to \(choice.options[left].id): the same scene in the same state"))
      }
    }
    return findings
  }

  private mutating func areTwins(
    _ left: StoryGraph.Edge, _ right: StoryGraph.Edge
  ) throws(DecisionDiagrams.Exhaustion) -> Bool {
    var both = try space.diagrams.and(left.guarded, right.guarded)
    both = try space.diagrams.and(both, seen.reached[left.from])
    guard both != DecisionDiagrams.no else { return false }
    let (a, b) = (try values(after: left), try values(after: right))
    var matters = liveness.live[left.to]
    matters.formUnion(liveness.live[right.to])
    for (index, variable) in graph.episode.variables.enumerated()
    where !variable.isHidden || variable.scope != .run { matters.insert(index) }
    for variable in Set(a.keys).union(b.keys).sorted() where matters.contains(variable) {
      let own = try space.value(variable)
      let differs = try space.diagrams.apply(.notEqual, a[variable] ?? own, b[variable] ?? own)
      guard try space.diagrams.and(both, differs) == DecisionDiagrams.no else { return false }
    }
    if left.to == right.to { return true }
    guard case .departure(let first?) = story.points[left.to].stage,
      case .departure(let second?) = story.points[right.to].stage
    else { return false }
    return try areSame(first, a, second, b, in: both)
  }

  private mutating func areSame(
    _ first: Target, _ a: [Int: Node], _ second: Target, _ b: [Int: Node], in states: Node
  ) throws(DecisionDiagrams.Exhaustion) -> Bool {
    let left = try StoryGraph.parts(of: first, &space, a)
    let right = try StoryGraph.parts(of: second, &space, b)
    for scene in Set(left.map(\.scene)).union(right.map(\.scene)).sorted() {
      let one = left.first { $0.scene == scene }?.states ?? DecisionDiagrams.no
      let other = right.first { $0.scene == scene }?.states ?? DecisionDiagrams.no
      let differ = try space.diagrams.or(
        try space.diagrams.minus(one, other), try space.diagrams.minus(other, one))
      guard try space.diagrams.and(states, differ) == DecisionDiagrams.no else { return false }
    }
    return true
  }

  /// The values of variables after an edge, in terms of the state before it.
  private mutating func values(
    after edge: StoryGraph.Edge
  ) throws(DecisionDiagrams.Exhaustion) -> [Int: Node] {
    var known: [Int: Node] = [:]
    for step in edge.steps {
      let variable = step.assignment.variable
      known[variable] = try space.clamp(
        try space.compile(step.effect.value, known), variable)
    }
    return known
  }
}
