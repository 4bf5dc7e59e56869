import Episodes

/// E10: variables are read, are written, and keep within their bounds.
extension Evidence {
  mutating func variableFindings() throws(DecisionDiagrams.Exhaustion) -> [Finding] {
    try overflowFindings() + useFindings()
  }

  private mutating func overflowFindings() throws(DecisionDiagrams.Exhaustion) -> [Finding] {
    var findings: [Finding] = []
    var reported: Set<Finding.Place> = []
    for point in story.order where seen.reached[point] != DecisionDiagrams.no {
      for index in story.out[point] where story.edges[index].isStory {
        let edge = story.edges[index]
        for (number, step) in edge.steps.enumerated() where step.mayOverflow {
          var place = place(edge)
          place.variable = step.effect.variable
          guard !reported.contains(place) else { continue }
          let start = try space.diagrams.and(seen.reached[point], edge.guarded)
          let states = try edge.after(start, &space, end: number)
          let beyond = try space.diagrams.and(states, step.assignment.overflow)
          guard beyond != DecisionDiagrams.no else { continue }
          reported.insert(place)
          let before = try space.diagrams.and(
            start, try edge.before(beyond, &space, end: number))
          findings.append(
            Finding(
              .e10, .error, place,
              "passes its bounds on a path and is held at them: write min() or max() if that is meant",
              witness: try witness(through: edge, in: before)))
        }
      }
    }
    return findings
  }

  private func useFindings() -> [Finding] {
    var read: Set<String> = []
    var written: Set<String> = []
    func look(_ effects: [Effect]) {
      for effect in effects {
        written.insert(effect.variable)
        // Counting up reads nothing for others.
        read.formUnion(effect.value.variables.subtracting([effect.variable]))
      }
    }
    for scene in graph.episode.scenes {
      look(scene.enter)
      for choice in scene.choices {
        if case .expression(let expression) = choice.fallback {
          read.formUnion(expression.variables)
        }
        for option in choice.options {
          read.formUnion(option.when?.variables ?? [])
          look(option.effects)
        }
      }
    }
    for entry in graph.episode.groups.flatMap(\.entries) {
      read.formUnion(entry.when?.variables ?? [])
    }
    return graph.episode.variables.flatMap { variable -> [Finding] in
      guard variable.origin == .written else { return [] }
      let place = Finding.Place(variable: variable.name)
      var findings: [Finding] = []
      // Viewers read what they see; other episodes read what a series keeps.
      if !read.contains(variable.name), variable.isHidden, variable.scope != .series {
        findings.append(Finding(.e10, .warning, place, "is never read"))
      }
      if !written.contains(variable.name), !variable.isRandom, variable.scope != .series {
        findings.append(
          Finding(.e10, .warning, place, "is never written: it is \(variable.initial) always"))
      }
      return findings
    }
  }
}
