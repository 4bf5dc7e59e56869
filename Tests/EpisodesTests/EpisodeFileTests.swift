import Markup
import Testing

@testable import Episodes

/// An episode file in which everything is used.
enum OfferFile {
  static let text = """
    branch: 1
    episode: {id: offer, title: {en: "The Offer", zh: "提议"}, entry: s1, languages: [en, zh]}
    vars:
      trust: {type: int, min: 0, max: 5, init: 0, title: {en: Trust}, visible: true}
      took_pills: {type: bool, init: false}
      music: {type: enum, of: [none, tt, nw], init: none, scope: series}
      luck: {type: int, min: 1, max: 100, random: per-run}
    scenes:
      s1: {media: s1.mov, next: s1b}
      s1b:
        title: {en: "The office"}
        media: [s1b-1080p.mp4, s1b-540p.mp4]
        audio: {zh: s1b-zh.m4a}
        text: {en: s1b-en.vtt, zh: s1b-zh.srt}
        on_enter: ["trust = min(trust + 1, 5)"]
        choice:
          id: k1
          window: {at: 2.0, for: 8.96}
          lock: {mode: at_end, min_mask: 4.0}
          prompt: {en: "Take the job?", zh: "接受这份工作？", audio: {en: k1_en.m4a}}
          options:
            - {id: accept, text: {en: Accept, zh: 接受}, goto: yard, do: ["took_pills = true"], weight: 0.41}
            - {id: refuse, text: {en: Refuse, zh: 拒绝}, goto: g_refuse, when: "trust >= 1", else: disabled, weight: 0.59}
          default: refuse
          vote: {quorum: 0.1, tie: default}
          a11y: {extend: [1.5, 2, none], keys: [ArrowLeft, ArrowRight], announce_at: 1.5}
      s2b: {media: s2b.mov}
      s2c: {media: s2c.mov, next: yard}
      wait: {media: wait.mov}
      yard:
        media: yard.mov
        projection: erp
        viewpoints:
          - {id: gate, title: {en: "From the gate"}, media: yard-gate.mov}
        choices:
          - id: k2
            window: {at: 8, for: 2}
            lock: immediate
            options:
              - {id: tt, text: Louder, do: music = tt}
              - {id: nw, text: Softer, do: "music = luck > 50 ? nw : none"}
            default: {expr: "trust > 2 ? tt : nw"}
          - id: k3
            window: {at: 12, for: 3}
            untimed: true
            idle: wait
            options: [{id: door, goto: s1b}, {id: out, goto: inside, when: count(s1b) > 1}]
            default: {random: true}
        hotspots:
          id: k_yard
          window: {at: 1.0, for: 6.0}
          spots:
            - {id: door, text: {en: The door}, yaw: -40, pitch: 5, size: 20}
          default: door
      inside: {media: inside.mov}
    groups: {g_refuse: [{goto: s2c, when: "took_pills && !ended(e_fired)"}, s2b]}
    checkpoints: [yard]
    endings:
      e_fired: {scene: s2b, title: {en: "Fired"}, rank: 2, secret: false}
      e_in: {scene: inside, secret: true}
    policy: {backtrack: true, max_loop: 3, bitrate_floor: 4000000, rtt: 0.1}
    """

  static func read() throws -> EpisodeFile { try EpisodeFile(text: text, name: "offer.yaml") }
}

struct EpisodeFileTests {
  @Test func `a file is read`() throws {
    let file = try OfferFile.read()
    let episode = file.episode
    #expect(episode.id == "offer")
    #expect(episode.title == ["en": "The Offer", "zh": "提议"])
    #expect(episode.scenes.map(\.id) == ["s1", "s1b", "s2b", "s2c", "wait", "yard", "inside"])
    #expect(
      episode.variables.map(\.name) == [
        "trust", "took_pills", "music", "luck", "count:s1b", "ended:e_fired",
      ])
    #expect(episode.variable("count:s1b")?.maximum == 4)
    #expect(episode.variable("ended:e_fired")?.scope == .viewer)
    #expect(episode.variable("trust")?.isHidden == false)
    #expect(episode.variable("luck")?.isRandom == true)
    #expect(episode.variable("luck")?.initial == 1)
    #expect(episode.scene("s2b")?.ending == "e_fired")
    #expect(episode.policy.roundTrip == 100)
    let choice = try #require(episode.scene("s1b")?.choices.first)
    #expect((choice.at, choice.length) == (2000, 8960))
    #expect(choice.spokenPrompt == ["en": "k1_en.m4a"])
    #expect(choice.options.map(\.weight) == [0.41, 0.59])
    #expect(choice.options[1].goto == .group("g_refuse"))
    #expect(choice.fallback == .option(1))
    #expect(choice.accessibility?.extend == [1.5, 2, 0])
    #expect(choice.accessibility?.announceAt == 1500)
    #expect(choice.vote == Choice.Vote(quorum: 0.1, tie: "default"))
  }

  @Test func `choices stand in the order of their windows`() throws {
    let yard = try #require(try OfferFile.read().episode.scene("yard"))
    #expect(yard.choices.map(\.id) == ["k_yard", "k2", "k3"])
    #expect(yard.choices[0].options[0].spot == ChoiceOption.Spot(yaw: -40, pitch: 5, size: 20))
    #expect(yard.choices[1].lock == .immediate)
    #expect(yard.choices[1].options[0].text == ["en": "Louder"])
    #expect(yard.choices[2].idle == "wait")
    #expect(yard.choices[2].fallback == .random)
  }

  @Test func `what packaging needs is kept by title`() throws {
    let file = try OfferFile.read()
    #expect(
      file.media["s1b"]
        == EpisodeFile.Media(
          sources: ["s1b-1080p.mp4", "s1b-540p.mp4"],
          audio: [.init(language: "zh", path: "s1b-zh.m4a")],
          text: [
            .init(language: "en", path: "s1b-en.vtt"), .init(language: "zh", path: "s1b-zh.srt"),
          ]))
    #expect(file.media["yard.gate"]?.sources == ["yard-gate.mov"])
    #expect(file.minimumMasks == ["k1": 4000])
  }

  @Test func `everything has its place`() throws {
    let file = try OfferFile.read()
    #expect(file.source[.scene("s1b")] == EpisodePosition(line: 10, column: 3))
    #expect(file.source[.choice("k1")] == EpisodePosition(line: 17, column: 11))
    #expect(
      file.source[.goto(choice: "k1", option: "accept")] == EpisodePosition(line: 22, column: 58))
    #expect(file.source[.variable("music")] == EpisodePosition(line: 6, column: 3))
    #expect(file.located(.ending("e_in"), "odd") == "offer.yaml:60:3: odd")
    #expect(file.located(.ending("e_out"), "odd") == "offer.yaml: odd")
  }

  @Test func `a walk through the file comes to its endings`() throws {
    let graph = try EpisodeGraph(try OfferFile.read().episode)
    #expect(try Walk(graph, path: try EpisodePath("1")).ending == "e_fired")
    #expect(try Walk(graph, path: try EpisodePath("00000001")).ending == "e_in")
  }

  @Test func `a checkpoint carries what is read later`() throws {
    let episode = try OfferFile.read().episode
    // took_pills is read by the group in the next round; music is never read, and luck for it alone.
    let live = ["trust", "took_pills", "count:s1b", "ended:e_fired"]
    #expect(episode.scene("yard")?.checkpoint == live)
    #expect(episode.scene("s1")?.checkpoint == live)
    #expect(episode.scenes.filter { $0.checkpoint != nil }.map(\.id) == ["s1", "yard"])
  }
}
