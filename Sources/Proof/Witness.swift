package import Episodes

/// A run that shows something: what it begins with, and the options it takes.
package struct Witness: Hashable, Sendable {
  /// From the entry; from its checkpoint where drawn or kept variables must have other values than
  /// their initial ones and the entry carries them.
  package var path: EpisodePath
  /// Variables that begin with another value than their initial one, in the episode's order.
  package var given: [Given]

  package struct Given: Hashable, Sendable {
    package var variable: String
    package var value: Int
  }

  init(beginning: [Int], options: [Int], _ graph: EpisodeGraph) {
    given = graph.episode.variables.enumerated().compactMap { index, variable in
      beginning[index] == variable.initial
        ? nil : Given(variable: variable.name, value: beginning[index])
    }
    path = EpisodePath(start: nil, options: options)
    guard !given.isEmpty, let scene = graph.scene(graph.episode.entry),
      let carried = graph.checkpointVariables(scene)
    else { return }
    let names = Set(carried.map { graph.episode.variables[$0].name })
    if given.allSatisfy({ names.contains($0.variable) }) {
      path.start = graph.path(from: scene, arriving: EpisodeState(values: beginning))?.start
    }
  }

  /// `0110`, with what it begins with: `0110, luck 7`.
  package func text(_ graph: EpisodeGraph) -> String {
    ([path.description] + given.map { "\($0.variable) = \(Self.value($0, graph))" })
      .joined(separator: ", ")
  }

  private static func value(_ given: Given, _ graph: EpisodeGraph) -> String {
    guard let variable = graph.episode.variable(given.variable),
      variable.kind != .int
    else { return "\(given.value)" }
    return EpisodeText.value(given.value, of: variable)
  }
}
