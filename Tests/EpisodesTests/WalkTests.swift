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
