import Encoding
import FileIO
import Foundation

/// Has the parts of a plan made by Slurm, and waits for them.
struct SlurmRun {
  let plan: LadderPlan
  let folder: PartFolder
  let threads: Int
  /// Further options of `sbatch`.
  let options: [String]

  /// Times that chunks are asked for.
  private static let rounds = 3
  /// Seconds from one look at the parts to the next.
  private static let interval = 0.5

  /// - Returns: how many parts were there before.
  /// - Throws: names of the parts that are still missing after all rounds.
  func run() throws -> LocalExecutor.Outcome {
    let all = plan.parts
    let first = try folder.missing(all, of: plan)
    var missing = first
    let line = ProgressLine("Parts", unit: .parts)
    line.start(total: Int64(missing.count))
    defer { line.finish() }
    let job = SlurmJob(program: try Self.program(), folder: folder.path, threads: threads)
    for round in 1...Self.rounds where !missing.isEmpty {
      if round > 1 {
        line.finish()
        Terminal.say(
          "note: \(missing.count) parts are missing, \(missing[0].name) first; trying again")
      }
      let chunks = Set(missing.map(\.chunk)).sorted()
      for batch in job.batches(of: chunks) { try submit(job, batch, line, of: missing.count) }
      missing = try folder.missing(all, of: plan)
    }
    guard missing.isEmpty else {
      let names = missing.prefix(4).map(\.name).joined(separator: ", ")
      throw CommandFailure(
        .data,
        "\(missing.count) parts could not be made by Slurm (\(names)\(missing.count > 4 ? ", …" : "")); "
          + "\(folder.path)/slurm-*.log say why")
    }
    return LocalExecutor.Outcome(
      madeCount: first.count, keptCount: all.count - first.count, damagedCount: 0)
  }

  private static func program() throws -> String {
    guard let path = Folder.resolved("/proc/self/exe") else {
      throw CommandFailure(.system, "this program cannot tell where it lies")
    }
    return path
  }

  private func submit(
    _ job: SlurmJob, _ chunks: [Int], _ line: ProgressLine, of missing: Int
  ) throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["sbatch"] + job.arguments(chunks) + options
    let (input, output, errors) = (Pipe(), Pipe(), Pipe())
    process.standardInput = input
    process.standardOutput = output
    process.standardError = errors
    do { try process.run() } catch {
      throw CommandFailure(.system, "sbatch cannot be run: \(error.localizedDescription)")
    }
    try input.fileHandleForWriting.write(contentsOf: Data(job.script(chunks).utf8))
    try input.fileHandleForWriting.close()
    var known = 0
    while process.isRunning {
      Thread.sleep(forTimeInterval: Self.interval)
      let there = try Folder.names(in: folder.path).filter { $0.hasSuffix(".part") }.count
      line.add(Int64(max(0, there - known)))
      known = max(known, there)
      guard Interruption.isRequested else { continue }
      let identifier = String(
        decoding: output.fileHandleForReading.availableData, as: UTF8.self
      ).prefix { $0.isNumber }
      try cancel(String(identifier))
      process.terminate()
      throw EncodingError(.cancelled, "interrupted")
    }
    let said = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    // Where tasks failed sbatch fails too; what is missing is seen from the parts.
    if process.terminationStatus == 127 || said.contains("Batch job submission failed") {
      let words = said.split(separator: "\n").last.map(String.init) ?? "no sbatch is on the path"
      throw CommandFailure(
        .system, "Slurm takes no job: \(words); sbatch comes with the Debian package slurm-client")
    }
  }

  private func cancel(_ identifier: String) throws {
    guard !identifier.isEmpty else { return }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["scancel", identifier]
    try process.run()
    process.waitUntilExit()
  }
}
