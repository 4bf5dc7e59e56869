/// A question that is spoken: where it lies, at rest and at the origin.
///
///     let prompt = SpokenPrompt(choice: "k1", language: "en")
///     prompt.folder                            // "prompts/k1.en": at rest, a title of one track
///     prompt.reference(version: "3bf948fb51")  // "prompts/3bf948fb51/k1.en.m4a": below the episode
///
/// An episode file names the author's sound, `episode.json` the reference. Neither ids nor languages
/// have a dot, so no two prompts share a name.
package struct SpokenPrompt: Hashable, Sendable {
  package var choice: String
  package var language: String

  package init(choice: String, language: String) {
    self.choice = choice
    self.language = language
  }

  /// Of all prompts at rest; also the first part of their references.
  package static let folderName = "prompts"
  package static let fileExtension = ".m4a"

  package var name: String { "\(choice).\(language)" }
  package var folder: String { "\(Self.folderName)/\(name)" }

  /// - Parameter version: of the prompt's track.
  package func reference(version: String) -> String {
    "\(Self.folderName)/\(version)/\(name)\(Self.fileExtension)"
  }

  /// The version that a reference names; `nil` if it is none to this prompt.
  package func version(in reference: String) -> String? {
    let parts = reference.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 3, !parts[1].isEmpty else { return nil }
    let version = String(parts[1])
    return reference == self.reference(version: version) ? version : nil
  }
}

extension Episode {
  /// All spoken prompts with their files or references: in the order of the episode, then by language.
  package var spokenPrompts: [(prompt: SpokenPrompt, choice: Choice, file: String)] {
    scenes.flatMap(\.choices).flatMap { choice in
      choice.spokenPrompt.sorted { $0.key < $1.key }.map { language, file in
        (SpokenPrompt(choice: choice.id, language: language), choice, file)
      }
    }
  }

  /// Names the packaged prompts in place of the author's files.
  /// - Parameter versions: of the track of each prompt.
  package mutating func takePrompts(_ versions: [SpokenPrompt: String]) {
    for scene in scenes.indices {
      for choice in scenes[scene].choices.indices {
        let id = scenes[scene].choices[choice].id
        for language in scenes[scene].choices[choice].spokenPrompt.keys {
          let prompt = SpokenPrompt(choice: id, language: language)
          scenes[scene].choices[choice].spokenPrompt[language] = versions[prompt].map {
            prompt.reference(version: $0)
          }
        }
      }
    }
  }
}
