import Episodes

/// The ways through an episode in small steps: arriving at a scene, each of its choices, leaving it.
///
/// The meaning is that of `Walk`: arriving does what `EpisodeGraph.enter` does; a choice looks at its
/// conditions in the state left by the one before; the target of the last option that has one wins.
struct StoryGraph {
  typealias Node = DecisionDiagrams.Node

  enum Stage: Hashable {
    /// Before `visited`, `count` and `on_enter`.
    case arrival
    /// Before a choice, with the target so far.
    case choice(Int, Target?)
    /// After the last choice.
    case departure(Target?)
  }

  struct Point: Hashable {
    /// Position in the episode.
    var scene: Int
    var stage: Stage
  }

  /// An effect on the way, and whether the author wrote it.
  struct Step {
    var effect: Effect
    var assignment: StateSpace.Assignment
    var isWritten: Bool
  }

  struct Edge {
    var from: Int
    var to: Int
    /// The states that may take it.
    var guarded: Node
    var steps: [Step] = []
    /// Positions of the steps whose variable matters afterwards: what sets of states go through.
    var moves: [Int] = []
    /// Of a choice: the position of the option.
    var option: Int?
    /// A viewer can go this way.
    var isStory = true
    /// It is gone if nobody chooses.
    var isDefault = true
  }

  private(set) var points: [Point] = []
  private(set) var edges: [Edge] = []
  /// `[point]`: positions of edges.
  private(set) var out: [[Int]] = []
  private(set) var into: [[Int]] = []
  /// `[point]` of departures: the states for which no entry of a group holds.
  private(set) var holes: [Node] = []
  /// Points from the entry on, ways back last.
  private(set) var order: [Int] = []
  private var indices: [Point: Int] = [:]
  private var assignments: [Effect: StateSpace.Assignment] = [:]
  private var parts: [Target: [(scene: Int, states: Node)]] = [:]

  init(_ space: inout StateSpace) throws(DecisionDiagrams.Exhaustion) {
    let episode = space.graph.episode
    // Arrivals first: their point is the scene's position.
    for scene in episode.scenes.indices { _ = point(Point(scene: scene, stage: .arrival)) }
    var next = 0
    while next < points.count {
      try expand(next, &space)
      next += 1
    }
    out = Array(repeating: [], count: points.count)
    into = out
    for (index, edge) in edges.enumerated() {
      out[edge.from].append(index)
      into[edge.to].append(index)
    }
    order = makeOrder(entry: space.graph.sceneIndex(episode.entry) ?? 0)
  }

  /// Leaves out of sets of states what does not matter.
  mutating func keep(_ moves: [[Int]]) {
    for index in edges.indices { edges[index].moves = moves[index] }
  }

  private mutating func point(_ point: Point) -> Int {
    if let known = indices[point] { return known }
    indices[point] = points.count
    points.append(point)
    holes.append(DecisionDiagrams.no)
    return points.count - 1
  }

  // MARK: Building

  private mutating func expand(
    _ from: Int, _ space: inout StateSpace
  ) throws(DecisionDiagrams.Exhaustion) {
    let scene = space.graph.episode.scenes[points[from].scene]
    switch points[from].stage {
    case .arrival:
      var steps: [Step] = []
      func kept(_ name: String, _ value: Expression) throws(DecisionDiagrams.Exhaustion) {
        guard space.graph.variableIndex(name) != nil else { return }
        let effect = Effect(variable: name, value: value)
        if let step = try step(effect, &space, isWritten: false) { steps.append(step) }
      }
      try kept("visited:\(scene.id)", .literal(1))
      let count = "count:\(scene.id)"
      try kept(count, .binary(.add, .variable(count), .literal(1)))
      steps += try self.steps(scene.enter, &space)
      if let ending = scene.ending { try kept("ended:\(ending)", .literal(1)) }
      let to = after(choice: -1, scene.next, points[from].scene, scene)
      edges.append(Edge(from: from, to: to, guarded: DecisionDiagrams.yes, steps: steps))
    case .choice(let index, let target):
      try expand(scene.choices[index], index, target, from, scene, &space)
    case .departure(let target):
      guard let target else { return }
      var covered = DecisionDiagrams.no
      for part in try parts(of: target, &space) {
        covered = try space.diagrams.or(covered, part.states)
        edges.append(Edge(from: from, to: part.scene, guarded: part.states))
      }
      holes[from] = try space.diagrams.not(covered)
    }
  }

  private mutating func expand(
    _ choice: Choice, _ index: Int, _ target: Target?, _ from: Int, _ scene: Scene,
    _ space: inout StateSpace
  ) throws(DecisionDiagrams.Exhaustion) {
    var value: Node?
    if case .expression(let expression) = choice.fallback {
      value = try space.compile(expression)
    }
    for (position, option) in choice.options.enumerated() {
      let to = after(choice: index, option.goto ?? target, points[from].scene, scene)
      let enabled = try space.condition(option.when)
      let steps = try steps(option.effects, &space)
      var edge = Edge(
        from: from, to: to, guarded: enabled, steps: steps, option: position)
      switch choice.fallback {
      case .option(let fallback): edge.isDefault = fallback == position
      case .random, .weighted: edge.isDefault = true
      case .expression: edge.isDefault = false
      }
      edges.append(edge)
      if let value {
        let taken = try space.diagrams.apply(.equal, value, try space.diagrams.leaf(position))
        edge.guarded = try space.diagrams.and(enabled, taken)
        (edge.isStory, edge.isDefault) = (false, true)
        edges.append(edge)
      }
    }
  }

  private mutating func after(
    choice index: Int, _ target: Target?, _ position: Int, _ scene: Scene
  ) -> Int {
    let next = index + 1
    return point(
      Point(
        scene: position,
        stage: next < scene.choices.count ? .choice(next, target) : .departure(target)))
  }

  private mutating func steps(
    _ effects: [Effect], _ space: inout StateSpace
  ) throws(DecisionDiagrams.Exhaustion) -> [Step] {
    var steps: [Step] = []
    for effect in effects {
      if let step = try step(effect, &space, isWritten: true) { steps.append(step) }
    }
    return steps
  }

  private mutating func step(
    _ effect: Effect, _ space: inout StateSpace, isWritten: Bool
  ) throws(DecisionDiagrams.Exhaustion) -> Step? {
    if let known = assignments[effect] {
      return Step(effect: effect, assignment: known, isWritten: isWritten)
    }
    guard let assignment = try space.compile(effect) else { return nil }
    assignments[effect] = assignment
    return Step(effect: effect, assignment: assignment, isWritten: isWritten)
  }

  private mutating func parts(
    of target: Target, _ space: inout StateSpace
  ) throws(DecisionDiagrams.Exhaustion) -> [(scene: Int, states: Node)] {
    if let known = parts[target] { return known }
    let found = try Self.parts(of: target, &space)
    parts[target] = found
    return found
  }

  /// The scenes that a target leads to, each with its states; a scene is named once.
  ///
  /// - Parameter known: see `StateSpace.compile`.
  static func parts(
    of target: Target, _ space: inout StateSpace, _ known: [Int: Node] = [:]
  ) throws(DecisionDiagrams.Exhaustion) -> [(scene: Int, states: Node)] {
    var found: [Int: Node] = [:]
    var order: [Int] = []
    // A group that leads back to itself resolves to nothing: `open` are the groups on the way.
    func resolve(
      _ target: Target, _ states: Node, _ open: [String]
    ) throws(DecisionDiagrams.Exhaustion) {
      guard states != DecisionDiagrams.no else { return }
      switch target {
      case .scene(let id):
        guard let scene = space.graph.sceneIndex(id) else { return }
        if found[scene] == nil { order.append(scene) }
        found[scene] = try space.diagrams.or(found[scene] ?? DecisionDiagrams.no, states)
      case .group(let id):
        guard !open.contains(id), let group = space.graph.group(id) else { return }
        var rest = states
        for entry in group.entries {
          let holds = try space.diagrams.and(rest, try space.condition(entry.when, known))
          try resolve(entry.goto, holds, open + [id])
          rest = try space.diagrams.minus(rest, holds)
        }
      }
    }
    try resolve(target, DecisionDiagrams.yes, [])
    return order.map { ($0, found[$0] ?? DecisionDiagrams.no) }
  }

  /// Reverse postorder, so that most ways lead forward.
  private func makeOrder(entry: Int) -> [Int] {
    var seen = Array(repeating: false, count: points.count)
    var postorder: [Int] = []
    for root in [entry] + Array(points.indices) where !seen[root] {
      seen[root] = true
      var stack = [(point: root, next: 0)]
      while let (point, next) = stack.last {
        // The last way first, so that the first comes first in the reversed order.
        guard next < out[point].count else {
          postorder.append(point)
          stack.removeLast()
          continue
        }
        stack[stack.count - 1].next += 1
        let to = edges[out[point][out[point].count - 1 - next]].to
        if !seen[to] {
          seen[to] = true
          stack.append((to, 0))
        }
      }
    }
    // Roots were finished in turn: each tree is reversed by itself, the entry's first.
    return ordered(postorder, entry)
  }

  private func ordered(_ postorder: [Int], _ entry: Int) -> [Int] {
    guard let end = postorder.firstIndex(of: entry) else { return postorder.reversed() }
    return postorder[...end].reversed() + postorder[(end + 1)...].reversed()
  }
}
