/// What lies behind the options of a walk's decisions.
extension Walk {
  /// A scene that an option leads to, and the state in which it is entered.
  package struct Arrival: Hashable, Sendable {
    package var scene: Scene
    /// Before the scene is entered.
    package var state: EpisodeState
  }

  /// Where the story goes on if an option is taken.
  ///
  /// - Parameters:
  ///   - option: position of the option, which can be chosen there.
  ///   - decision: position of the decision in the step.
  /// - Returns: `nil` if the scene itself goes on, with another choice or to its ending.
  package func arrival(taking option: Int, at decision: Int, of step: Step) -> Arrival? {
    guard step.scene.choices.indices.contains(decision), decision == step.scene.choices.count - 1,
      step.decisions.indices.contains(decision), step.decisions[decision].enabled.contains(option)
    else { return nil }
    var state = step.state
    var target = step.scene.next
    for (index, made) in step.decisions[...decision].enumerated() {
      guard let taken = index == decision ? option : made.option else { return nil }
      graph.apply(made.choice.options[taken].effects, to: &state)
      target = made.choice.options[taken].goto ?? target
    }
    return target.flatMap { graph.resolve($0, in: state) }.map { Arrival(scene: $0, state: state) }
  }

  /// The path on which a choice was met: with what was taken before it.
  ///
  /// - Parameter count: decisions before it, counted from the path's start.
  package func path(before count: Int) -> EpisodePath {
    EpisodePath(start: path.start, options: Array(path.options.prefix(count)))
  }

  /// The path from the last checkpoint that the walk came through, which goes on as this one does: the
  /// same for all histories that came there in one state. The walk's own where there was none since
  /// its start.
  package var folded: EpisodePath {
    steps.last.flatMap { folded(at: $0, before: path.options.count) } ?? path
  }

  /// The path that takes an option, from the last checkpoint up to the scene that the option leads to.
  /// Nothing that follows the option is left out of it.
  ///
  /// - Parameters:
  ///   - arrival: what `arrival(taking:at:of:)` says of the option.
  /// - Returns: `nil` if there was no checkpoint since the path's start.
  package func folded(
    taking option: Int, at decision: Int, of step: Step, to arrival: Arrival?
  ) -> EpisodePath? {
    if let arrival, let path = graph.path(from: arrival.scene, arriving: arrival.state) {
      return path
    }
    return folded(at: step, before: step.met + decision).map { before in
      EpisodePath(start: before.start, options: before.options + [option])
    }
  }

  private func folded(at step: Step, before count: Int) -> EpisodePath? {
    guard let start = step.checkpoint.map({ steps[$0] }),
      var path = graph.path(from: start.scene, arriving: start.arrival)
    else { return nil }
    path.options = Array(self.path.options[start.met..<count])
    return path
  }
}

extension EpisodeGraph {
  /// Every scene that can follow a scene, whatever the state, each once and in a stable order.
  package func successors(of scene: Scene) -> [Scene] {
    var found: [Scene] = []
    var seen: Set<Target> = []
    var open = [scene.next].compactMap { $0 }
    open += scene.choices.flatMap(\.options).compactMap(\.goto)
    open.reverse()
    while let target = open.popLast() {
      guard seen.insert(target).inserted else { continue }
      switch target {
      case .scene(let id): if let scene = self.scene(id) { found.append(scene) }
      case .group(let id):
        open += (group(id)?.entries.map(\.goto) ?? []).reversed()
      }
    }
    return found
  }
}
