import Episodes

/// W2: how likely each ending is when viewers choose as the weights say, and how long a run is.
package struct EndingOdds: Hashable, Sendable {
  /// Runs that are walked where the odds cannot be computed.
  package static let runCount = 10_000
  /// Scenes that all these runs go through, at the most: after that fewer runs must do.
  package static let sceneBudget = 1_000_000
  /// Part of all runs below which an ending is hardly ever seen.
  package static let rare = 0.01
  /// Part of all runs above which there is but one ending.
  package static let common = 0.6

  /// `[ending]`, 0 … 1.
  package var odds: [Double]
  /// Part of all runs that come to no ending, of those that were walked.
  package var endless: Double
  /// `false`: estimated from seeded runs.
  package var isExact: Bool
  /// Means of a run.
  package var sceneCount: Double
  package var choiceCount: Double
  /// Milliseconds, where media is known.
  package var duration: Double?

  func findings(_ graph: EpisodeGraph) -> [Finding] {
    let endings = graph.episode.endings
    guard endings.count > 1 else { return [] }
    return zip(endings, odds).compactMap { ending, odds in
      let place = Finding.Place(ending: ending.id)
      let about = isExact ? "" : "about "
      if odds > Self.common {
        return Finding(
          .w2, .warning, place, "\(about)\(Self.percent(odds)) of all runs end here")
      }
      if odds < Self.rare {
        return Finding(
          .w2, .warning, place, "only \(about)\(Self.percent(odds)) of all runs end here")
      }
      return nil
    }
  }

  /// `12.3 %`
  package static func percent(_ part: Double) -> String {
    let tenths = Int((part * 1000).rounded())
    return "\(tenths / 10).\(tenths % 10) %"
  }
}

extension Evidence {
  mutating func odds() throws(DecisionDiagrams.Exhaustion) -> EndingOdds? {
    guard !graph.episode.endings.isEmpty else { return nil }
    return try exactOdds() ?? estimatedOdds()
  }

  /// Where no condition ever decides anything and nothing loops, the odds of scenes multiply.
  private mutating func exactOdds() throws(DecisionDiagrams.Exhaustion) -> EndingOdds? {
    var parts = Array(repeating: 0.0, count: story.points.count)
    let entry = graph.sceneIndex(graph.episode.entry) ?? 0
    parts[entry] = 1
    var odds = EndingOdds(
      odds: Array(repeating: 0, count: graph.episode.endings.count), endless: 0, isExact: true,
      sceneCount: 0, choiceCount: 0, duration: graph.episode.media == nil ? nil : 0)
    var done: Set<Int> = []
    for point in story.order where seen.reached[point] != DecisionDiagrams.no {
      done.insert(point)
      let part = parts[point]
      if story.points[point].stage == .arrival {
        odds.sceneCount += part
        if let duration = graph.duration(scene(point)) {
          odds.duration = (odds.duration ?? 0) + part * Double(duration)
        }
      }
      if choice(point) != nil { odds.choiceCount += part }
      if isEnd(point), let ending = scene(point).ending,
        let index = graph.episode.endings.firstIndex(where: { $0.id == ending })
      {
        odds.odds[index] += part
      }
      let edges = try takenEdges(point)
      guard let edges else { return nil }
      let sum = edges.reduce(0) { $0 + weight($1) }
      for edge in edges {
        guard !done.contains(edge.to) else { return nil }
        parts[edge.to] += sum > 0 ? part * weight(edge) / sum : 0
      }
    }
    odds.endless = max(0, 1 - odds.odds.reduce(0, +))
    return odds
  }

  private func weight(_ edge: StoryGraph.Edge) -> Double {
    guard let option = edge.option, let choice = choice(edge.from)?.choice else { return 1 }
    return choice.options[option].weight
  }

  /// The edges that are taken from a point; `nil` if it depends on the state.
  private mutating func takenEdges(
    _ point: Int
  ) throws(DecisionDiagrams.Exhaustion) -> [StoryGraph.Edge]? {
    var taken: [StoryGraph.Edge] = []
    for index in story.out[point] where story.edges[index].isStory {
      let edge = story.edges[index]
      let states = try space.diagrams.and(seen.reached[point], edge.guarded)
      if states == DecisionDiagrams.no { continue }
      guard states == seen.reached[point] else { return nil }
      taken.append(edge)
    }
    return taken
  }

  private func estimatedOdds() -> EndingOdds {
    let simulation = Simulation(graph)
    var random = SeededRandom(seed: 1)
    var counts = Array(repeating: 0, count: graph.episode.endings.count)
    var indices: [String: Int] = [:]
    for (index, ending) in graph.episode.endings.enumerated() { indices[ending.id] = index }
    let durations = graph.episode.scenes.map { Double(graph.duration($0) ?? 0) }
    var (runs, scenes, choices, duration) = (0, 0, 0, 0.0)
    while runs < EndingOdds.runCount, scenes < EndingOdds.sceneBudget {
      runs += 1
      let beginning = simulation.beginning(&random)
      let run = simulation.run(from: beginning) { simulation.weighted($0, &random) }
      scenes += run.scenes.count
      choices += run.options.count
      duration += run.scenes.reduce(0) { $0 + durations[$1] }
      if run.isEnded, let last = run.scenes.last,
        let ending = graph.episode.scenes[last].ending, let index = indices[ending]
      {
        counts[index] += 1
      }
    }
    let all = Double(runs)
    return EndingOdds(
      odds: counts.map { Double($0) / all },
      endless: Double(runs - counts.reduce(0, +)) / all, isExact: false,
      sceneCount: Double(scenes) / all, choiceCount: Double(choices) / all,
      duration: graph.episode.media == nil ? nil : duration / all)
  }
}
