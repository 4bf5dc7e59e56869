/// What an episode may hold, whoever wrote it.
package enum EpisodeLimits {
  /// Bytes of an episode file.
  package static let fileByteCount = 4 << 20
  /// Characters of a line of an episode file.
  package static let lineLength = 1 << 16
  /// Bytes of a compiled episode.
  package static let documentByteCount = 64 << 20
  package static let sceneCount = 4096
  package static let variableCount = 512
  /// Options of one choice: each is one digit of a path, 0–9 and a–z.
  package static let optionCount = 36
  package static let choicesPerScene = 16
  package static let groupCount = 4096
  /// Ordered guarded targets of one group.
  package static let groupEntryCount = 256
  package static let endingCount = 1024
  package static let languageCount = 64
  package static let effectCount = 64
  /// Characters of an expression.
  package static let expressionLength = 4096
  /// Nesting of an expression.
  package static let expressionDepth = 32
  /// Values of one variable.
  package static let valueCount = 1 << 16
  /// Members of an enumeration.
  package static let enumerationCount = 256
  /// Characters of an id.
  package static let nameLength = 64
  /// Characters of a text for viewers.
  package static let textLength = 1024
  /// Digits of a path: choices since the start or the checkpoint.
  package static let pathDigitCount = 512
  /// Scenes that one path walks through.
  package static let pathSceneCount = 4096
  package static let viewpointCount = 16
  /// Files that one scene or viewpoint is made of, of each kind.
  package static let sourceCount = 64
  /// Characters of a file name.
  package static let pathLength = 1024
  /// Spoken prompts of an episode, all languages together.
  package static let spokenPromptCount = 4096
  /// Seconds that a spoken prompt lasts.
  package static let spokenPromptSeconds: Int64 = 60
  /// Milliseconds from a scene's start: a day.
  package static let sceneTime = 86_400_000
}

/// Ids of scenes, variables, choices, options, groups and endings.
package enum EpisodeName {
  package static let rule =
    "a letter, then letters, digits, '_' and '-', \(EpisodeLimits.nameLength) at most"

  package static func isValid(_ name: String) -> Bool {
    guard (1...EpisodeLimits.nameLength).contains(name.utf8.count), let first = name.utf8.first,
      isLetter(first)
    else { return false }
    return name.utf8.allSatisfy {
      isLetter($0) || (0x30...0x39).contains($0) || $0 == UInt8(ascii: "_")
        || $0 == UInt8(ascii: "-")
    }
  }

  /// Scene ids that would stand in the way of other URLs of an episode.
  package static let reservedScenes: Set<String> = [
    "paths", "choices", "statistics", "screenings", SpokenPrompt.folderName,
  ]

  private static func isLetter(_ byte: UInt8) -> Bool {
    (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte)
  }
}
