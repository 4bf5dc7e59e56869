import ArgumentParser
import FileIO
import Foundation

@main
struct Dougong: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "dougong",
    abstract: "Packages ultra-HD video for HLS and DASH, and serves it.",
    discussion: """
      Examples:
        dougong package film.mov -o library/film
        dougong serve library
        dougong live udp://239.1.1.1:5000 library --name channel
        dougong verify library/film

      Exit codes: 0 done, 1 the input or output is wrong, 2 the command line is wrong, 3 the \
      system failed.
      """,
    version: "0.1.0",
    subcommands: [
      Package.self, Serve.self, LiveCommand.self, FinishCommand.self, Sign.self, Inspect.self,
      Verify.self,
      EpisodeCommand.self, LadderCommand.self, ProbeCommand.self, Demo.self,
    ])

  static func main() async {
    Signals.unblockAll()
    // A file that grows past a limit, and a reader that has gone, are errors and no deaths.
    signal(SIGXFSZ, SIG_IGN)
    signal(SIGPIPE, SIG_IGN)
    do {
      var command = try parseAsRoot()
      if var command = command as? any AsyncParsableCommand {
        try await command.run()
      } else {
        try command.run()
      }
    } catch let error as CommandFailure {
      Terminal.fail(error)
    } catch {
      let code = exitCode(for: error)
      // ArgumentParser's own errors are about the command line, unless they are help or version.
      if code == .success { exit(withError: error) }
      if error is ExitCode { exit(withError: error) }
      Terminal.say(fullMessage(for: error))
      Terminal.exit(2)
    }
  }
}
