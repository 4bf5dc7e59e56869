import Episodes
import Testing

@testable import Proof

/// Every rule: the fault is found, and the episode without it is clean.
struct RuleTests {
  private func report(
    media: Bool = false, masks: [String: Int] = [:], _ plant: (inout Episode) -> Void = { _ in }
  ) throws -> ProofReport {
    var episode = PlantedEpisode.clean()
    if media { episode.media = PlantedEpisode.media(episode) }
    plant(&episode)
    return try EpisodeProof.report(on: try EpisodeGraph(episode), masks: masks)
  }

  /// Findings of one rule as `place: message`.
  private func findings(
    _ rule: Finding.Rule, media: Bool = false, masks: [String: Int] = [:],
    _ plant: (inout Episode) -> Void
  ) throws -> [Finding] {
    try report(media: media, masks: masks, plant).findings.filter { $0.rule == rule }
  }

  @Test(arguments: [false, true]) func `a good episode has no finding`(_ media: Bool) throws {
    let report = try report(media: media)
    #expect(report.findings == [])
    #expect(report.defaultPath?.description == "01")
    #expect(report.endings.map(\.id) == ["e_good", "e_bad"])
    #expect(report.endings.map { $0.witness != nil } == [true, true])
  }

  @Test func `E1: a scene that stops`() throws {
    let found = try findings(.e1) { episode in
      episode.scenes.append(Scene(id: "stray"))
      episode.scenes[0].choices[0].options[0].goto = .scene("stray")
    }
    #expect(found.map(\.place.description) == ["scene stray"])
  }

  @Test func `E2: a default that some path disables, with the path`() throws {
    let found = try findings(.e2) { episode in
      episode.scenes[1].choices[0].options[1].when = .unary(.not, .variable("pills"))
    }
    #expect(found.map(\.place.description) == ["scene hub, choice k2"])
    #expect(found.first?.witness?.path.description == "0")
  }

  @Test func `E2: a group that leads nowhere in some state`() throws {
    let found = try findings(.e2) { $0.groups[0].entries[1].when = .variable("pills") }
    #expect(found.map(\.place.description) == ["scene hub, group gate"])
    #expect(found.first?.witness?.path.options.first == 1)
  }

  @Test func `E2: an expression that names a disabled option`() throws {
    let found = try findings(.e2) { episode in
      episode.scenes[1].choices[0].fallback = .expression(.variable("trust"))
    }
    // trust is 1 or 2, and 2 is no option.
    #expect(found.map(\.place.choice) == ["k2"])
  }

  @Test func `E3: a scene, an option and an ending that nobody sees`() throws {
    let found = try findings(.e3) { episode in
      episode.scenes.append(Scene(id: "attic", next: .scene("hub")))
      episode.scenes[1].choices[0].options[0].when = .binary(
        .greater, .variable("trust"), .literal(2))
      // trust is never above 2.
      episode.groups[0].entries[0].when = .binary(.greater, .variable("trust"), .literal(2))
    }
    #expect(
      Set(found.map(\.place.description)) == [
        "scene attic", "scene hub, choice k2, option again", "scene good, ending e_good",
      ])
  }

  @Test func `E4: a path to where the story stops`() throws {
    let found = try findings(.e4) { episode in
      episode.scenes.append(
        Scene(
          id: "cell",
          choices: [
            PlantedEpisode.choice(
              "k3",
              [
                ChoiceOption(
                  id: "key", when: .binary(.greater, .variable("trust"), .literal(2)),
                  goto: .scene("hub"))
              ])
          ]))
      episode.scenes[1].choices[0].options[0].goto = .scene("cell")
    }
    #expect(found.map(\.place.description) == ["scene hub, choice k2, option again"])
    #expect(found.first?.witness?.path.options.last == 0)
  }

  @Test func `E5: a loop without an exit`() throws {
    let found = try findings(.e5) { episode in
      episode.scenes.append(Scene(id: "round", next: .scene("about")))
      episode.scenes.append(Scene(id: "about", next: .scene("round")))
      episode.scenes[1].choices[0].options[0].goto = .scene("round")
    }
    #expect(found.map(\.place.description) == ["scene hub, choice k2, option again"])
  }

  @Test func `E5: a viewer who never chooses is caught in a loop`() throws {
    let found = try findings(.e5) { episode in
      episode.scenes[1].choices[0].options[0].when = nil
      episode.scenes[1].choices[0].fallback = .option(0)
    }
    #expect(found.count == 1)
    #expect(
      found.first?.message
        == "a viewer who never chooses never reaches an ending: hub → hub")
  }

  @Test func `E5: random defaults end almost surely`() throws {
    let found = try findings(.e5) { episode in
      episode.scenes[1].choices[0].options[0].when = nil
      episode.scenes[1].choices[0].fallback = .random
    }
    #expect(found == [])
  }

  @Test func `E5: a viewer who stops choosing is caught in a loop`() throws {
    let found = try findings(.e5) { episode in
      episode.scenes.append(
        Scene(
          id: "trap",
          choices: [
            PlantedEpisode.choice(
              "k3",
              [
                ChoiceOption(id: "stay", goto: .scene("trap")),
                ChoiceOption(id: "leave", goto: .group("gate")),
              ])
          ]))
      episode.scenes[1].choices[0].options[0].goto = .scene("trap")
    }
    #expect(found.map(\.place.description) == ["scene hub, choice k2, option again"])
    #expect(found.first?.message.hasPrefix("a viewer who stops choosing") == true)
  }

  @Test func `E6: windows that overlap, pass the scene's end, or leave too little`() throws {
    var found = try findings(.e6, media: true) { $0.scenes[0].choices[0].length = 12_000 }
    #expect(found.count == 1)
    found = try findings(.e6) { episode in
      var second = episode.scenes[1].choices[0]
      second.id = "k2b"
      second.at = 3000
      episode.scenes[1].choices.insert(second, at: 0)
    }
    #expect(found.map(\.place.choice) == ["k2"])
    found = try findings(.e6, media: true, masks: ["k1": 6000]) { _ in }
    #expect(found.map(\.place.choice) == ["k1"])
    #expect(try findings(.e6, media: true, masks: ["k1": 5000]) { _ in } == [])
  }

  @Test func `E7: a mask too short for the first segments, and the rungs that are safe`() throws {
    let good = try report(media: true)
    // 12 s − 7 s; 3.02 MB need 6.24 s at 4 Mb/s, 0.52 MB need 1.24 s.
    #expect(good.rungs.allSatisfy { $0.mask == 5000 && $0.needed == 1240 })
    #expect(Set(good.rungs.map(\.track)) == ["video-540p"])
    let found = try findings(.e7, media: true) { $0.policy.bitrateFloor = 500_000 }
    #expect(found.contains { $0.severity == .error && $0.place.choice == "k1" })
    #expect(found.contains { $0.message.hasPrefix("the lowest rung") })
  }

  @Test func `E8: a track and a scene that are missing`() throws {
    let found = try findings(.e8, media: true) { episode in
      episode.media?.scenes["good"] = nil
      episode.media?.scenes["bad"]?.tracks["audio-en"] = nil
    }
    #expect(found.map(\.place.scene) == ["good", "bad"])
  }

  @Test func `E9: sound that ends elsewhere than the picture`() throws {
    let found = try findings(.e9, media: true) { episode in
      episode.media?.scenes["hub"]?.tracks["audio-en"]?.durations = [1000, 2000, 4000, 4800]
    }
    #expect(found.map(\.message) == ["audio-en of hub ends -0.2 s from where the scene does"])
  }

  @Test func `E10: a counter that passes its bounds, with the path`() throws {
    let found = try findings(.e10) { episode in
      episode.scenes[1].enter = [
        PlantedEpisode.set("trust", .binary(.add, .variable("trust"), .literal(1)))
      ]
    }
    #expect(found.map(\.place.description) == ["scene hub, variable trust"])
    #expect(found.first?.severity == .error)
    #expect((found.first?.witness?.path.options.count ?? 0) >= 2)
  }

  @Test func `E10: a variable that nobody reads or writes`() throws {
    let found = try findings(.e10) { episode in
      episode.variables.append(
        Variable(name: "idle", kind: .bool, minimum: 0, maximum: 1, initial: 0))
    }
    #expect(found.map(\.severity) == [.warning, .warning])
  }

  @Test func `W1: texts that are missing, long or silent, windows that are short`() throws {
    let found = try findings(.w1) { episode in
      episode.scenes[0].choices[0].options[0].text = [:]
      episode.scenes[0].choices[0].options[1].text = ["en": String(repeating: "a", count: 41)]
      episode.scenes[0].choices[0].spokenPrompt = [:]
      episode.scenes[0].choices[0].length = 4000
    }
    #expect(found.count == 4)
  }

  @Test func `W2: an ending that is hardly seen`() throws {
    let found = try findings(.w2) { episode in
      episode.scenes[0].choices[0].options[0].weight = 0.001
    }
    #expect(Set(found.map(\.place.ending)) == ["e_good", "e_bad"])
    let odds = try #require(try report().odds)
    #expect(!odds.isExact)
    #expect((odds.odds[0] - 0.5).magnitude < 0.02)
  }

  @Test func `W2: odds are exact where no condition decides`() throws {
    let odds = try #require(
      try report { episode in
        episode.scenes[1].choices = []
        episode.scenes[1].next = .scene("bad")
        episode.scenes[0].choices[0].options[1].goto = .scene("good")
        episode.scenes[0].choices[0].options[0].weight = 3
      }.odds)
    #expect(odds.isExact)
    #expect(odds.odds == [0.25, 0.75])
    #expect(odds.choiceCount == 1)
  }

  @Test func `W3: a loop and a long way without a checkpoint`() throws {
    var found = try findings(.w3) { $0.scenes[1].checkpoint = nil }
    #expect(found.map(\.place.scene) == ["start"])
    found = try findings(.w3) { episode in
      for number in 0..<16 {
        episode.scenes.append(
          Scene(
            id: "long\(number)",
            choices: [PlantedEpisode.choice("long\(number)", [ChoiceOption(id: "a")])],
            next: .scene(number == 15 ? "bad" : "long\(number + 1)")))
      }
      episode.scenes[0].choices[0].options[1].goto = .scene("long0")
    }
    #expect(found.count == 1)
    #expect(found.first?.message.contains("17 choices") == true)
  }

  @Test func `W4: answers that make no difference`() throws {
    let found = try findings(.w4) { episode in
      episode.scenes[0].choices[0].options[1].effects = [
        PlantedEpisode.set("pills", .binary(.greater, .variable("trust"), .literal(0)))
      ]
    }
    #expect(found.map(\.place.option) == ["right"])
  }

  @Test func `an episode that is too large for the proof is told by name`() throws {
    let graph = try EpisodeGraph(PlantedEpisode.clean())
    #expect {
      try EpisodeProof.report(on: graph, nodeCount: 10)
    } throws: { error in
      (error as? EpisodesError)?.code == .limit
    }
  }
}
