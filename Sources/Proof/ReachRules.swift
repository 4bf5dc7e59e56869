import Episodes

/// E3: every scene, option and ending is there for somebody.
extension Evidence {
  mutating func sceneReach() throws(DecisionDiagrams.Exhaustion) -> [ProofReport.Reach] {
    var found: [ProofReport.Reach] = []
    for (index, scene) in graph.episode.scenes.enumerated() {
      let states = seen.reached[index]
      found.append(
        ProofReport.Reach(
          id: scene.id,
          witness: states == DecisionDiagrams.no ? nil : try witness(to: index, in: states)))
    }
    return found
  }

  /// An ending is reached when its scene is.
  func endingReach(_ scenes: [ProofReport.Reach]) -> [ProofReport.Reach] {
    graph.episode.endings.map { ending in
      let scene = graph.sceneIndex(ending.scene)
      return ProofReport.Reach(id: ending.id, witness: scene.flatMap { scenes[$0].witness })
    }
  }

  mutating func reachFindings(
    _ scenes: [ProofReport.Reach], _ endings: [ProofReport.Reach]
  ) throws(DecisionDiagrams.Exhaustion) -> [Finding] {
    var findings: [Finding] = []
    for (scene, reach) in zip(graph.episode.scenes, scenes) {
      guard reach.witness == nil, scene.ending == nil, !graph.isIdle(scene) else { continue }
      findings.append(
        Finding(.e3, .error, .init(scene: scene.id), "no path leads here"))
    }
    for reach in endings where reach.witness == nil {
      findings.append(
        Finding(
          .e3, .error, .init(scene: graph.episode.ending(reach.id)?.scene, ending: reach.id),
          "no path leads to this ending"))
    }
    findings += try optionFindings()
    return findings
  }

  /// Options that no state enables, at choices that are reached.
  private mutating func optionFindings() throws(DecisionDiagrams.Exhaustion) -> [Finding] {
    var taken: Set<Finding.Place> = []
    var places: [Finding.Place] = []
    for point in story.order where seen.reached[point] != DecisionDiagrams.no {
      for index in story.out[point] where story.edges[index].option != nil {
        let edge = story.edges[index]
        guard edge.isStory else { continue }
        let place = place(edge)
        places.append(place)
        if try isTaken(edge) { taken.insert(place) }
      }
    }
    var reported: Set<Finding.Place> = []
    return places.filter { !taken.contains($0) && reported.insert($0).inserted }.map {
      Finding(.e3, .error, $0, "no path that comes here enables this option")
    }
  }
}
