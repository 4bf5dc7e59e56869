import Foundation
import Testing

@testable import Episodes

struct WalkTests {
  /// s1 → s1b (trust + 1) → accept: s2a, refuse (trust ≥ 1): group → s2b | s2c.
  static func graph() throws -> EpisodeGraph {
    let trust = Variable(name: "trust", kind: .int, minimum: 0, maximum: 5, initial: 0)
    let pills = Variable(name: "pills", kind: .bool, minimum: 0, maximum: 1, initial: 0)
    let choice = Choice(
      id: "k1", at: 2000, length: 5000,
      options: [
        ChoiceOption(
          id: "accept", effects: [Effect(variable: "pills", value: .literal(1))],
          goto: .scene("s2a")),
        ChoiceOption(
          id: "refuse", when: .binary(.greaterOrEqual, .variable("trust"), .literal(1)),
          goto: .group("g")),
      ], fallback: .option(1))
    return try EpisodeGraph(
      Episode(
        id: "ep1", title: ["en": "The Offer"], languages: ["en"], entry: "s1",
        variables: [trust, pills],
        scenes: [
          Scene(id: "s1", next: .scene("s1b"), checkpoint: ["trust", "pills"]),
          Scene(
            id: "s1b",
            enter: [
              Effect(
                variable: "trust", value: .binary(.add, .variable("trust"), .literal(1)))
            ], choices: [choice]),
          Scene(id: "s2a", next: .scene("s1b")),
          Scene(id: "s2b", ending: "fired"), Scene(id: "s2c", ending: "hit"),
        ],
        groups: [
          TargetGroup(
            id: "g",
            entries: [
              .init(when: .variable("pills"), goto: .scene("s2c")),
              .init(when: nil, goto: .scene("s2b")),
            ])
        ],
        endings: [
          Ending(id: "fired", scene: "s2b", title: [:], rank: nil, isSecret: false),
          Ending(id: "hit", scene: "s2c", title: [:], rank: nil, isSecret: false),
        ]))
  }

  @Test func `a walk stops at the first open choice`() throws {
    let walk = try Walk(try Self.graph(), path: .beginning)
    #expect(walk.steps.map(\.scene.id) == ["s1", "s1b"])
    #expect(walk.openChoice?.choice.id == "k1")
    #expect(walk.openChoice?.enabled == [0, 1])
    #expect(walk.state.values == [1, 0])
  }

  @Test(arguments: [("1", ["s1", "s1b", "s2b"]), ("01", ["s1", "s1b", "s2a", "s1b", "s2c"])])
  func `options lead through groups to endings`(_ text: String, _ scenes: [String]) throws {
    let walk = try Walk(try Self.graph(), path: try EpisodePath(text))
    #expect(walk.steps.map(\.scene.id) == scenes)
    #expect(walk.ending == (scenes.last == "s2b" ? "fired" : "hit"))
    #expect(walk.path.description == text)
  }

  @Test func `a choice that is met again has the next occurrence`() throws {
    let walk = try Walk(try Self.graph(), path: try EpisodePath("00"))
    #expect(walk.steps.flatMap(\.decisions).map(\.occurrence) == [1, 2, 3])
  }

  @Test func `defaults lead to an ending and name the whole path`() throws {
    let walk = try Walk(try Self.graph(), path: .beginning, takesDefaults: true)
    #expect(walk.ending == "fired")
    #expect(walk.path.description == "1")
  }

  @Test(arguments: ["2", "11", "z"])
  func `an impossible path is refused`(_ text: String) throws {
    let graph = try Self.graph()
    #expect(throws: EpisodesError.self) { try Walk(graph, path: try EpisodePath(text)) }
  }

  @Test(arguments: ["", "A", "0_", "@s1.0", "@s1..0", "@.A.0", "0-1"])
  func `a malformed path is refused`(_ text: String) {
    #expect(throws: EpisodesError.self) { try EpisodePath(text) }
  }

  @Test func `a checkpoint carries the state`() throws {
    let graph = try Self.graph()
    let scene = try #require(graph.scene("s1"))
    let path = try #require(graph.path(from: scene, arriving: EpisodeState(values: [3, 1])))
    #expect(path.description == "@s1.c._")
    let walk = try Walk(graph, path: try EpisodePath("@s1.c.1"))
    #expect(walk.steps[0].state.values == [3, 1])
    #expect(walk.ending == "hit")
    for bad in ["@s1.d.1", "@s1.4.1", "@s1.cc.1", "@s1b.c.1", "@s9.c.1"] {
      #expect(throws: EpisodesError.self) { try Walk(graph, path: try EpisodePath(bad)) }
    }
  }

  /// To the checkpoint d by three ways, one of which is remembered; from e back to it.
  private static let folding = """
    branch: 1
    episode: {id: fold, title: {en: Fold}, entry: a, languages: [en]}
    vars:
      luck: {type: int, min: 1, max: 6, random: per-run}
      seen: {type: bool, init: false, scope: viewer}
      idle: {type: bool, init: false}
      kept: {type: bool, init: false}
    scenes:
      a:
        media: a.mov
        choice: {id: ka, window: {at: 1, for: 6}, default: b, options: [{id: b, goto: b}, {id: c, do: [idle = true], goto: c}]}
      b:
        media: b.mov
        choice: {id: kb, window: {at: 1, for: 6}, default: l, options: [{id: l, do: [kept = true], goto: d}, {id: r, goto: c}]}
      c: {media: c.mov, next: d}
      d:
        media: d.mov
        choices:
          - {id: kd, window: {at: 1, for: 6}, default: l, options: [{id: l}, {id: r, when: luck > 3}]}
          - {id: ke, window: {at: 9, for: 6}, default: l, options: [{id: l, goto: g}, {id: r, goto: e}]}
      e: {media: e.mov, choice: {id: kf, window: {at: 1, for: 6}, default: l, options: [{id: l, goto: g}, {id: r, goto: d}]}}
      f: {media: f.mov}
      h: {media: h.mov}
    groups: {g: [{goto: f, when: kept && !seen}, h]}
    checkpoints: [d]
    endings: {e_f: {scene: f}, e_h: {scene: h}}
    """

  @Test(arguments: [
    ("_", "_", [nil, nil]), ("0", "0", ["@d.C._", nil]),
    // Two ways to one state; a third that differs in what is asked for later.
    ("1", "@d.A._", ["@d.A.0"]), ("01", "@d.A._", ["@d.A.0"]), ("00", "@d.C._", ["@d.C.0"]),
    ("000", "@d.C.0", ["@d.C.00", "@d.C.01"]), ("0001", "@d.C.01", ["@d.C.010", "@d.C._"]),
    ("00011", "@d.C._", ["@d.C.0"]), ("0000", "@d.C.00", []),
    // A path that starts with drawn and kept values carries them on.
    ("@a.s._", "@a.s._", [nil, nil]), ("@a.s.1", "@d.s._", ["@d.s.0", "@d.s.1"]),
    ("@d.s.1", "@d.s.1", [nil, nil]),
  ])
  func `a path folds at the last checkpoint`(
    _ text: String, _ folded: String, _ options: [String?]
  ) throws {
    let file = try EpisodeFile(text: Self.folding, name: "fold.yaml")
    let walk = try Walk(try EpisodeGraph(file.episode), path: try EpisodePath(text))
    #expect(walk.folded.description == folded)
    let step = try #require(walk.steps.last)
    let number = step.decisions.count - 1
    let paths = (walk.openChoice?.enabled ?? []).map { option in
      walk.folded(
        taking: option, at: number, of: step,
        to: walk.arrival(taking: option, at: number, of: step))?.description
    }
    #expect(paths == options)
  }

  @Test func `an episode comes back from its JSON`() throws {
    let graph = try Self.graph()
    let json = try JSONEncoder().encode(graph.episode)
    #expect(try JSONDecoder().decode(Episode.self, from: json) == graph.episode)
    #expect(try Episode(json: graph.episode.json) == graph.episode)
  }

  @Test(arguments: [(31, true), (32, true), (33, false), (400, false)])
  func `an expression is read to a depth`(_ depth: Int, _ isRead: Bool) throws {
    let nested =
      String(repeating: #"["!","#, count: depth) + "1" + String(repeating: "]", count: depth)
    let json = Array(#"{"set":"a","to":\#(nested)}"#.utf8)
    let effect = Result { try JSONDecoder().decode(Effect.self, from: Data(json)) }
    switch effect {
    case .success(let effect): #expect(isRead && effect.variable == "a")
    case .failure(let error):
      #expect(!isRead && (error as? EpisodesError)?.code == .limit, "\(error)")
    }
  }
}
