import Episodes

/// W1: what viewers read is there in every language, short enough, and for those who cannot see it
/// or need longer.
extension EpisodeGraph {
  /// Characters of a question.
  static let promptLength = 90
  /// Characters of an answer.
  static let optionLength = 40
  /// Milliseconds: a shorter window can be made longer by the viewer.
  static let shortWindow = 5000

  func textFindings() -> [Finding] {
    var findings: [Finding] = []
    func add(_ place: Finding.Place, _ message: String) {
      findings.append(Finding(.w1, .warning, place, message))
    }
    func look(_ texts: [String: String], _ what: String, _ place: Finding.Place, _ length: Int) {
      let missing = episode.languages.filter { (texts[$0] ?? "").isEmpty }
      if !missing.isEmpty { add(place, "\(what) is missing in \(missing.joined(separator: ", "))") }
      for language in episode.languages {
        guard let count = texts[language]?.count, count > length else { continue }
        add(place, "\(what) has \(count) characters in \(language); \(length) can be read at once")
      }
    }
    for scene in episode.scenes {
      for choice in scene.choices {
        let place = Finding.Place(scene: scene.id, choice: choice.id)
        look(choice.prompt, "the prompt", place, Self.promptLength)
        let silent = episode.languages.filter { choice.spokenPrompt[$0] == nil }
        if !silent.isEmpty {
          add(place, "no spoken prompt in \(silent.joined(separator: ", "))")
        }
        if choice.length < Self.shortWindow, !choice.isUntimed,
          choice.accessibility?.extend.isEmpty ?? true
        {
          add(
            place,
            "a window of \(Self.seconds(choice.length)) cannot be made longer: give a11y.extend")
        }
        for option in choice.options {
          var place = place
          place.option = option.id
          look(option.text, "its text", place, Self.optionLength)
        }
      }
    }
    for ending in episode.endings {
      look(ending.title, "its title", .init(ending: ending.id), Self.promptLength)
    }
    for variable in episode.variables where !variable.isHidden {
      look(variable.title, "its title", .init(variable: variable.name), Self.optionLength)
    }
    return findings
  }
}
