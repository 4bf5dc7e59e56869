import Episodes
import Foundation
import Testing

@testable import Choices

@Suite struct StatisticsTests {
  private let folder: LedgerFolder
  private let ledger: ChoiceLedger
  private let episode: ChoiceEpisode

  init() throws {
    folder = try LedgerFolder()
    ledger = ChoiceLedger(path: folder.file)
    episode = try Story.episode()
  }

  private func statistics(version: String = Story.version) async throws -> EpisodeStatistics {
    let tally = try ChoiceTally(
      of: episode, version: version, in: LedgerFile(path: folder.file))
    return try #require(
      EpisodeStatistics(
        tally, of: episode.name, odds: tally.graph.map { EndingOdds($0) }))
  }

  /// Run 1: accept, refuse → hit. Runs 2 … 4: refuse → fired, the last by default. Run 5: accept.
  private func record() async throws {
    let reports = try [
      Story.report("_", 0, run: 1, at: 3000), Story.report("0", 1, run: 1, occurrence: 2, at: 4000),
      Story.report("_", 1, run: 2, at: 4000), Story.report("_", 1, run: 3, at: 5000),
      Story.report("_", 1, run: 4, by: .fallback, at: 7000), Story.report("_", 0, run: 5, at: 9000),
    ]
    for report in reports {
      #expect(try await ledger.record(report, of: episode).status == 200)
    }
  }

  @Test func `choices, scenes and endings are counted`() async throws {
    try await record()
    let made = try await statistics()
    #expect((made.runs, made.reports, made.endingsReached) == (5, 6, 4))
    let choice = try #require(made.choices.first)
    #expect(choice.count == 6 && choice.defaults == 1)
    #expect(choice.options.map(\.count) == [2, 4, 0])
    #expect(choice.options.map(\.expected) == [0.4, 0.5, 0.1])
    #expect(choice.medianSeconds == 2)
    let scenes = Dictionary(uniqueKeysWithValues: made.scenes.map { ($0.id, $0) })
    #expect(scenes["s1"]?.entered == 5)
    #expect(scenes["s1b"]?.entered == 7, "run 5 came back and has not chosen yet")
    #expect(scenes["s1b"]?.left == 1)
    #expect(scenes["s2a"]?.entered == 2)
    #expect(made.endings.map(\.count) == [3, 1])
    #expect(made.endings.map(\.share) == [0.75, 0.25])
    let edges = made.edges.reduce(into: [:]) { $0["\($1.from) \($1.to)"] = $1.count }
    #expect(
      edges == [
        "s1 s1b": 5, "s1b s2a": 2, "s2a s1b": 2, "s1b s2b": 3, "s1b s2c": 1,
      ])
  }

  @Test func `endings are held against the author's weights`() async throws {
    let odds = try #require(EndingOdds(episode.graph).chances)
    // At first "never" is closed: accept 4/9, refuse 5/9 → fired. Afterwards all are open, and
    // whoever leaves by refuse or never is hit.
    let fired = try #require(odds["fired"])
    let hit = try #require(odds["hit"])
    #expect(abs(fired - 5.0 / 9) < 0.00001)
    #expect(abs(hit - 4.0 / 9) < 0.00001)
  }

  @Test func `a story that never ends has no odds, and takes no time`() throws {
    let count = Variable(
      name: "n", kind: .int, minimum: 0, maximum: 60_000, initial: 0)
    let endless = try EpisodeGraph(
      Episode(
        id: "e", title: [:], languages: ["en"], entry: "a", variables: [count],
        scenes: [
          Scene(
            id: "a",
            enter: [Effect(variable: "n", value: .binary(.add, .variable("n"), .literal(1)))],
            next: .scene("a"))
        ], groups: [], endings: []))
    #expect(EndingOdds(endless).chances == nil)
  }

  @Test func `nothing reported gives a page that says so`() async throws {
    let made = try #require(try await ledger.statistics(of: episode))
    #expect(made.page.contains("Nobody has chosen yet"))
    #expect(made.page.contains("<svg"))
  }

  @Test func `texts of authors cannot leave their place on the page`() async throws {
    try await record()
    let bad = "<script>\"'&</script>"
    var story = episode.graph.episode
    story.title = ["en": bad]
    for index in story.scenes.indices { story.scenes[index].title = ["en": bad] }
    story.scenes[1].choices[0].prompt = ["en": bad]
    story.scenes[1].choices[0].options[0].text = ["en": bad]
    story.endings[0].title = ["en": bad]
    let other = ChoiceEpisode(
      name: "o<>\"&", version: "00000000000000c0", graph: try EpisodeGraph(story))
    _ = try await ledger.record(Story.report("_", 1, version: other.version), of: other)
    let page = try #require(try await ledger.statistics(of: other)).page
    #expect(!page.contains("<script") && !page.contains("o<>"))
  }

  @Test func `an unknown version has no statistics`() async throws {
    try await record()
    #expect(try await ledger.statistics(of: episode, version: "00000000000000ff") == nil)
    let json = try #require(try await ledger.statistics(of: episode)).json
    #expect(String(decoding: json, as: UTF8.self).contains("\"medianSeconds\" : 2"))
  }

  @Test(arguments: [
    (0.0, "0\u{202f}%"), (0.0411, "4.1\u{202f}%"), (0.0999, "10\u{202f}%"), (0.41, "41\u{202f}%"),
    (1, "100\u{202f}%"),
  ])
  func `shares are said in few digits`(share: Double, text: String) {
    #expect(StatisticsText.percent(share) == text)
  }

  @Test func `numbers are said in groups`() {
    #expect(StatisticsText.count(1_234_567) == "1\u{202f}234\u{202f}567")
    #expect(StatisticsText.count(999) == "999")
    #expect(
      ["1.5", "1.05", "1.25", "2", "-0.5"]
        == [1.5, 1.05, 1.25, 2, -0.5].map(StatisticsText.decimal))
  }
}
