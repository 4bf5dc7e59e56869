import Episodes
import Testing

@testable import Proof

struct SurveyTests {
  @Test func `all paths are listed in the order of their digits, and add up`() throws {
    let graph = try EpisodeGraph(PlantedEpisode.clean())
    let survey = PathSurvey(graph, enumerating: 100)
    #expect(survey.isComplete)
    #expect(
      survey.paths.map(\.path.description) == ["0001", "001", "01", "1001", "101", "11"])
    #expect((survey.paths.reduce(0) { $0 + $1.probability } - 1).magnitude < 1e-9)
    for path in survey.paths {
      let walk = try Walk(graph, path: path.path)
      #expect(walk.ending == path.ending)
      #expect(walk.steps.count == path.sceneCount)
    }
    #expect(!PathSurvey(graph, enumerating: 3).isComplete)
  }

  @Test func `the same seed draws the same paths, near their odds`() throws {
    let graph = try EpisodeGraph(PlantedEpisode.clean())
    let first = PathSurvey(graph, drawing: 4000, seed: 3)
    #expect(first.paths == PathSurvey(graph, drawing: 4000, seed: 3).paths)
    let all = PathSurvey(graph, enumerating: 100)
    for path in all.paths {
      let drawn = first.paths.first { $0.path == path.path }?.probability ?? 0
      #expect((drawn - path.probability).magnitude < 0.05)
    }
    #expect(first.spread(\.choiceCount)?.least == 2)
  }

  @Test func `a drawing names scenes, answers, conditions and faults`() throws {
    var episode = PlantedEpisode.clean()
    episode.scenes.append(Scene(id: "attic", title: ["en": "A <b> & \"c\""], next: .scene("hub")))
    let graph = try EpisodeGraph(episode)
    let dot = EpisodeDrawing(graph, report: try EpisodeProof.report(on: graph)).dot
    #expect(dot.contains("if count(hub) &lt; 3"))
    #expect(dot.contains("A &lt;b&gt; &amp; &quot;c&quot;"))
    #expect(dot.contains("no path leads here"))
    #expect(dot.contains("penwidth=2.2"))
    #expect(dot.contains("checkpoint"))
  }

  @Test(arguments: [
    (
      Expression.binary(
        .and, .binary(.or, .variable("pills"), .literal(0)), .unary(.not, .variable("visited:s"))),
      "(pills || 0) && !visited(s)"
    ),
    (
      .binary(.subtract, .variable("a"), .binary(.subtract, .variable("b"), .literal(1))),
      "a - (b - 1)"
    ),
    (
      .binary(.multiply, .literal(2), .binary(.add, .variable("a"), .literal(1))), "2 * (a + 1)"
    ),
    (.binary(.minimum, .literal(2), .variable("a")), "min(2, a)"),
  ])
  func `an expression is written as in a file`(_ expression: Expression, _ text: String) throws {
    let graph = try EpisodeGraph(PlantedEpisode.clean())
    #expect(EpisodeText.text(expression, graph) == text)
  }
}
