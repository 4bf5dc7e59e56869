import Foundation
import TestSupport

/// The built program, run as a user runs it.
enum Program {
  /// The checkout.
  static let root = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path

  /// `dougong`, which `swift build` makes beside the tests.
  static let path = URL(fileURLWithPath: CommandLine.arguments[0])
    .deletingLastPathComponent().appendingPathComponent("dougong").path

  static let isBuilt = FileManager.default.isExecutableFile(atPath: path)

  struct Result {
    var code: Int32
    var output: String
    var errors: String

    /// Lines of standard error that are no notes.
    var complaints: [String] {
      errors.split(separator: "\n").map(String.init).filter { !$0.hasPrefix("note: ") }
    }
  }

  static func has(_ tool: String) -> Bool {
    (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").contains {
      FileManager.default.isExecutableFile(atPath: "\($0)/\(tool)")
    }
  }

  /// Runs any program to its end.
  static func run(
    _ arguments: [String], program: String = path, input: Data? = nil, folder: String = root
  ) throws -> Result {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    process.currentDirectoryURL = URL(fileURLWithPath: folder)
    // Files, not pipes: no output is too long to be kept until the end.
    let temporary = try TemporaryFolder()
    let files = ["out", "err"].map { "\(temporary.path)/\($0)" }
    for file in files { _ = FileManager.default.createFile(atPath: file, contents: nil) }
    process.standardOutput = FileHandle(forWritingAtPath: files[0])
    process.standardError = FileHandle(forWritingAtPath: files[1])
    let inputFile = "\(temporary.path)/in"
    try (input ?? Data()).write(to: URL(fileURLWithPath: inputFile))
    process.standardInput = FileHandle(forReadingAtPath: inputFile)
    try process.run()
    process.waitUntilExit()
    let texts = try files.map {
      String(decoding: try Data(contentsOf: URL(fileURLWithPath: $0)), as: UTF8.self)
    }
    // A signal counts as the shell counts it.
    let code =
      process.terminationReason == .uncaughtSignal
      ? 128 + process.terminationStatus : process.terminationStatus
    return Result(code: code, output: texts[0], errors: texts[1])
  }

  /// Runs a shell command line.
  static func shell(_ line: String, folder: String = root) throws -> Result {
    try run(["-c", line], program: "/bin/sh", folder: folder)
  }
}

/// An origin of its own, on a free port, until it is let go.
final class RunningOrigin {
  let process = Process()
  /// `http://127.0.0.1:PORT/`
  let url: String

  convenience init(library: String) throws { try self.init(["serve", library]) }

  /// - Parameter arguments: of a command that serves; it says on standard output or error where.
  init(_ arguments: [String], environment: [String: String] = [:]) throws {
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    process.executableURL = URL(fileURLWithPath: Program.path)
    process.currentDirectoryURL = URL(fileURLWithPath: Program.root)
    process.arguments = arguments + ["--port", "0"]
    let player = "\(Program.root)/.tools/hls.js/hls.mjs"
    if FileManager.default.fileExists(atPath: player) {
      process.arguments? += ["--player-library", player]
    }
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = pipe
    try process.run()
    var text = ""
    var found: Substring?
    // The line that says where it listens comes once it does.
    while found == nil {
      let data = pipe.fileHandleForReading.availableData
      guard !data.isEmpty else { break }
      text += String(decoding: data, as: UTF8.self)
      found = text.firstMatch(of: /http:\/\/[0-9.]+:[0-9]+\//)?.output
    }
    guard let found else { throw CocoaError(.fileReadUnknown) }
    url = String(found)
  }

  /// Asks it to end, and waits.
  func stop() -> Int32 {
    process.terminate()
    process.waitUntilExit()
    return process.terminationStatus
  }

  deinit { if process.isRunning { process.terminate() } }
}
