import ArgumentParser
import FileIO
import Foundation

struct Demo: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "demo",
    abstract: "Packages the sample episode, serves it and prints where to watch it.",
    discussion: """
      Example:
        dougong demo --port 8080
      """)

  @Option(help: "Folder that holds the sample's files.")
  var media = "Media"

  @Option(help: "Folder that the title is packaged into.")
  var library = ".tools/demo"

  @OptionGroup var options: ServeOptions

  /// The sample's renditions, the largest first.
  private static let renditions = ["dougong-2160p.mp4", "dougong-1080p.mp4", "dougong-540p.mp4"]
  private static let title = "dougong"

  func run() async throws {
    do {
      try makeLibrary()
      let package = try Package.parse(
        Self.renditions.map { "\(media)/\($0)" } + [
          "--text", "en=\(media)/dougong-en.vtt", "--text", "zh=\(media)/dougong-zh.srt",
          "--chapters", "\(media)/dougong-chapters.vtt", "--thumbnails", "1s", "--poster", "auto",
          "--trick", "1s", "-o", "\(library)/\(Self.title)", "--replace",
        ])
      try package.run()
      let title = Self.title
      try await options.serve(library: library) { address in
        print(
          """

          Watch it:     \(address)play/\(title)
          HLS:          \(address)\(title)/main.m3u8
          DASH:         \(address)\(title)/manifest.mpd
          End it with Ctrl-C.
          """)
        // A pipe or a file would get it at the end alone.
        fflush(nil)
      }
    } catch {
      throw CommandFailure(error)
    }
  }

  private func makeLibrary() throws {
    var made = ""
    for part in library.split(separator: "/", omittingEmptySubsequences: false) {
      made += made.isEmpty && library.first != "/" ? "\(part)" : "/\(part)"
      if !part.isEmpty, Folder.entry(at: made) == nil { try Folder.make(made) }
    }
  }
}
