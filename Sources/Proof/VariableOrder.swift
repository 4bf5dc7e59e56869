import Episodes

/// An order of variables in which those that meet in expressions stand close together: on it
/// depends how large the diagrams of the proof are.
///
/// FORCE (Aloul, Markov, Sakallah 2003): every variable moves to the mean of the centres of the
/// expressions it is in, again and again, and the shortest order seen is kept. No randomness: the
/// same episode gives the same order.
struct VariableOrder {
  /// Positions of variables in the episode, the topmost first.
  let variables: [Int]

  private static let roundCount = 60

  init(_ graph: EpisodeGraph) {
    let edges = Self.edges(graph)
    var order = Self.firstUse(edges, graph.episode.variables.count)
    var best = order
    var bestSpan = Self.span(order, edges)
    for _ in 0..<Self.roundCount {
      order = Self.moved(order, edges)
      let span = Self.span(order, edges)
      if span < bestSpan { (best, bestSpan) = (order, span) }
    }
    variables = best
  }

  /// Sets of variables that meet, in the order of the story.
  private static func edges(_ graph: EpisodeGraph) -> [[Int]] {
    var found: [[Int]] = []
    func add(_ names: Set<String>) {
      let indices = names.compactMap { graph.variableIndex($0) }.sorted()
      if !indices.isEmpty { found.append(indices) }
    }
    func add(_ effects: [Effect]) {
      for effect in effects { add(effect.value.variables.union([effect.variable])) }
    }
    for scene in graph.episode.scenes {
      add(scene.enter)
      for choice in scene.choices {
        if case .expression(let expression) = choice.fallback { add(expression.variables) }
        for option in choice.options {
          add(option.when?.variables ?? [])
          add(option.effects)
        }
        // What the options of one choice write is told apart by the way that was taken.
        add(Set(choice.options.flatMap { $0.effects.map(\.variable) }))
      }
    }
    for group in graph.episode.groups {
      add(
        group.entries.reduce(into: Set<String>()) { $0.formUnion($1.when?.variables ?? []) })
    }
    return found
  }

  private static func firstUse(_ edges: [[Int]], _ count: Int) -> [Int] {
    var seen = Set<Int>()
    return (edges.flatMap { $0 } + Array(0..<count)).filter { seen.insert($0).inserted }
  }

  private static func places(_ order: [Int]) -> [Int] {
    var places = Array(repeating: 0, count: order.count)
    for (place, variable) in order.enumerated() { places[variable] = place }
    return places
  }

  private static func span(_ order: [Int], _ edges: [[Int]]) -> Int {
    let places = places(order)
    return edges.reduce(0) { sum, edge in
      let (low, high) = edge.reduce((Int.max, Int.min)) {
        (min($0.0, places[$1]), max($0.1, places[$1]))
      }
      return sum + high - low
    }
  }

  private static func moved(_ order: [Int], _ edges: [[Int]]) -> [Int] {
    let places = places(order)
    var sums = Array(repeating: 0.0, count: order.count)
    var counts = Array(repeating: 0.0, count: order.count)
    for edge in edges {
      let centre = Double(edge.reduce(0) { $0 + places[$1] }) / Double(edge.count)
      for variable in edge {
        sums[variable] += centre
        counts[variable] += 1
      }
    }
    return order.map { variable in
      let centre =
        counts[variable] > 0 ? sums[variable] / counts[variable] : Double(places[variable])
      return (variable, centre)
    }
    .sorted { $0.1 != $1.1 ? $0.1 < $1.1 : places[$0.0] < places[$1.0] }.map(\.0)
  }
}
