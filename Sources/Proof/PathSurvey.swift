package import Episodes

/// Paths through an episode: all of them, or as many as are asked for, drawn by the weights.
///
///     let survey = PathSurvey(graph, enumerating: 1000)
///     survey.isComplete ? "all" : "the first"
package struct PathSurvey: Sendable {
  package struct Path: Hashable, Sendable {
    package var path: EpisodePath
    package var sceneCount: Int
    package var choiceCount: Int
    /// Milliseconds, where media is known.
    package var duration: Int?
    /// `nil`: the path stops without one, or was cut off.
    package var ending: String?
    /// That viewers who choose by the weights take this path. Of drawn paths: how often it was drawn.
    package var probability: Double
  }

  /// Smallest, median, mean and largest of a number over all runs, by probability.
  package struct Spread: Hashable, Sendable {
    package var least: Double
    package var median: Double
    package var mean: Double
    package var most: Double
  }

  /// Paths that are listed, at the most.
  package static let pathCount = 100_000

  /// Scenes that are walked through for all paths, at the most.
  private static let sceneBudget = 20_000_000

  /// By digits where enumerated, the most frequent first where drawn.
  package private(set) var paths: [Path]
  /// There are no other paths from the initial values of variables.
  package private(set) var isComplete: Bool

  /// The first paths in the order of their digits.
  package init(_ graph: EpisodeGraph, enumerating limit: Int) {
    let simulation = Simulation(graph)
    let beginning = graph.initialState.values
    let limit = min(limit, Self.pathCount)
    paths = []
    isComplete = true
    // Each run follows `digits`, then takes first options and keeps what else there was.
    var digits: [Int]? = []
    var scenes = 0
    while let prefix = digits {
      guard paths.count < limit, scenes < Self.sceneBudget else {
        isComplete = false
        break
      }
      var asked: [(option: Int, others: [Int], share: Double)] = []
      let run = simulation.run(from: beginning) { question in
        guard asked.count < EpisodeLimits.pathDigitCount else { return nil }
        let option =
          asked.count < prefix.count ? prefix[asked.count] : question.enabled.first
        guard let option else { return nil }
        asked.append(
          (
            option, question.enabled.filter { $0 > option },
            Self.share(of: option, question, graph)
          ))
        return option
      }
      scenes += run.scenes.count
      paths.append(Self.path(run, asked.reduce(1) { $0 * $1.share }, graph))
      digits = nil
      while let last = asked.popLast() {
        guard let next = last.others.first else { continue }
        digits = asked.map(\.option) + [next]
        break
      }
    }
  }

  /// So many runs, drawn by the weights; equal ones are one path.
  package init(_ graph: EpisodeGraph, drawing count: Int, seed: UInt64) {
    let simulation = Simulation(graph)
    var random = SeededRandom(seed: seed)
    var counts: [Path: Int] = [:]
    var (runs, scenes) = (0, 0)
    while runs < min(count, Self.pathCount), scenes < Self.sceneBudget {
      runs += 1
      let beginning = simulation.beginning(&random)
      let run = simulation.run(from: beginning) { simulation.weighted($0, &random) }
      scenes += run.scenes.count
      counts[Self.path(run, 0, graph, from: beginning), default: 0] += 1
    }
    paths = counts.map { path, count in
      var path = path
      path.probability = Double(count) / Double(max(1, runs))
      return path
    }.sorted {
      $0.probability != $1.probability
        ? $0.probability > $1.probability : $0.path.description < $1.path.description
    }
    isComplete = false
  }

  private static func share(
    of option: Int, _ question: Simulation.Question, _ graph: EpisodeGraph
  ) -> Double {
    let options = graph.episode.scenes[question.scene].choices[question.choice].options
    let sum = question.enabled.reduce(0) { $0 + options[$1].weight }
    return sum > 0 ? options[option].weight / sum : 0
  }

  private static func path(
    _ run: Simulation.Run, _ probability: Double, _ graph: EpisodeGraph,
    from beginning: [Int]? = nil
  ) -> Path {
    let scenes = graph.episode.scenes
    let witness = Witness(
      beginning: beginning ?? graph.initialState.values, options: run.options, graph)
    return Path(
      path: witness.path, sceneCount: run.scenes.count, choiceCount: run.options.count,
      duration: graph.episode.media == nil
        ? nil : run.scenes.reduce(0) { $0 + (graph.duration(scenes[$1]) ?? 0) },
      ending: run.isEnded ? run.scenes.last.flatMap { scenes[$0].ending } : nil,
      probability: probability)
  }

  // MARK: Statistics

  /// Of a number of each path, each as often as it is probable; `nil` if there is none.
  package func spread(_ number: (Path) -> Int?) -> Spread? {
    let values = paths.compactMap { path in number(path).map { (Double($0), path.probability) } }
      .sorted { $0.0 < $1.0 }
    guard let first = values.first, let last = values.last else { return nil }
    let sum = values.reduce(0) { $0 + $1.1 }
    guard sum > 0 else {
      return Spread(
        least: first.0, median: values[values.count / 2].0,
        mean: values.reduce(0) { $0 + $1.0 } / Double(values.count), most: last.0)
    }
    var half = sum / 2
    let median = values.first {
      half -= $0.1
      return half <= 0
    }
    return Spread(
      least: first.0, median: median?.0 ?? last.0,
      mean: values.reduce(0) { $0 + $1.0 * $1.1 } / sum, most: last.0)
  }

  /// Each ending's part, in the episode's order; the last is of paths without one.
  package func endings(_ graph: EpisodeGraph) -> [(ending: String?, probability: Double)] {
    var parts: [String: Double] = [:]
    var none = 0.0
    for path in paths {
      if let ending = path.ending {
        parts[ending, default: 0] += path.probability
      } else {
        none += path.probability
      }
    }
    return graph.episode.endings.map { ($0.id, parts[$0.id] ?? 0) } + [(nil, none)]
  }
}
