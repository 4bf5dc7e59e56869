import Episodes

@testable import Proof

/// All states of a small episode, one by one, by the functions that `Walk` uses: what the proof is
/// held against.
struct Enumeration {
  struct Moment: Hashable {
    var scene: Int
    /// −1 on arrival.
    var choice: Int
    var target: Target?
    var state: EpisodeState
  }

  let graph: EpisodeGraph
  private(set) var moments: Set<Moment> = []
  /// Ways of any viewer, and of one who never chooses.
  private(set) var next: [Moment: Set<Moment>] = [:]
  private(set) var unchosen: [Moment: Set<Moment>] = [:]
  private(set) var ends: Set<Moment> = []
  private(set) var beginnings: [Moment] = []
  /// By scene, choice and option.
  private(set) var enabled: Set<[String]> = []
  private(set) var withoutDefault: Set<[String]> = []
  private(set) var withoutTarget: Set<String> = []
  private(set) var overflows: Set<Finding.Place> = []

  init(_ graph: EpisodeGraph) {
    self.graph = graph
    let entry = graph.sceneIndex(graph.episode.entry) ?? 0
    var states = [graph.initialState]
    for (index, variable) in graph.episode.variables.enumerated() where variable.isFree {
      states = states.flatMap { state in
        (variable.minimum...variable.maximum).map { value in
          var state = state
          state.values[index] = value
          return state
        }
      }
    }
    beginnings = states.map { Moment(scene: entry, choice: -1, target: nil, state: $0) }
    var open = beginnings
    while let moment = open.popLast() {
      guard moments.insert(moment).inserted else { continue }
      let (all, some) = follow(moment)
      next[moment] = Set(all)
      unchosen[moment] = Set(some)
      open += all
      open += some
    }
  }

  private mutating func follow(_ moment: Moment) -> ([Moment], [Moment]) {
    let scene = graph.episode.scenes[moment.scene]
    guard moment.choice >= 0 else {
      note(scene.enter, before: moment, in: .init(scene: scene.id))
      var state = moment.state
      graph.enter(scene, &state)
      let next = [Moment(scene: moment.scene, choice: 0, target: scene.next, state: state)]
      return (next, next)
    }
    guard scene.choices.indices.contains(moment.choice) else {
      guard let target = moment.target else {
        if scene.ending != nil { ends.insert(moment) }
        return ([], [])
      }
      guard let to = graph.resolve(target, in: moment.state),
        let index = graph.sceneIndex(to.id)
      else {
        withoutTarget.insert(scene.id)
        return ([], [])
      }
      let next = [Moment(scene: index, choice: -1, target: nil, state: moment.state)]
      return (next, next)
    }
    let choice = scene.choices[moment.choice]
    let options = choice.options.indices.filter {
      graph.isEnabled(choice.options[$0], in: moment.state)
    }
    func take(_ option: Int) -> Moment {
      var state = moment.state
      graph.apply(choice.options[option].effects, to: &state)
      return Moment(
        scene: moment.scene, choice: moment.choice + 1,
        target: choice.options[option].goto ?? moment.target, state: state)
    }
    for option in options {
      enabled.insert([scene.id, choice.id, choice.options[option].id])
      note(
        choice.options[option].effects, before: moment,
        in: .init(scene: scene.id, choice: choice.id, option: choice.options[option].id))
    }
    var defaults: [Int] = []
    switch choice.fallback {
    case .random, .weighted: defaults = options
    default: defaults = graph.fallback(of: choice, in: moment.state).map { [$0] } ?? []
    }
    if defaults.isEmpty { withoutDefault.insert([scene.id, choice.id]) }
    return (options.map(take), defaults.map(take))
  }

  private mutating func note(_ effects: [Effect], before moment: Moment, in place: Finding.Place) {
    var state = moment.state
    if place.choice == nil {
      // As far as on_enter: what the episode itself keeps comes first.
      var scene = graph.episode.scenes[moment.scene]
      (scene.enter, scene.ending) = ([], nil)
      graph.enter(scene, &state)
    }
    for effect in effects {
      guard let variable = graph.episode.variable(effect.variable) else { continue }
      let value = graph.evaluate(effect.value, in: state)
      if variable.clamp(value) != value {
        var place = place
        place.variable = variable.name
        overflows.insert(place)
      }
      graph.apply([effect], to: &state)
    }
  }

  /// From which a goal can be reached.
  func escaping(to goals: Set<Moment>, _ ways: [Moment: Set<Moment>]) -> Set<Moment> {
    var before: [Moment: [Moment]] = [:]
    for (from, all) in ways {
      for to in all { before[to, default: []].append(from) }
    }
    var free: Set<Moment> = []
    var open = Array(goals)
    while let moment = open.popLast() {
      guard free.insert(moment).inserted else { continue }
      open += before[moment] ?? []
    }
    return free
  }

  func reached(_ ways: [Moment: Set<Moment>]) -> Set<Moment> {
    var seen: Set<Moment> = []
    var open = beginnings
    while let moment = open.popLast() {
      guard seen.insert(moment).inserted else { continue }
      open += ways[moment] ?? []
    }
    return seen
  }
}
