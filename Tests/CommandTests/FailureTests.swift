import Foundation
import TestSupport
import Testing

/// What goes wrong says so in one sentence, with the right exit code, and leaves nothing behind.
@Suite(.enabled(if: Program.isBuilt))
struct FailureTests {
  private static let sample = "\(Program.root)/Media/dougong-540p.mp4"

  private func expectFailure(
    _ result: Program.Result, code: Int32, says words: String...,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(result.code == code, "\(result.errors)", sourceLocation: sourceLocation)
    #expect(result.complaints.count == 1, "\(result.errors)", sourceLocation: sourceLocation)
    for word in words {
      #expect(result.errors.contains(word), "\(result.errors)", sourceLocation: sourceLocation)
    }
  }

  @Test func `sources that are no media`() throws {
    let folder = try TemporaryFolder()
    let output = "\(folder.path)/library"
    try FileManager.default.createDirectory(atPath: output, withIntermediateDirectories: true)
    func package(_ bytes: [UInt8], _ name: String) throws -> Program.Result {
      try Data(bytes).write(to: URL(fileURLWithPath: "\(folder.path)/\(name)"))
      return try Program.run(["package", "\(folder.path)/\(name)", "-o", "\(output)/film"])
    }
    expectFailure(try package([], "empty.mp4"), code: 1, says: "empty.mp4", "empty")
    expectFailure(try package(Array("no media at all".utf8), "text.mp4"), code: 1, says: "text.mp4")
    expectFailure(
      try package([UInt8](repeating: 0, count: 5000), "zeros.ts"), code: 1, says: "zeros.ts")
    let whole = try Data(contentsOf: URL(fileURLWithPath: Self.sample))
    expectFailure(
      try package(Array(whole.prefix(whole.count / 2)), "half.mp4"), code: 1, says: "cut short")
    #expect(try FileManager.default.contentsOfDirectory(atPath: output).isEmpty)
  }

  @Test func `sources and outputs that cannot be opened`() throws {
    let folder = try TemporaryFolder()
    expectFailure(
      try Program.run(["package", "\(folder.path)/missing.mp4", "-o", "\(folder.path)/film"]),
      code: 1, says: "missing.mp4")
    expectFailure(
      try Program.run(["package", folder.path, "-o", "\(folder.path)/film"]), code: 1, says: "file")
    expectFailure(
      try Program.run(["package", Self.sample, "-o", "\(folder.path)/no/such/film"]), code: 1,
      says: "does not exist")
    try FileManager.default.createDirectory(
      atPath: "\(folder.path)/other", withIntermediateDirectories: true)
    expectFailure(
      try Program.run(["package", Self.sample, "-o", "\(folder.path)/other", "--replace"]), code: 1,
      says: "no title")
    #expect(folder.names == ["other"])
  }

  @Test func `an older title is replaced only when told so`() throws {
    let folder = try TemporaryFolder()
    let arguments = ["package", Self.sample, "-o", "\(folder.path)/film"]
    #expect(try Program.run(arguments).code == 0)
    expectFailure(try Program.run(arguments), code: 1, says: "--replace")
    #expect(try Program.run(arguments + ["--replace", "--segment", "4s"]).code == 0)
    #expect(folder.names == ["film"])
    #expect(try Program.run(["verify", "\(folder.path)/film"]).code == 0)
  }

  @Test(arguments: [
    ["package"], ["package", "a.mp4"], ["package", "a.mp4", "-o", "b", "--segment", "0s"],
    ["package", "a.mp4", "-o", "b", "--segment", "nonsense"], ["serve"],
    ["serve", ".", "--port", "70000"], ["serve", ".", "--keep-choices", "90"],
    ["serve", ".", "--keep-choices", "0d"], ["serve", ".", "--no-choices", "--state", "x"],
    ["nonsense"], ["package", "-", "-", "-o", "b"],
    ["package", "a.mp4", "-o", "b", "--threads", "0"], ["probe"],
    ["probe", "http://h/", "--viewers", "0"], ["probe", "http://h/", "--seconds", "-1"],
    ["probe", "http://h/", "--joining", "60"],
  ])
  func `a wrong command line ends with 2`(arguments: [String]) throws {
    let result = try Program.run(arguments)
    #expect(result.code == 2, "\(result.errors)")
    #expect(result.errors.contains("Usage:"))
  }

  @Test func `a disk that is full ends with 3 and leaves nothing`() throws {
    let folder = try TemporaryFolder()
    // A limit on the size of files stands in for the end of the disk: 100 blocks of 512 bytes.
    let result = try Program.shell(
      "ulimit -f 100; exec '\(Program.path)' package '\(Self.sample)' -o '\(folder.path)/film'")
    expectFailure(result, code: 3, says: "cannot write")
    #expect(folder.names.isEmpty)
  }

  @Test func `an interrupted run leaves the old title`() throws {
    let folder = try TemporaryFolder()
    let arguments = ["package", Self.sample, "-o", "\(folder.path)/film"]
    #expect(try Program.run(arguments).code == 0)
    let before = try Program.shell("cat '\(folder.path)'/film/* | cksum").output
    // It waits for standard input, and is interrupted there.
    let process = Process()
    process.executableURL = URL(fileURLWithPath: Program.path)
    process.arguments = ["package", "-", "-o", "\(folder.path)/film", "--replace"]
    let input = Pipe()
    let errors = Pipe()
    process.standardInput = input
    process.standardError = errors
    process.standardOutput = FileHandle.nullDevice
    try process.run()
    // Once it reads, it watches for signals.
    try input.fileHandleForWriting.write(contentsOf: Data(count: 1 << 20))
    process.interrupt()
    process.waitUntilExit()
    #expect(process.terminationReason == .exit)
    #expect(process.terminationStatus == 3)
    let said = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    #expect(said.contains("interrupted"), "\(said)")
    #expect(folder.names == ["film"])
    #expect(try Program.shell("cat '\(folder.path)'/film/* | cksum").output == before)
  }

  @Test func `standard input gives the title that the file gives`() throws {
    let folder = try TemporaryFolder()
    let file = try Program.run(["package", Self.sample, "-o", "\(folder.path)/a"])
    #expect(file.code == 0)
    let piped = try Program.run(
      ["package", "-", "-o", "\(folder.path)/b"],
      input: try Data(contentsOf: URL(fileURLWithPath: Self.sample)))
    #expect(piped.code == 0, "\(piped.errors)")
    #expect(try Program.shell("diff -r '\(folder.path)/a' '\(folder.path)/b'").code == 0)
  }
}
