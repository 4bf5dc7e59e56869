import ArgumentParser

struct EpisodeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "episode",
    abstract: "Proves, draws and walks interactive episodes before they are published.",
    subcommands: [EpisodeImport.self, EpisodeExport.self])
}
