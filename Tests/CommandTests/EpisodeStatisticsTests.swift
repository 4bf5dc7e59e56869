import Foundation
import TestSupport
import Testing

/// `dougong episode statistics`, of a library and of an origin.
@Suite(.enabled(if: Program.isBuilt && SourceFiles.canMake && Program.has("curl")))
struct EpisodeStatisticsTests {
  private static let text = """
    branch: 1
    episode: {id: tea, title: {en: Tea}, entry: a, languages: [en]}
    scenes:
      a:
        media: s.mp4
        choice:
          id: k1
          window: {at: 0.5, for: 1.0}
          prompt: {en: "Milk?"}
          options: [{id: please, text: {en: Please}, goto: b}, {id: thanks, text: {en: Thanks}, goto: c}]
          default: thanks
      b: {media: s.mp4}
      c: {media: s.mp4}
    endings: {white: {scene: b, title: {en: White}}, black: {scene: c, title: {en: Black}}}
    """

  private func library() throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    try SourceFiles.run(
      "-v error -nostdin -y -f lavfi -i testsrc2=size=320x180:rate=25:duration=3"
        .split(separator: " ").map(String.init)
        + SourceFiles.h264 + ["-g", "25", "\(folder.path)/s.mp4"])
    try Data(Self.text.utf8).write(to: URL(fileURLWithPath: "\(folder.path)/tea.yaml"))
    try FileManager.default.createDirectory(
      atPath: "\(folder.path)/library", withIntermediateDirectories: true)
    let packaged = try Program.run(
      ["package", "\(folder.path)/tea.yaml", "-o", "\(folder.path)/library/tea"])
    try #require(packaged.code == 0, "\(packaged)")
    return folder
  }

  private func report(_ option: Int, run: Int, to origin: RunningOrigin, version: String) throws {
    let body =
      "{\"version\": \"\(version)\", \"run\": \"00000000-0000-4000-8000-00000000000\(run)\", "
      + "\"path\": \"_\", \"choice\": \"k1\", \"occurrence\": 1, \"option\": \(option), "
      + "\"by\": \"viewer\", \"at\": 1.0}"
    let padded = body + String(repeating: " ", count: 512 - body.utf8.count)
    let sent = try Program.run(
      [
        "curl", "-sf", "-H", "Content-Type: application/json", "--data-binary", padded,
        "\(origin.url)tea/choices",
      ], program: "/usr/bin/env")
    #expect(sent.code == 0 && sent.output.contains("recorded"), "\(sent)")
  }

  @Test func `a library and its origin tell the same of what viewers chose`() throws {
    let folder = try library()
    let title = "\(folder.path)/library/tea"
    let nobody = try Program.run(["episode", "statistics", title])
    #expect(nobody.code == 0 && nobody.output.contains("Nobody has chosen yet."), "\(nobody)")
    let origin = try RunningOrigin(library: "\(folder.path)/library")
    let compiled = try Program.shell("curl -sf \(origin.url)tea/episode.json")
    let version = try #require(compiled.output.firstMatch(of: /"version":"([0-9a-f]{16})"/)).output
      .1
    for (run, option) in [0, 0, 0, 1].enumerated() {
      try report(option, run: run, to: origin, version: String(version))
    }
    let here = try Program.run(["episode", "statistics", title])
    #expect(here.code == 0, "\(here)")
    #expect(here.output.contains("4 runs · 4 choices"), "\(here.output)")
    #expect(here.output.contains("Please  ███████████████░░░░░   75 %  3"), "\(here.output)")
    #expect(here.output.contains("White  ███████████████░░░░░   75 %  3"), "\(here.output)")
    #expect(!here.output.contains("\u{1b}"))
    let json = try Program.run(["episode", "statistics", title, "--json"])
    for url in ["\(origin.url)tea", "\(origin.url)play/tea", "\(origin.url)tea/statistics"] {
      let there = try Program.run(["episode", "statistics", url, "--json"])
      #expect(there.code == 0 && there.output == json.output, "\(url) \(there)")
    }
    #expect(try Program.run(["episode", "statistics", "\(origin.url)tea"]).output == here.output)
    let unknown = try Program.run(["episode", "statistics", "\(origin.url)coffee"])
    #expect(unknown.code == 1 && unknown.errors.contains("was answered 404"), "\(unknown)")
    #expect(origin.stop() == 0)
    let gone = try Program.run(["episode", "statistics", "\(origin.url)tea"])
    #expect(gone.code == 3 && gone.errors.contains("cannot be read"), "\(gone)")
  }

  @Test(arguments: [
    (["nowhere"], 1, "does not exist"), (["."], 1, "no packaged episode"),
    (["http://127.0.0.1/a/b/c"], 1, "http://HOST/EPISODE"), (["http:///x"], 1, "no URL"),
    (["http://h/tea", "--state", "x"], 2, "--state"), ([".", "--version", "12"], 2, "16"),
  ])
  func `what cannot be asked is refused in one sentence`(
    _ arguments: [String], _ code: Int, _ words: String
  ) throws {
    let result = try Program.run(["episode", "statistics"] + arguments)
    #expect(result.code == Int32(code), "\(result)")
    #expect(result.errors.contains(words), "\(result.errors)")
  }
}
