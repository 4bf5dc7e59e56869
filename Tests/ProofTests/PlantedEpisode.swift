import Episodes

@testable import Proof

/// A small episode without a fault, into which tests plant one.
///
///     start ─k1: left ▸ hub, right ▸ hub─▶ hub ─k2: again ▸ hub, on ▸ gate─▶ good | bad
enum PlantedEpisode {
  static func clean() -> Episode {
    let pills = Variable(name: "pills", kind: .bool, minimum: 0, maximum: 1, initial: 0)
    let trust = Variable(name: "trust", kind: .int, minimum: 0, maximum: 3, initial: 1)
    let count = Variable(name: "count:hub", kind: .int, minimum: 0, maximum: 4, initial: 0)
    return Episode(
      id: "planted", title: ["en": "Planted"], languages: ["en"], entry: "start",
      variables: [pills, trust, count],
      scenes: [
        Scene(
          id: "start",
          choices: [
            choice(
              "k1",
              [
                ChoiceOption(
                  id: "left", text: ["en": "Left"], effects: [set("pills", .literal(1))],
                  goto: .scene("hub")),
                ChoiceOption(
                  id: "right", text: ["en": "Right"],
                  effects: [
                    set(
                      "trust",
                      .binary(
                        .minimum, .binary(.add, .variable("trust"), .literal(1)), .literal(3)))
                  ], goto: .scene("hub")),
              ])
          ], checkpoint: ["pills", "trust", "count:hub"]),
        Scene(
          id: "hub",
          choices: [
            choice(
              "k2",
              [
                ChoiceOption(
                  id: "again", text: ["en": "Again"],
                  when: .binary(.less, .variable("count:hub"), .literal(3)), goto: .scene("hub")),
                ChoiceOption(id: "on", text: ["en": "On"], goto: .group("gate")),
              ], fallback: .option(1))
          ], checkpoint: ["pills", "trust", "count:hub"]),
        Scene(id: "good", ending: "e_good"), Scene(id: "bad", ending: "e_bad"),
      ],
      groups: [
        TargetGroup(
          id: "gate",
          entries: [
            .init(
              when: .binary(
                .or, .variable("pills"), .binary(.greater, .variable("trust"), .literal(2))),
              goto: .scene("good")), .init(when: nil, goto: .scene("bad")),
          ])
      ],
      endings: [
        Ending(
          id: "e_good", scene: "good", title: ["en": "Good"], rank: 1, isSecret: false),
        Ending(id: "e_bad", scene: "bad", title: ["en": "Bad"], rank: 2, isSecret: false),
      ])
  }

  static func choice(
    _ id: String, _ options: [ChoiceOption], fallback: Choice.Default = .option(0)
  ) -> Choice {
    Choice(
      id: id, at: 1000, length: 6000, prompt: ["en": "What now?"],
      spokenPrompt: ["en": "\(id).m4a"], options: options, fallback: fallback)
  }

  static func set(_ variable: String, _ value: Expression) -> Effect {
    Effect(variable: variable, value: value)
  }

  /// Of the clean one: two rungs and sound, 12 s scenes.
  static func media(_ episode: Episode) -> EpisodeMedia {
    func track(_ name: String, _ kind: String, _ bandwidth: Int) -> EpisodeMedia.Track {
      EpisodeMedia.Track(
        name: name, kind: kind, codecs: "", language: "en", label: "", roles: [],
        isDefault: true, timescale: 1000, width: 0, height: 0,
        frameRate: kind == "video" ? "25/1" : nil, bandwidth: bandwidth, header: "0")
    }
    func segments(_ bytes: Int) -> EpisodeMedia.Segments {
      EpisodeMedia.Segments(
        version: "0", durations: [1000, 2000, 4000, 5000], bytes: [bytes, bytes, bytes, bytes])
    }
    var scenes: [String: EpisodeMedia.SceneMedia] = [:]
    for scene in episode.scenes {
      scenes[scene.id] = EpisodeMedia.SceneMedia(
        duration: 12_000_000,
        tracks: [
          "video-1080p": segments(3_000_000), "video-540p": segments(500_000),
          "audio-en": segments(20_000),
        ])
    }
    return EpisodeMedia(
      tracks: [
        track("video-1080p", "video", 16_000_000), track("video-540p", "video", 3_000_000),
        track("audio-en", "audio", 130_000),
      ], scenes: scenes)
  }
}
