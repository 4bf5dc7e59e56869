package import Episodes

/// What is known of an episode after its proof.
package struct ProofReport: Sendable {
  /// How a scene or an ending is reached.
  package struct Reach: Hashable, Sendable {
    package var id: String
    /// `nil`: no run comes here.
    package var witness: Witness?
  }

  /// What the mask of a choice's option allows to be fetched of the scene it leads to.
  package struct SafeRung: Hashable, Sendable {
    package var scene: String
    package var choice: String
    package var option: String
    package var target: String
    /// Milliseconds between the window's end and the scene's.
    package var mask: Int
    /// Milliseconds that the first segments of the lowest rung take at the bitrate floor.
    package var needed: Int
    /// The highest video track whose first segment arrives in time; `nil` if none does.
    package var track: String?
  }

  package struct Statistics: Hashable, Sendable {
    package var sceneCount: Int
    package var variableCount: Int
    package var choiceCount: Int
    package var endingCount: Int
    /// States in which scenes are entered, told apart by what still matters there; rounded.
    package var stateCount: Double
    /// Nodes of decision diagrams that were made.
    package var nodeCount: Int
    package var stepCount: Int
  }

  /// By rule, errors of a rule before its warnings, then in the order of the episode.
  package var findings: [Finding]
  package var scenes: [Reach]
  package var endings: [Reach]
  /// What a viewer who never chooses sees, where nothing is drawn; `nil` if it leads to no ending.
  package var defaultPath: EpisodePath?
  /// Empty before media is known.
  package var rungs: [SafeRung]
  package var odds: EndingOdds?
  package var statistics: Statistics

  package var errorCount: Int { findings.count { $0.severity == .error } }
  package var warningCount: Int { findings.count { $0.severity == .warning } }
  package var passes: Bool { errorCount == 0 }
}
