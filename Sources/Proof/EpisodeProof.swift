package import Episodes

/// Decides, before anything is published, whether an interactive episode works.
///
///     let report = try EpisodeProof.report(on: graph)
///     report.passes
///     report.findings.first?.witness?.path   // a run that shows it
///
/// Nothing is sampled where the answer is yes or no: all states that can come up are computed as
/// sets (`Exploration`), so "never" means never. Only the odds of endings may be estimated.
///
/// To add a rule: a case of `Finding.Rule`, a function of `Evidence` or of the graph that returns
/// findings, a line below, a row in docs/episodes.md, and a test with the fault and without it.
package enum EpisodeProof {
  /// Findings of one rule, at the most; the last one says how many more there are.
  package static let findingsPerRule = 100

  /// - Parameter masks: milliseconds that the author wants after a choice's window, by choice:
  ///   `EpisodeFile.minimumMasks`.
  /// - Throws: `.limit` if the episode is too large for what the proof may use.
  package static func report(
    on graph: EpisodeGraph, masks: [String: Int] = [:],
    nodeCount: Int = DecisionDiagrams.nodeCount,
    stepCount: Int = DecisionDiagrams.stepCount
  ) throws(EpisodesError) -> ProofReport {
    let diagrams = DecisionDiagrams(maximumNodeCount: nodeCount, maximumStepCount: stepCount)
    let space = try StateSpace(graph, diagrams: diagrams)
    do {
      return try report(on: graph, space, masks)
    } catch {
      throw exhausted(error)
    }
  }

  private static func report(
    on graph: EpisodeGraph, _ space: StateSpace, _ masks: [String: Int]
  ) throws(DecisionDiagrams.Exhaustion) -> ProofReport {
    var evidence = try Evidence(space)
    var findings = graph.structureFindings()
    findings += try evidence.choiceFindings()
    let scenes = try evidence.sceneReach()
    let endings = evidence.endingReach(scenes)
    findings += try evidence.reachFindings(scenes, endings)
    findings += try evidence.endFindings()
    findings += graph.windowFindings(masks: masks)
    let rungs = graph.safeRungs()
    findings += graph.maskFindings(rungs)
    findings += graph.mediaFindings()
    findings += try evidence.variableFindings()
    findings += graph.textFindings()
    let odds = try evidence.odds()
    findings += odds.map { $0.findings(graph) } ?? []
    findings += evidence.checkpointFindings()
    findings += try evidence.twinFindings()
    return ProofReport(
      findings: limited(findings), scenes: scenes, endings: endings,
      defaultPath: (try? Walk(graph, path: .beginning, takesDefaults: true))?.path, rungs: rungs,
      odds: odds, statistics: evidence.statistics())
  }

  private static func limited(_ findings: [Finding]) -> [Finding] {
    Finding.Rule.allCases.flatMap { rule in
      let found = findings.filter { $0.rule == rule }
      let sorted =
        found.filter { $0.severity == .error } + found.filter { $0.severity == .warning }
      guard sorted.count > findingsPerRule, let severity = sorted.first?.severity else {
        return sorted
      }
      return sorted.prefix(findingsPerRule) + [
        Finding(
          rule, severity, .init(), "\(sorted.count - findingsPerRule) more of this rule")
      ]
    }
  }

  private static func exhausted(_ error: DecisionDiagrams.Exhaustion) -> EpisodesError {
    let what =
      switch error {
      case .nodes: "\(DecisionDiagrams.nodeCount) nodes of decision diagrams"
      case .steps: "\(DecisionDiagrams.stepCount) steps"
      }
    return EpisodesError(
      .limit,
      "the proof needs more than \(what): give integers smaller bounds, or let fewer variables "
        + "depend on each other")
  }
}
