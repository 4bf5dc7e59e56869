import Episodes

/// All states that can come up at each point, and how each comes about.
///
/// The usual least fixpoint: what is new at a point goes through its edges, until nothing is new.
/// What came in each round stays as a ring, with the edge and the ring that it came through, so a
/// path to any state is read off backwards.
struct Exploration {
  typealias Node = DecisionDiagrams.Node

  /// What came to a point in one round.
  private struct Ring {
    var states: Node
    var parts: [Part]
  }

  private struct Part {
    var states: Node
    /// `nil`: the beginning.
    var edge: Int?
    /// The ring of the edge's first point.
    var ring: Int
  }

  /// Which edges are walked.
  enum Ways {
    /// All that a viewer can go.
    case story
    /// Those that are gone if nobody chooses.
    case defaults
  }

  let ways: Ways
  /// `[point]`
  private(set) var reached: [Node]
  private var rings: [[Ring]]
  private let initial: Node

  init(
    _ story: StoryGraph, _ liveness: Liveness, _ space: inout StateSpace, _ ways: Ways
  ) throws(DecisionDiagrams.Exhaustion) {
    self.ways = ways
    reached = Array(repeating: DecisionDiagrams.no, count: story.points.count)
    rings = Array(repeating: [], count: story.points.count)
    let everything = VariableSet(
      space.graph.episode.variables.indices, count: space.graph.episode.variables.count)
    initial = try Self.beginning(&space)
    var waiting: [[Part]] = Array(repeating: [], count: story.points.count)
    let entry = space.graph.sceneIndex(space.graph.episode.entry) ?? 0
    let dead = try space.cube(everything.subtracting(liveness.live[entry]))
    waiting[entry].append(
      Part(states: try space.diagrams.exists(initial, dead), edge: nil, ring: 0))
    // Per edge, what is forgotten on the way: all that stops to matter.
    var forgotten: [Int: Node] = [:]
    var isMoving = true
    while isMoving {
      isMoving = false
      for point in story.order where !waiting[point].isEmpty {
        var new = DecisionDiagrams.no
        var parts: [Part] = []
        for var part in waiting[point] {
          part.states = try space.diagrams.minus(part.states, reached[point])
          guard part.states != DecisionDiagrams.no else { continue }
          new = try space.diagrams.or(new, part.states)
          parts.append(part)
        }
        waiting[point] = []
        guard new != DecisionDiagrams.no else { continue }
        isMoving = true
        reached[point] = try space.diagrams.or(reached[point], new)
        rings[point].append(Ring(states: new, parts: parts))
        for index in story.out[point] where story.edges[index].isWay(ways) {
          let edge = story.edges[index]
          var states = try space.diagrams.and(new, edge.guarded)
          guard states != DecisionDiagrams.no else { continue }
          let cube: Node
          if let known = forgotten[index] {
            cube = known
          } else {
            cube = try space.cube(
              edge.mentioned(liveness).subtracting(liveness.live[edge.to]))
            forgotten[index] = cube
          }
          states = try edge.after(states, &space)
          states = try space.diagrams.exists(states, cube)
          waiting[edge.to].append(
            Part(states: states, edge: index, ring: rings[point].count - 1))
        }
      }
    }
  }

  /// The states in which a run begins: variables that are drawn, or kept from earlier runs, have any value.
  private static func beginning(
    _ space: inout StateSpace
  ) throws(DecisionDiagrams.Exhaustion) -> Node {
    var states = DecisionDiagrams.yes
    for (index, variable) in space.graph.episode.variables.enumerated() {
      let values =
        variable.isFree
        ? try space.domain(index) : try space.states(index, at: variable.initial)
      states = try space.diagrams.and(states, values)
    }
    return states
  }

  // MARK: Paths

  /// A run to a point, in one of the states.
  func trace(
    to point: Int, in states: Node, _ story: StoryGraph, _ liveness: Liveness,
    _ space: inout StateSpace
  ) throws(DecisionDiagrams.Exhaustion) -> Witness? {
    var point = point
    var found: (ring: Int, states: Node)?
    for (index, ring) in rings[point].enumerated() {
      let meeting = try space.diagrams.and(ring.states, states)
      if meeting != DecisionDiagrams.no {
        found = (index, meeting)
        break
      }
    }
    guard let found else { return nil }
    var ring = found.ring
    var state = space.state(of: found.states, near: space.graph.initialState.values)
    var options: [Int] = []
    while true {
      guard let part = rings[point][ring].parts.first(where: { space.contains($0.states, state) })
      else { return nil }
      guard let index = part.edge else { break }
      let edge = story.edges[index]
      if let option = edge.option { options.append(option) }
      var before = try space.set(state, liveness.live[point])
      before = try edge.before(before, &space)
      before = try space.diagrams.and(before, edge.guarded)
      before = try space.diagrams.and(before, rings[edge.from][part.ring].states)
      guard before != DecisionDiagrams.no else { return nil }
      state = space.state(of: before, near: state)
      (point, ring) = (edge.from, part.ring)
    }
    let beginning = space.graph.episode.variables.indices.map { index in
      let variable = space.graph.episode.variables[index]
      return variable.isFree && liveness.live[point].contains(index)
        ? state[index] : variable.initial
    }
    return Witness(beginning: beginning, options: options.reversed(), space.graph)
  }
}

extension Variable {
  /// A run can begin with any value.
  var isFree: Bool {
    if isRandom || scope != .run { return true }
    if case .ended = origin { return true }
    return false
  }
}

extension StoryGraph.Edge {
  func isWay(_ ways: Exploration.Ways) -> Bool {
    switch ways {
    case .story: isStory
    case .defaults: isDefault
    }
  }

  /// The variables that sets of states may look at on the way.
  func mentioned(_ liveness: Liveness) -> VariableSet {
    var mentioned = liveness.live[from]
    for move in moves { mentioned.insert(steps[move].assignment.variable) }
    return mentioned
  }

  /// What the steps make of states that may take the edge.
  ///
  /// - Parameter end: the step before which to stop.
  func after(
    _ states: StoryGraph.Node, _ space: inout StateSpace, end: Int = Int.max
  ) throws(DecisionDiagrams.Exhaustion) -> StoryGraph.Node {
    var states = states
    for move in moves where move < end {
      states = try space.after(states, steps[move].assignment)
    }
    return states
  }

  /// The states from which the steps lead into others, whether or not they may take the edge.
  func before(
    _ states: StoryGraph.Node, _ space: inout StateSpace, end: Int = Int.max
  ) throws(DecisionDiagrams.Exhaustion) -> StoryGraph.Node {
    var states = states
    for move in moves.reversed() where move < end {
      states = try space.before(states, steps[move].assignment)
    }
    return states
  }
}
