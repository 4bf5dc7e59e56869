import Foundation
import TestSupport
import Testing

/// An episode in its other forms: a Twee story, a graph, JSON.
@Suite(.enabled(if: Program.isBuilt)) struct EpisodeFormsTests {
  private static let story = """
    :: StoryTitle
    Tea

    :: StoryData
    {"ifid": "D674C58C-DEFA-4F70-B7A2-27742230C0FC", "start": "kitchen"}

    :: kitchen [choice 2.0 8.96]
    Milk? <<set $asked to 1>>[[Yes, please->white]] [[No->black]]

    :: white [ending]

    :: black [ending]
    """

  private func write(_ text: String, _ name: String, in folder: TemporaryFolder) throws -> String {
    let path = "\(folder.path)/\(name)"
    try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    return path
  }

  private func output(_ arguments: String...) throws -> String {
    let result = try Program.run(["episode"] + arguments)
    #expect(result.code == 0, "\(arguments) \(result)")
    return result.output
  }

  @Test func `a story comes back as it was exported`() throws {
    let folder = try TemporaryFolder()
    let yaml = "\(folder.path)/tea.yaml"
    _ = try output("import", write(Self.story, "tea.twee", in: folder), "-o", yaml)
    let first = try output("export", yaml, "--as", "twee")
    #expect(first.contains("[[Yes, please->white]]") && first.contains("<<set $asked to 1>>"))
    #expect(first.contains(":: kitchen [choice 2 8.96]"), "\(first)")
    _ = try output("import", write(first, "again.twee", in: folder), "-o", "\(folder.path)/b.yaml")
    #expect(try output("export", "\(folder.path)/b.yaml", "--as", "twee") == first)
    // As YAML too, and by way of the compiled episode.
    let plain = try output("export", yaml, "--as", "yaml")
    #expect(try output("export", write(plain, "plain.yaml", in: folder), "--as", "yaml") == plain)
    let json = try output("export", yaml, "--as", "json")
    let compiled = try output("import", write(json, "tea.json", in: folder))
    let back = try write(compiled, "back.yaml", in: folder)
    #expect(try output("export", back, "--as", "json") == json)
  }

  @Test(.enabled(if: Program.has("dot"))) func `Graphviz draws the graph`() throws {
    let folder = try TemporaryFolder()
    let yaml = "\(folder.path)/tea.yaml"
    _ = try output("import", write(Self.story, "tea.twee", in: folder), "-o", yaml)
    let graph = try output("export", yaml, "--as", "dot")
    let drawn = try Program.run(
      ["dot", "-Tplain"], program: "/usr/bin/env", input: Data(graph.utf8))
    #expect(drawn.code == 0 && drawn.errors.isEmpty, "\(drawn)")
    let lines = drawn.output.split(separator: "\n")
    #expect(
      lines.count { $0.hasPrefix("node ") } == 3 && lines.count { $0.hasPrefix("edge ") } == 2)
  }

  @Test(arguments: [
    ("[[Yes->nowhere]]", "tea.twee:8:"), ("<<weather rain>>", "tea.twee:8:"),
  ])
  func `what a story cannot mean has its line`(_ text: String, _ place: String) throws {
    let folder = try TemporaryFolder()
    let file = try write(
      Self.story.replacing("[[Yes, please->white]]", with: text), "tea.twee", in: folder)
    let result = try Program.run(["episode", "import", file, "-o", "\(folder.path)/tea.yaml"])
    #expect(result.code == 1 && result.errors.contains(place), "\(result)")
    #expect(!FileManager.default.fileExists(atPath: "\(folder.path)/tea.yaml"))
  }
}
