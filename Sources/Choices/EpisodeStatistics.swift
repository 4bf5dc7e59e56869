/// What viewers of one version of an episode chose: numbers alone, nothing of any run.
package struct EpisodeStatistics: Hashable, Sendable, Codable {
  package struct OptionCount: Hashable, Sendable, Codable {
    package var id: String
    package var text: [String: String]
    package var count: Int
    /// Of all reports of the choice, 0 … 1; 0 where there is none.
    package var share: Double
    /// That the author expected, 0 … 1.
    package var expected: Double
  }

  package struct ChoiceCount: Hashable, Sendable, Codable {
    package var id: String
    package var scene: String
    package var prompt: [String: String]
    package var count: Int
    /// Reports in which nobody chose in time.
    package var defaults: Int
    package var defaultShare: Double
    /// Seconds from the window's opening to the decision, half of the deciding viewers being faster;
    /// `nil` if nobody decided.
    package var medianSeconds: Double?
    package var options: [OptionCount]
  }

  package struct SceneCount: Hashable, Sendable, Codable {
    package var id: String
    package var title: [String: String]
    /// Times that it was entered, as far as reports tell.
    package var entered: Int
    /// Times that no choice of the scene was reported afterwards, though there is one; what is still
    /// being watched counts as well.
    package var left: Int
  }

  package struct EndingCount: Hashable, Sendable, Codable {
    package var id: String
    package var scene: String
    package var title: [String: String]
    package var isSecret: Bool
    package var count: Int
    /// Of all endings that were reached.
    package var share: Double
    /// By the author's weights; `nil` where that cannot be told with reasonable work.
    package var expected: Double?

    enum CodingKeys: String, CodingKey {
      case id, scene, title
      case isSecret = "secret"
      case count, share, expected
    }
  }

  /// Scene to scene.
  package struct EdgeCount: Hashable, Sendable, Codable {
    package var from: String
    package var to: String
    package var count: Int
  }

  package struct Version: Hashable, Sendable, Codable {
    package var version: String
    package var isPresent: Bool
    package var reports: Int

    enum CodingKeys: String, CodingKey {
      case version
      case isPresent = "present"
      case reports
    }
  }

  package var episode: String
  package var title: [String: String]
  /// The first stands in where a text is missing in another.
  package var languages: [String]
  /// The scene where the story begins.
  package var entry: String
  package var version: String
  /// Whether viewers see this version now.
  package var isPresent: Bool
  package var runs: Int
  package var reports: Int
  package var endingsReached: Int
  package var scenes: [SceneCount]
  package var choices: [ChoiceCount]
  package var endings: [EndingCount]
  /// Every way that the author wrote, also those that nobody went.
  package var edges: [EdgeCount]
  /// The newest first.
  package var versions: [Version]

  enum CodingKeys: String, CodingKey {
    case episode, title, languages, entry, version
    case isPresent = "present"
    case runs, reports, endingsReached, scenes, choices, endings, edges, versions
  }
}
