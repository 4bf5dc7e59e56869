import Episodes

extension EpisodeStatistics {
  /// Sums legs up into what was seen of scenes, choices and endings.
  ///
  /// - Returns: `nil` if the version is not known.
  init?(_ tally: ChoiceTally, of name: String, odds: EndingOdds?) {
    guard let graph = tally.graph else { return nil }
    let counts = Counts(tally.legs, graph)
    let (story, legs) = (graph.episode, tally.legs)
    episode = name
    title = story.title
    languages = story.languages
    entry = story.entry
    version = tally.version
    isPresent = tally.versions.contains { $0.isPresent && $0.version == tally.version }
    runs = legs.reduce(0) { $0 + ($1.leg.lead.isEmpty ? 0 : $1.count) }
    reports = legs.reduce(0) { $0 + $1.count }
    let ended = counts.ended.reduce(0, +)
    endingsReached = ended
    scenes = story.scenes.indices.map { counts.scene($0, graph) }
    choices = story.scenes.indices.flatMap { scene in
      story.scenes[scene].choices.indices.map { counts.choice($0, of: scene, graph) }
    }
    endings = story.endings.map { ending in
      let count = graph.sceneIndex(ending.scene).map { counts.ended[$0] } ?? 0
      return EndingCount(
        id: ending.id, scene: ending.scene, title: ending.title, isSecret: ending.isSecret,
        count: count, share: Self.share(count, of: ended),
        expected: odds?.chances.map { Self.rounded($0[ending.id] ?? 0) })
    }
    edges = Self.withUntrodden(counts.edges, graph).sorted {
      ($0.key.from, $0.key.to) < ($1.key.from, $1.key.to)
    }.map {
      EdgeCount(
        from: story.scenes[$0.key.from].id, to: story.scenes[$0.key.to].id, count: $0.value)
    }
    versions = tally.versions
  }

  static func share(_ count: Int, of whole: Int) -> Double {
    whole == 0 ? 0 : rounded(Double(count) / Double(whole))
  }

  /// To a hundredth of a percent: what follows is no knowledge.
  static func rounded(_ share: Double) -> Double { (share * 10_000).rounded() / 10_000 }

  private struct Edge: Hashable {
    var from: Int
    var to: Int
  }

  private struct Place: Hashable {
    var scene: Int
    var choice: Int
  }

  /// Every way that the author wrote, also those that nobody went.
  private static func withUntrodden(_ seen: [Edge: Int], _ graph: EpisodeGraph) -> [Edge: Int] {
    var edges = seen
    for (index, scene) in graph.episode.scenes.enumerated() {
      let written = [scene.next] + scene.choices.flatMap { $0.options.map(\.goto) }
      for target in written.compactMap({ $0 }) {
        for to in destinations(of: target, graph) {
          edges[Edge(from: index, to: to), default: 0] += 0
        }
      }
    }
    return edges
  }

  private static func destinations(of target: Target, _ graph: EpisodeGraph) -> [Int] {
    var (open, passed, found): ([Target], Set<Target>, [Int]) = ([target], [target], [])
    while let next = open.popLast() {
      switch next {
      case .scene(let id): graph.sceneIndex(id).map { found.append($0) }
      case .group(let id):
        for entry in graph.group(id)?.entries ?? [] where passed.insert(entry.goto).inserted {
          open.append(entry.goto)
        }
      }
    }
    return found
  }

  private struct Counts {
    /// `[scene]`
    var entered: [Int]
    /// `[scene]`
    var ended: [Int]
    var edges: [Edge: Int] = [:]
    private var legs: [Place: [ChoiceTally.LegCount]] = [:]

    init(_ tallied: [ChoiceTally.LegCount], _ graph: EpisodeGraph) {
      let sceneCount = graph.episode.scenes.count
      entered = Array(repeating: 0, count: sceneCount)
      ended = entered
      for counted in tallied where counted.count > 0 {
        let leg = counted.leg
        guard (leg.lead + [leg.scene] + leg.route).allSatisfy({ $0 < sceneCount }) else { continue }
        legs[Place(scene: leg.scene, choice: leg.choice), default: []].append(counted)
        for scene in leg.lead + leg.route { entered[scene] += counted.count }
        // The lead ends with the choice's scene itself.
        let way = leg.lead.dropLast() + [leg.scene] + leg.route
        for (from, to) in zip(way, way.dropFirst()) {
          edges[Edge(from: from, to: to), default: 0] += counted.count
        }
        if leg.ends { ended[leg.route.last ?? leg.scene] += counted.count }
      }
      // A report that was lost leaves a scene decided that nobody was seen to enter.
      for scene in 0..<sceneCount { entered[scene] = max(entered[scene], decided(0, of: scene)) }
    }

    private func decided(_ choice: Int, of scene: Int) -> Int {
      legs[Place(scene: scene, choice: choice)]?.reduce(0) { $0 + $1.count } ?? 0
    }

    func scene(_ index: Int, _ graph: EpisodeGraph) -> SceneCount {
      let scene = graph.episode.scenes[index]
      let last = scene.choices.count - 1
      return SceneCount(
        id: scene.id, title: scene.title, entered: entered[index],
        left: last < 0 ? 0 : max(0, entered[index] - decided(last, of: index)))
    }

    func choice(_ position: Int, of index: Int, _ graph: EpisodeGraph) -> ChoiceCount {
      let scene = graph.episode.scenes[index]
      let choice = scene.choices[position]
      let legs = legs[Place(scene: index, choice: position)] ?? []
      let count = legs.reduce(0) { $0 + $1.count }
      let defaults = legs.reduce(0) { $0 + $1.defaults }
      let weight = choice.options.reduce(0) { $0 + $1.weight }
      return ChoiceCount(
        id: choice.id, scene: scene.id, prompt: choice.prompt, count: count, defaults: defaults,
        defaultShare: EpisodeStatistics.share(defaults, of: count),
        medianSeconds: Self.median(legs),
        options: choice.options.enumerated().map { option, authored in
          let taken = legs.reduce(0) { $0 + ($1.leg.option == option ? $1.count : 0) }
          return OptionCount(
            id: authored.id, text: authored.text, count: taken,
            share: EpisodeStatistics.share(taken, of: count),
            expected: weight > 0 ? EpisodeStatistics.rounded(authored.weight / weight) : 0)
        })
    }

    /// The first tenth of a second by which half of the viewers had decided.
    private static func median(_ legs: [ChoiceTally.LegCount]) -> Double? {
      var decisions: [Int: Int] = [:]
      for leg in legs {
        for (tenths, count) in leg.decisions { decisions[tenths, default: 0] += count }
      }
      let total = decisions.values.reduce(0, +)
      var seen = 0
      for (tenths, count) in decisions.sorted(by: { $0.key < $1.key }) {
        seen += count
        if seen * 2 >= total { return Double(tenths) / 10 }
      }
      return nil
    }
  }
}
