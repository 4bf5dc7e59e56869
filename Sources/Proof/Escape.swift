import Episodes

/// The states from which a goal can still be reached, at each point: a least fixpoint backwards,
/// within the states that come up.
struct Escape {
  typealias Node = DecisionDiagrams.Node

  /// `[point]`
  private(set) var states: [Node]

  /// - Parameters:
  ///   - goal: `[point]`
  ///   - within: `[point]`: closed under the ways, or the goals of ways that leave it are lost.
  init(
    to goal: [Node], within: [Node], _ ways: Exploration.Ways, _ story: StoryGraph,
    _ space: inout StateSpace
  ) throws(DecisionDiagrams.Exhaustion) {
    states = []
    for (goal, within) in zip(goal, within) {
      states.append(try space.diagrams.and(goal, within))
    }
    var isPending = within.map { $0 != DecisionDiagrams.no }
    while isPending.contains(true) {
      for point in story.order.reversed() where isPending[point] {
        isPending[point] = false
        guard states[point] != within[point] else { continue }
        var found = states[point]
        for index in story.out[point] where story.edges[index].isWay(ways) {
          let edge = story.edges[index]
          let target = states[edge.to]
          guard target != DecisionDiagrams.no else { continue }
          // Where all that comes up escapes, so does all that comes from here.
          let before =
            target == within[edge.to]
            ? edge.guarded
            : try space.diagrams.and(edge.guarded, try edge.before(target, &space))
          found = try space.diagrams.or(found, try space.diagrams.and(within[point], before))
        }
        guard found != states[point] else { continue }
        states[point] = found
        for index in story.into[point] where story.edges[index].isWay(ways) {
          isPending[story.edges[index].from] = true
        }
      }
    }
  }
}
