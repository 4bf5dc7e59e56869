import ArgumentParser
import FileIO
import Foundation

struct Demo: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "demo",
    abstract: "Packages the sample episodes, serves them and prints where to watch them.",
    discussion: """
      The first is interactive: its viewers decide how it goes on. The second is seen all around. The \
      third is a film.

      With --ladder all pictures are encoded anew, the first time for minutes or more; what is encoded is kept beside the \
      titles. The scenes at 3840x2160 are painted by Media/make-episode.

      Examples:
        dougong demo --port 8080
        Media/make-episode --mezzanine .tools/mezzanine
        dougong demo --episodes .tools/mezzanine --ladder uhd --preset h264=veryfast
      """)

  @Option(help: "Folder that holds the sample's files.")
  var media = "Media"

  @Option(help: "Folder that holds the files of the interactive episodes.")
  var episodes = "Manifests/Episodes"

  @Option(help: "Folder that all is packaged into.")
  var library = ".tools/demo"

  @Option(
    help: ArgumentHelp(
      "Encode the pictures into a ladder: uhd, hd, mobile, or a file in YAML.",
      valueName: "name|file.yaml"))
  var ladder: String?

  @Option(
    help: ArgumentHelp(
      "With --ladder: how long encoders look for the best coding, as h264=veryfast.",
      valueName: "presets"))
  var preset: PresetList?

  @OptionGroup var options: ServeOptions

  /// The interactive episodes.
  private static let story = "kuai-xiang"
  private static let sphere = "courtyard-360"
  /// The film, and its renditions, the largest first.
  private static let film = "dougong"
  private static let renditions = ["dougong-2160p.mp4", "dougong-1080p.mp4", "dougong-540p.mp4"]

  func run() async throws {
    do {
      try makeLibrary()
      for episode in [Self.story, Self.sphere] {
        try package(["\(episodes)/\(episode).yaml"], as: episode)
      }
      try package(
        films.map { "\(media)/\($0)" } + [
          "--text", "en=\(media)/dougong-en.vtt", "--text", "zh=\(media)/dougong-zh.srt",
          "--chapters", "\(media)/dougong-chapters.vtt", "--thumbnails", "1s", "--poster", "auto",
          "--trick", "1s",
        ], as: Self.film)
      try await options.serve(library: library) { address in
        print(
          """

          Decide how it goes on:   \(address)play/\(Self.story)
          Look all around:         \(address)play/\(Self.sphere)
          Watch the film:          \(address)play/\(Self.film)

          HLS:    \(address)\(Self.story)/main.m3u8   \(address)\(Self.film)/main.m3u8
          DASH:   \(address)\(Self.story)/manifest.mpd   \(address)\(Self.film)/manifest.mpd
          What was chosen:   \(address)\(Self.story)/statistics
          End it with Ctrl-C.
          """)
        // A pipe or a file would get it at the end alone.
        fflush(nil)
      }
    } catch {
      throw CommandFailure(error)
    }
  }

  func validate() throws {
    guard ladder != nil || preset == nil else {
      throw ValidationError("--preset is about a ladder; name one with --ladder")
    }
  }

  /// Files that the film is made of: a ladder is made from the largest.
  private var films: [String] { ladder == nil ? Self.renditions : [Self.renditions[0]] }

  private func package(_ arguments: [String], as name: String) throws {
    var arguments = arguments + ["-o", "\(library)/\(name)", "--replace"]
    if let ladder {
      arguments += ["--ladder", ladder, "--parts", "\(library)/.\(name).parts"]
    }
    var package = try Package.parse(arguments)
    package.ladder.preset = preset
    try package.run()
  }

  private func makeLibrary() throws {
    var made = ""
    for part in library.split(separator: "/", omittingEmptySubsequences: false) {
      made += made.isEmpty && library.first != "/" ? "\(part)" : "/\(part)"
      if !part.isEmpty, Folder.entry(at: made) == nil { try Folder.make(made) }
    }
  }
}
