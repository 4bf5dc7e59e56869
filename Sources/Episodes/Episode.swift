/// An interactive episode, checked: every name that it uses is there.
///
/// Its JSON is `episode.json`: what the player and the origin read. Without `media` it is the graph
/// alone, as it stands before anything is packaged.
package struct Episode: Hashable, Sendable, Codable {
  /// What the author promises, and what players must hold to.
  package struct Policy: Hashable, Sendable, Codable {
    /// Viewers may go back to an earlier choice.
    package var backtrack: Bool
    /// Times that a loop is walked before a warning; `count(scene)` counts up to one more.
    package var maximumLoop: Int
    /// Bits per second that every viewer has.
    package var bitrateFloor: Int
    /// Milliseconds.
    package var roundTrip: Int

    package init(
      backtrack: Bool = true, maximumLoop: Int = 3, bitrateFloor: Int = 4_000_000,
      roundTrip: Int = 100
    ) {
      self.backtrack = backtrack
      self.maximumLoop = maximumLoop
      self.bitrateFloor = bitrateFloor
      self.roundTrip = roundTrip
    }
  }

  package static let currentFormat = 1

  package var format: Int
  package var id: String
  package var title: [String: String]
  /// BCP 47; the first stands in where a text is missing in another.
  package var languages: [String]
  /// The scene where the story begins.
  package var entry: String
  package var variables: [Variable]
  package var scenes: [Scene]
  package var groups: [TargetGroup]
  package var endings: [Ending]
  package var policy: Policy
  /// `nil` before packaging.
  package var media: EpisodeMedia?

  package init(
    id: String, title: [String: String], languages: [String], entry: String,
    variables: [Variable], scenes: [Scene], groups: [TargetGroup], endings: [Ending],
    policy: Policy = Policy(), media: EpisodeMedia? = nil
  ) {
    format = Self.currentFormat
    self.id = id
    self.title = title
    self.languages = languages
    self.entry = entry
    self.variables = variables
    self.scenes = scenes
    self.groups = groups
    self.endings = endings
    self.policy = policy
    self.media = media
  }

  package func scene(_ id: String) -> Scene? { scenes.first { $0.id == id } }
  package func variable(_ name: String) -> Variable? { variables.first { $0.name == name } }
  package func group(_ id: String) -> TargetGroup? { groups.first { $0.id == id } }
  package func ending(_ id: String) -> Ending? { endings.first { $0.id == id } }
}
