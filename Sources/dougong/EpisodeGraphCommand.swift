import ArgumentParser
import Episodes
import Foundation
import Proof

struct EpisodeGraphs: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "graph",
    abstract: "Draws an interactive episode: scenes, answers, conditions, endings.",
    discussion: """
      Graphviz lays it out (Debian: graphviz). What no path reaches is red.

      Examples:
        dougong episode graph offer.yaml -o offer.svg
        dougong episode graph offer.yaml --dot | dot -Tpdf > offer.pdf
      """)

  @Argument(help: "An episode file, or a packaged title or its episode.json.")
  var file: String

  @Option(name: .shortAndLong, help: "The SVG to write.")
  var output: String?

  @Flag(help: "Print the source of the drawing, for Graphviz.")
  var dot = false

  @Option(help: "Language of the texts.")
  var language: String?

  func validate() throws {
    guard dot != (output != nil) else {
      throw ValidationError("give either --output FILE.svg or --dot")
    }
  }

  func run() throws {
    try CommandFailure.catching {
      let input = try ProofInput(file)
      let report = try EpisodeProof.report(on: input.graph)
      let source = EpisodeDrawing(input.graph, report: report, language: language).dot
      if let output {
        try draw(source, to: output)
      } else {
        print(source, terminator: "")
      }
    }
  }

  private func draw(_ source: String, to output: String) throws {
    let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
    guard
      let program = folders.map({ "\($0)/dot" }).first(where: {
        FileManager.default.isExecutableFile(atPath: $0)
      })
    else {
      throw CommandFailure(
        .system,
        "drawing needs the program dot, which is not here: install the package graphviz, or "
          + "print the source with --dot")
    }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = ["-Tsvg", "-o", output]
    let pipe = Pipe()
    process.standardInput = pipe
    try process.run()
    // A dot that has gone is told by its exit code.
    try? pipe.fileHandleForWriting.write(contentsOf: Data(source.utf8))
    try? pipe.fileHandleForWriting.close()
    process.waitUntilExit()
    guard process.terminationReason == .exit, process.terminationStatus == 0 else {
      throw CommandFailure(
        .system,
        "dot could not draw \(file) to \(output): it ended with \(process.terminationStatus)")
    }
  }
}
