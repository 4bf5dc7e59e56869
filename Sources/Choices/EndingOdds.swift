import Episodes

/// How probable each ending is if viewers choose by the author's weights.
///
/// Probability flows through (scene, state), states that are alike together, until less than a
/// millionth is still under way; exact but for that.
struct EndingOdds: Sendable {
  /// By ending id; `nil` if the story has too many states to tell.
  let chances: [String: Double]?

  private struct Place: Hashable {
    var scene: Int
    var state: EpisodeState
  }

  /// Scenes that are entered in all, at most.
  static let placeCount = 20_000
  /// Part of the viewers that may be lost on the way.
  private static let precision = 0.000_001
  /// Random variables are drawn evenly as long as they have no more combinations.
  private static let drawCount = 512

  init(_ graph: EpisodeGraph) {
    var reached: [String: Double] = [:]
    var flow = Flow()
    for state in Self.initialStates(graph) {
      guard let entry = graph.sceneIndex(graph.episode.entry) else { break }
      flow.add(Place(scene: entry, state: state.state), state.chance)
    }
    var entered = 0
    while flow.total > Self.precision {
      var next = Flow()
      for (place, chance) in flow.places {
        entered += 1
        guard entered <= Self.placeCount else {
          chances = nil
          return
        }
        Self.pass(place, chance, graph, &next, &reached)
      }
      flow = next
    }
    chances = reached
  }

  /// In the order in which places were first met, so that sums never depend on chance.
  private struct Flow {
    private(set) var places: [(Place, Double)] = []
    private var positions: [Place: Int] = [:]
    private(set) var total = 0.0

    mutating func add(_ place: Place, _ chance: Double) {
      total += chance
      if let position = positions[place] {
        places[position].1 += chance
      } else {
        positions[place] = places.count
        places.append((place, chance))
      }
    }
  }

  private static func initialStates(
    _ graph: EpisodeGraph
  ) -> [(state: EpisodeState, chance: Double)] {
    var states = [graph.initialState]
    for (index, variable) in graph.episode.variables.enumerated() where variable.isRandom {
      guard states.count * variable.valueCount <= drawCount else { continue }
      states = states.flatMap { state in
        (variable.minimum...variable.maximum).map { value in
          var drawn = state
          drawn.values[index] = value
          return drawn
        }
      }
    }
    return states.map { ($0, 1 / Double(states.count)) }
  }

  /// What follows of a scene, choice by choice.
  private static func pass(
    _ place: Place, _ chance: Double, _ graph: EpisodeGraph, _ next: inout Flow,
    _ reached: inout [String: Double]
  ) {
    let scene = graph.episode.scenes[place.scene]
    var state = place.state
    graph.enter(scene, &state)
    var branches: [(state: EpisodeState, target: Target?, chance: Double)] = [
      (state, scene.next, chance)
    ]
    for choice in scene.choices {
      branches = branches.flatMap { branch in
        let enabled = choice.options.filter { graph.isEnabled($0, in: branch.state) }
        let weight = enabled.reduce(0) { $0 + $1.weight }
        return enabled.map { option in
          var state = branch.state
          graph.apply(option.effects, to: &state)
          let part = weight > 0 ? option.weight / weight : 1 / Double(enabled.count)
          return (state, option.goto ?? branch.target, branch.chance * part)
        }
      }
      guard branches.count <= placeCount else { return }
    }
    for branch in branches {
      if let target = branch.target {
        guard let following = graph.resolve(target, in: branch.state),
          let index = graph.sceneIndex(following.id)
        else { continue }
        next.add(Place(scene: index, state: branch.state), branch.chance)
      } else if let ending = scene.ending {
        reached[ending, default: 0] += branch.chance
      }
    }
  }
}
