import ArgumentParser
import FileIO
import Library
import MediaCore
import Recording

struct FinishCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "finish",
    abstract: "Makes a title of what a live packager has left that was killed.",
    discussion: """
      A live title becomes a title of the library when it ends (dougong live --keep vod). Where its packager was \
      killed before, or amid that, this does it; dougong live with the same name goes on with the live title \
      instead.

      Examples:
        dougong finish library --name channel
      """)

  @Argument(help: ArgumentHelp("Folder that holds the titles.", valueName: "library"))
  var library: String

  @Option(help: "Name of the title.")
  var name: String

  @Flag(help: "Put it in the place of an older title of that name.")
  var replace = false

  func run() throws {
    try CommandFailure.catching {
      Interruption.watch()
      let store = try LiveStore(left: name, in: library)
      let lock = try FolderLock(store.folder)
      defer { withExtendedLifetime(lock) {} }
      let recording = LiveRecording(of: store, name: name, library: library)
      if try !recording.isPublished() {
        try LiveEnd(name: name, library: library, keeping: .vod, replacesTitle: replace)
          .record(store, isCancelled: { Interruption.isRequested })
      }
      try store.remove()
    }
  }
}
