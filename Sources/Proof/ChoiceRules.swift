import Episodes

/// E2: whatever was chosen before, the default can be taken and a group leads somewhere.
extension Evidence {
  mutating func choiceFindings() throws(DecisionDiagrams.Exhaustion) -> [Finding] {
    var findings: [Finding] = []
    var reported: Set<Finding.Place> = []
    for point in story.order where seen.reached[point] != DecisionDiagrams.no {
      if let (choice, place) = choice(point) {
        guard !reported.contains(place) else { continue }
        let (open, stuck) = try withoutDefault(point)
        guard open != DecisionDiagrams.no else { continue }
        reported.insert(place)
        let message =
          stuck == open
          ? "nothing can be chosen here: let one option always be enabled"
          : "\(Self.name(of: choice)) cannot be taken in every state that comes up"
        findings.append(
          Finding(.e2, .error, place, message, witness: try witness(to: point, in: open)))
      } else if case .departure(let target?) = story.points[point].stage {
        let open = try space.diagrams.and(seen.reached[point], story.holes[point])
        guard open != DecisionDiagrams.no else { continue }
        var place = Finding.Place(scene: scene(point).id)
        if case .group(let id) = target { place.group = id }
        guard reported.insert(place).inserted else { continue }
        findings.append(
          Finding(
            .e2, .error, place,
            "no entry of the group holds in every state: let the last have no condition",
            witness: try witness(to: point, in: open)))
      }
    }
    return findings
  }

  /// The states of a choice in which its default cannot be taken, and those of them in which nothing can.
  mutating func withoutDefault(
    _ point: Int
  ) throws(DecisionDiagrams.Exhaustion) -> (open: Node, stuck: Node) {
    var (open, stuck) = (seen.reached[point], seen.reached[point])
    for index in story.out[point] {
      let edge = story.edges[index]
      if edge.isDefault { open = try space.diagrams.minus(open, edge.guarded) }
      if edge.isStory { stuck = try space.diagrams.minus(stuck, edge.guarded) }
    }
    return (open, stuck)
  }

  private static func name(of choice: Choice) -> String {
    switch choice.fallback {
    case .option(let option): "the default \(choice.options[option].id)"
    case .random: "a random default"
    case .weighted: "a weighted default"
    case .expression: "the option that the default's expression names"
    }
  }
}
