import Episodes

/// Which variables still matter at each point: what was said of the others can be forgotten, and the
/// sets of states stay small.
///
/// A variable matters if some way from here reads it before writing it. An effect on a variable that
/// does not matter reads nothing, unless it could pass the variable's bounds: whether it does is a
/// question of the proof.
struct Liveness {
  /// `[point]`
  let live: [VariableSet]

  init(_ story: inout StoryGraph, _ space: StateSpace) {
    let count = space.graph.episode.variables.count
    var live = Array(repeating: VariableSet(count: count), count: story.points.count)
    let guards = story.edges.map { VariableSet(space.reads($0.guarded), count: count) }
    let holes = story.holes.map { VariableSet(space.reads($0), count: count) }
    var isPending = Array(repeating: true, count: story.points.count)
    while isPending.contains(true) {
      for point in story.order.reversed() where isPending[point] {
        isPending[point] = false
        var found = holes[point]
        for index in story.out[point] {
          found.formUnion(guards[index])
          found.formUnion(Self.before(story.edges[index].steps, live[story.edges[index].to]))
        }
        guard found != live[point] else { continue }
        live[point] = found
        for index in story.into[point] { isPending[story.edges[index].from] = true }
      }
    }
    self.live = live
    story.keep(
      story.edges.map { edge in
        var moves: [Int] = []
        _ = Self.before(edge.steps, live[edge.to]) { moves.append($0) }
        return moves.reversed()
      })
  }

  /// - Parameter matters: called for each step whose variable matters after it, the last first.
  private static func before(
    _ steps: [StoryGraph.Step], _ live: VariableSet, matters: (Int) -> Void = { _ in }
  ) -> VariableSet {
    var live = live
    for (index, step) in steps.enumerated().reversed() {
      let isLive = live.contains(step.assignment.variable)
      guard isLive || step.mayOverflow else { continue }
      if isLive { matters(index) }
      live.remove(step.assignment.variable)
      for variable in step.assignment.reads { live.insert(variable) }
    }
    return live
  }
}

extension StoryGraph.Step {
  /// The author wrote it, and some state takes it beyond the variable's bounds.
  var mayOverflow: Bool { isWritten && assignment.overflow != DecisionDiagrams.no }
}
