import Testing

@testable import Choices

@Suite struct StatisticsTableTests {
  private static func option(_ id: String, _ text: String, _ count: Int, of all: Int)
    -> EpisodeStatistics.OptionCount
  {
    EpisodeStatistics.OptionCount(
      id: id, text: ["en": text], count: count, share: Double(count) / Double(all), expected: 0.5)
  }

  private static func statistics(reports: Int = 1200, text: String = "Accept") -> EpisodeStatistics
  {
    EpisodeStatistics(
      episode: "offer", title: ["en": "The Offer"], languages: ["en"], entry: "s1",
      version: "00000000000000a1", isPresent: true, runs: 1300, reports: reports,
      endingsReached: 650, scenes: [],
      choices: [
        EpisodeStatistics.ChoiceCount(
          id: "k1", scene: "s1b", prompt: ["en": "Take the job?"], count: 1200, defaults: 300,
          defaultShare: 0.25, medianSeconds: 3.25,
          options: [option("accept", text, 900, of: 1200), option("refuse", "拒绝", 300, of: 1200)])
      ],
      endings: [
        EpisodeStatistics.EndingCount(
          id: "fired", scene: "s2b", title: [:], isSecret: false, count: 650, share: 1,
          expected: nil)
      ], edges: [],
      versions: [.init(version: "00000000000000a1", isPresent: true, reports: reports)])
  }

  @Test func `choices and endings are rows with counts and bars`() {
    let table = StatisticsTable(Self.statistics(), isColoured: false).text
    #expect(
      table == """
        The Offer  00000000000000a1
        1 300 runs · 1 200 choices · 50 % came to an end · 25 % left to the default

        Take the job?
        s1b · 1 200 reports · 25 % by default · 3.25 s to decide
          Accept  ███████████████░░░░░   75 %  900  expected 50 %
          拒绝    █████░░░░░░░░░░░░░░░   25 %  300  expected 50 %

        Endings
          fired  ████████████████████  100 %  650
        """, "\(table)")
  }

  @Test func `nothing in a text is obeyed by a terminal, and colours are for terminals alone`() {
    let hostile = Self.statistics(
      text: "\u{1b}[31m\u{202e}no\nnews" + String(repeating: "x", count: 99))
    let plain = StatisticsTable(hostile, isColoured: false).text
    #expect(plain.contains("?[31m?no?newsx") && plain.contains("x…"))
    #expect(!plain.contains("\u{1b}") && !plain.contains("\u{202e}"))
    #expect(StatisticsTable(hostile, isColoured: true).text.contains("\u{1b}[32m██"))
    let none = StatisticsTable(Self.statistics(reports: 0), isColoured: false).text
    #expect(none.hasSuffix("Nobody has chosen yet."))
  }

  @Test func `the JSON of statistics is read as the same`() throws {
    let made = Self.statistics()
    #expect(try EpisodeStatistics(json: RenderedStatistics(made).json) == made)
    #expect(throws: ChoicesError.self) { try EpisodeStatistics(json: .init("{}".utf8)) }
  }
}
