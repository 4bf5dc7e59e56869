/// An array job of Slurm that makes the parts of a plan: one task for each chunk.
///
///     let job = SlurmJob(program: "/usr/bin/dougong", plan: plan, folder: "/shared/parts", threads: 8)
///     for chunks in job.batches(of: missing) { sbatch(job.arguments, script: job.script(chunks)) }
///
/// Tasks share the folder of the parts and the source with the machine that asked for them. A task
/// may run twice, as where a node is lost: it makes the same bytes, and what is there it leaves.
package struct SlurmJob: Hashable, Sendable {
  private let program: String
  private let planPath: String
  private let folder: String
  private let threads: Int

  /// Tasks of one array, at most: what `MaxArraySize` allows where nobody has raised it.
  package static let batchLimit = 1000

  /// - Parameters:
  ///   - program: where all nodes find this program.
  ///   - folder: of the parts, which all nodes see under this name.
  ///   - threads: of one task.
  package init(program: String, folder: String, threads: Int) {
    self.program = program
    planPath = "\(folder)/\(PartFolder.planName)"
    self.folder = folder
    self.threads = threads
  }

  /// Chunks cut into arrays that Slurm takes.
  package func batches(of chunks: [Int]) -> [[Int]] {
    stride(from: 0, to: chunks.count, by: Self.batchLimit).map {
      Array(chunks[$0..<min($0 + Self.batchLimit, chunks.count)])
    }
  }

  /// What `sbatch` is told: it waits for all tasks, and a task whose node is lost is queued again.
  package func arguments(_ chunks: [Int]) -> [String] {
    [
      "--wait", "--parsable", "--requeue", "--job-name=dougong-ladder",
      "--array=0-\(chunks.count - 1)", "--cpus-per-task=\(threads)",
      "--output=\(folder)/slurm-%A-%a.log", "--open-mode=append",
    ]
  }

  /// The script that `sbatch` reads from its standard input.
  package func script(_ chunks: [Int]) -> String {
    """
    #!/bin/bash
    chunks=(\(chunks.map(String.init).joined(separator: " ")))
    exec \(Self.quoted(program)) ladder part \(Self.quoted(planPath)) \\
      --parts \(Self.quoted(folder)) --threads \(threads) --chunk "${chunks[$SLURM_ARRAY_TASK_ID]}"

    """
  }

  /// A word for the shell, whatever is in it.
  private static func quoted(_ word: String) -> String {
    "'" + word.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''")
      + "'"
  }
}
