package import Episodes

/// An episode as it is served: what reports are held against.
package struct ChoiceEpisode: Sendable {
  /// In the library, and so in URLs.
  package var name: String
  /// Digits of the digest of `episode.json`.
  package var version: String
  package var graph: EpisodeGraph

  package init(name: String, version: String, graph: EpisodeGraph) {
    self.name = name
    self.version = version
    self.graph = graph
  }

  /// The scene to go on from for a viewer of another version: the one that asks the same now.
  func sceneAsking(_ choice: String) -> String? {
    graph.episode.scenes.first { scene in
      EpisodeName.isValid(scene.id) && scene.choices.contains { $0.id == choice }
    }?.id
  }
}
