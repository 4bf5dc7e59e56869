import Foundation
import TestSupport
import Testing

/// `dougong episode`, as an author runs it.
@Suite(.enabled(if: Program.isBuilt)) struct EpisodeProofTests {
  private static let good = """
    branch: 1
    episode: {id: tea, title: {en: Tea}, entry: kitchen, languages: [en]}
    vars:
      milk: {type: bool, init: false, visible: true, title: {en: Milk}}
    scenes:
      kitchen:
        title: {en: The kitchen}
        media: kitchen.mov
        choice:
          id: k1
          window: {at: 1.0, for: 6.0}
          prompt: {en: "Milk?", audio: {en: k1.m4a}}
          options:
            - {id: please, text: {en: "Yes, please"}, do: ["milk = true"], goto: g_cup}
            - {id: thanks, text: {en: "No, thanks"}, goto: g_cup}
          default: thanks
      white: {title: {en: White}, media: white.mov}
      black: {title: {en: Black}, media: black.mov}
    groups: {g_cup: [{goto: white, when: "milk"}, black]}
    endings:
      e_white: {scene: white, title: {en: White tea}}
      e_black: {scene: black, title: {en: Black tea}}
    """

  private func write(_ text: String, in folder: TemporaryFolder) throws -> String {
    let path = "\(folder.path)/tea.yaml"
    try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    return path
  }

  @Test func `a good episode passes, with a path to each ending`() throws {
    let folder = try TemporaryFolder()
    let file = try write(Self.good, in: folder)
    let result = try Program.run(["episode", "check", file])
    #expect(result.code == 0, "\(result.errors)\(result.output)")
    #expect(result.output.contains("PASS"))
    #expect(result.output.contains("e_white"))
    #expect(!result.output.contains("\u{1b}"))
    let json = try Program.run(["episode", "check", file, "--json"])
    let object = try #require(
      try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any])
    #expect(object["passes"] as? Bool == true)
    #expect(object["defaultPath"] as? String == "1")
  }

  @Test func `a fault has its line and a path, and the exit code 1`() throws {
    let folder = try TemporaryFolder()
    let file = try write(
      Self.good.replacing("when: \"milk\"", with: "when: \"milk && !milk\""), in: folder)
    let result = try Program.run(["episode", "check", file])
    #expect(result.code == 1)
    #expect(result.output.contains("E3"))
    #expect(result.output.contains("tea.yaml:21:"))
  }

  @Test func `play takes answers, defaults and a way back from a pipe`() throws {
    let folder = try TemporaryFolder()
    let file = try write(Self.good, in: folder)
    let taken = try Program.run(["episode", "play", file], input: Data("9\n1\n".utf8))
    #expect(taken.code == 0, "\(taken.errors)")
    #expect(taken.output.contains("(Milk false)"))
    #expect(taken.output.contains("A number of an answer"))
    #expect(taken.output.contains("Ending: White tea\npath 0"))
    let silent = try Program.run(["episode", "play", file], input: Data("b\n\n".utf8))
    #expect(silent.output.contains("This is the first choice."))
    #expect(silent.output.contains("Ending: Black tea\npath 1"))
    let ended = try Program.run(["episode", "play", file], input: Data())
    #expect(ended.code == 0)
    #expect(ended.output.hasSuffix("path _\n"))
  }

  @Test func `paths are listed and drawn`() throws {
    let folder = try TemporaryFolder()
    let file = try write(Self.good, in: folder)
    let all = try Program.run(["episode", "paths", file])
    #expect(all.code == 0, "\(all.errors)")
    #expect(all.output.contains("2 paths, all there are"))
    let drawn = try Program.run(["episode", "paths", file, "--sample", "100", "--json"])
    #expect(
      drawn.output
        == (try Program.run(["episode", "paths", file, "--sample", "100", "--json"])).output)
  }

  @Test func `graph prints its source, and draws where Graphviz is`() throws {
    let folder = try TemporaryFolder()
    let file = try write(Self.good, in: folder)
    let source = try Program.run(["episode", "graph", file, "--dot"])
    #expect(source.output.hasPrefix("digraph episode {"))
    let drawn = try Program.run(["episode", "graph", file, "-o", "\(folder.path)/tea.svg"])
    if Program.has("dot") {
      #expect(drawn.code == 0, "\(drawn.errors)")
      let svg = try String(contentsOfFile: "\(folder.path)/tea.svg", encoding: .utf8)
      #expect(svg.contains("Yes, please"))
    } else {
      #expect(drawn.code == 3)
      #expect(drawn.errors.contains("graphviz"))
    }
  }

  @Test func `a file that is no episode is refused in one sentence`() throws {
    let folder = try TemporaryFolder()
    let file = try write("{", in: folder)
    let result = try Program.run(["episode", "check", file])
    #expect(result.code == 1)
    #expect(result.complaints.count >= 1)
  }

  @Test func `an episode as large as the largest is proven`() throws {
    let file = "\(Program.root)/Manifests/Episodes/synthetic.yaml"
    let result = try Program.run(["episode", "check", file])
    #expect(result.code == 0, "\(result.errors)\(result.output)")
    #expect(result.output.contains("250 scenes"))
  }
}
