import Markup
import Testing

@testable import Episodes

@Suite struct SpokenPromptTests {
  private let prompt = SpokenPrompt(choice: "k-1", language: "zh-TW")

  @Test func `a reference names the version and the prompt, and nothing else is one`() {
    let reference = prompt.reference(version: "3bf948fb51")
    #expect(reference == "prompts/3bf948fb51/k-1.zh-TW.m4a")
    #expect(prompt.version(in: reference) == "3bf948fb51")
    for other in [
      "k1.m4a", "", "prompts//k-1.zh-TW.m4a", "prompts/a/b/k-1.zh-TW.m4a", "prompts/a/k-1.zh.m4a",
      "/prompts/a/k-1.zh-TW.m4a", "../prompts/a/k-1.zh-TW.m4a",
    ] {
      #expect(prompt.version(in: other) == nil, "\(other)")
    }
    let climbing = SpokenPrompt(choice: "k1", language: "/../../x")
    #expect(climbing.version(in: climbing.reference(version: "a")) == nil)
  }

  @Test func `a packaged episode names references in place of the author's files`() {
    let choice = Choice(
      id: "k1", at: 0, length: 1000, spokenPrompt: ["zh": "secret/zh.wav", "en": "secret/en.wav"],
      options: [ChoiceOption(id: "a")])
    var episode = Episode(
      id: "e", title: [:], languages: ["en", "zh"], entry: "s", variables: [],
      scenes: [Scene(id: "s", choices: [choice])], groups: [], endings: [])
    #expect(episode.spokenPrompts.map(\.prompt.name) == ["k1.en", "k1.zh"])
    episode.takePrompts([SpokenPrompt(choice: "k1", language: "en"): "aa"])
    #expect(episode.spokenPrompts.map(\.file) == ["prompts/aa/k1.en.m4a"])
  }

  @Test func `an episode has a limit of spoken prompts`() {
    let letters = Array("abcdefghijklmnopqrstuvwxyz")
    let languages: [String] = (0..<EpisodeLimits.languageCount).map { number in
      String(["x", letters[number / 26], letters[number % 26]])
    }
    let files = languages.map { "\($0): a.m4a" }.joined(separator: ", ")
    let perScene = EpisodeLimits.choicesPerScene
    let sceneCount = EpisodeLimits.spokenPromptCount / languages.count / perScene + 1
    let scenes: [String] = (0..<sceneCount).map { scene in
      let choices: [String] = (0..<perScene).map { number in
        "      - {id: k\(scene)_\(number), window: {at: \(number), for: 0.5}, "
          + "prompt: {audio: {\(files)}}, options: [{id: a}], default: a}\n"
      }
      return "  s\(scene):\n    media: s.mp4\n    choices:\n\(choices.joined())"
    }
    let text =
      "branch: 1\nepisode: {id: e, entry: s0, languages: [\(languages.joined(separator: ", "))]}\n"
      + "scenes:\n\(scenes.joined())"
    let error = #expect(throws: EpisodeFileError.self) {
      _ = try EpisodeFile(text: text, name: "e.yaml")
    }
    let told = error?.problems.count { $0.message.contains("at most 4096 spoken prompts") }
    #expect(told == 1)
  }
}
