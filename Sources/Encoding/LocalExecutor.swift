import Dispatch
import FFmpeg
import FileIO
import Synchronization

/// Makes the parts of a plan on this machine.
///
///     let made = try LocalExecutor(plan, folder: folder, threads: 8, memory: 1 << 34).run(progress: progress)
///
/// Parts that are there are left as they are. A chunk's pictures are decoded once for all its rungs, or, where these take more
/// memory than there is, once for each group of them. Where one chunk is worked on at a time, encoders of small rungs go on to
/// the next while large ones end.
package struct LocalExecutor: Sendable {
  /// What was done.
  package struct Outcome: Hashable, Sendable {
    package var madeCount: Int
    /// Parts that were there.
    package var keptCount: Int
    /// Packets and pictures of the source that were damaged; the decoder filled in what was lost.
    package var damagedCount: Int

    package init(madeCount: Int, keptCount: Int, damagedCount: Int) {
      self.madeCount = madeCount
      self.keptCount = keptCount
      self.damagedCount = damagedCount
    }
  }

  private let plan: LadderPlan
  private let folder: PartFolder
  private let threads: Int
  private let memory: Int64

  /// Times that parts are tried of which none is made.
  private static let attempts = 3

  /// - Parameters:
  ///   - threads: cores to keep busy.
  ///   - memory: bytes that may be used, as far as they can be told beforehand; one rung of one chunk is worked on with any.
  package init(_ plan: LadderPlan, folder: PartFolder, threads: Int, memory: Int64) {
    self.plan = plan
    self.folder = folder
    self.threads = threads
    self.memory = memory
  }

  /// - Parameter wanted: names of the parts to make; `nil` makes all.
  /// - Throws: what has kept a part from being made, with its name.
  package func run(
    only wanted: Set<String>? = nil, progress: LadderProgress
  ) throws -> Outcome {
    try checkSource()
    // What holds for all chunks is said once.
    let said = Mutex<Set<String>>([])
    var saying = progress
    saying.noted = { words in
      if said.withLock({ $0.insert(words).inserted }) { progress.noted(words) }
    }
    let progress = saying
    let asked = plan.parts.filter { wanted?.contains($0.name) ?? true }
    let missing = try folder.missing(asked, of: plan)
    let groups = ChunkLoad.groups(plan.rungs, memory: memory)
    if groups.count > 1 { progress.noted(note(groups)) }
    let damaged = try groups.map { group in
      try make(missing.filter { group.contains($0.rung) }, of: group, progress)
    }
    return Outcome(
      madeCount: missing.count, keptCount: asked.count - missing.count,
      damagedCount: damaged.max() ?? 0)
  }

  private func note(_ groups: [[Int]]) -> String {
    let words = groups.map { group in
      let load = ChunkLoad(group.map { plan.rungs[$0] }, of: plan.rungs)
      return group.map { plan.rungs[$0].name }.joined(separator: " ")
        + " (\(load.memoryByteCount >> 20) MiB)"
    }
    return "rungs are encoded in \(groups.count) groups, since all at once take more than the "
      + "\(memory >> 20) MiB of memory that --memory allows: " + words.joined(separator: ", ")
  }

  /// Makes the parts of one group of rungs.
  /// - Returns: how many packets and pictures of the source were damaged.
  private func make(
    _ missing: [LadderPlan.Part], of group: [Int], _ progress: LadderProgress
  ) throws -> Int {
    let chunksAtOnce = ChunkLoad(group.map { plan.rungs[$0] }, of: plan.rungs)
      .chunksAtOnce(threads: threads, memory: memory)
    let shares =
      chunksAtOnce == 1
      ? [missing]
      : Dictionary(grouping: missing, by: \.chunk).sorted { $0.key < $1.key }.map(\.value)
    let next = Mutex(0)
    let result = Mutex<(damaged: Int, error: (any Error)?)>((0, nil))
    let workers = min(shares.count, chunksAtOnce)
    DispatchQueue.concurrentPerform(iterations: workers) { _ in
      do {
        var encoder = makeEncoder(progress)
        var damaged = 0
        while result.withLock({ $0.error == nil }) {
          let index = next.withLock { value -> Int in
            defer { value += 1 }
            return value
          }
          guard index < shares.count else { break }
          try make(shares[index], &encoder, progress)
          damaged = max(damaged, encoder.damagedCount)
        }
        result.withLock { $0.damaged += damaged }
      } catch {
        result.withLock { $0.error = $0.error ?? error }
      }
    }
    let (damaged, error) = result.withLock { $0 }
    if let error { throw error }
    return damaged
  }

  private func makeEncoder(_ progress: LadderProgress) -> ChunkEncoder {
    ChunkEncoder(plan: plan, folder: folder, name: plan.source.path, progress: progress)
  }

  /// Makes parts; those that are missing after a failure anew, with a decoder of their own.
  private func make(
    _ parts: [LadderPlan.Part], _ encoder: inout ChunkEncoder, _ progress: LadderProgress
  ) throws {
    var missing = parts
    var attempt = 1
    while !missing.isEmpty {
      do {
        for run in Self.runs(missing) { try encoder.make(run) }
        return
      } catch let error as EncodingError where error.code == .cancelled {
        throw error
      } catch let error as FFmpegError where [.unsupported, .limit].contains(error.code) {
        // Trying again changes nothing.
        throw error
      } catch {
        let left = try folder.missing(missing, of: plan)
        if left.count < missing.count { attempt = 1 }
        missing = left
        let names = missing.filter { $0.chunk == missing.first?.chunk }.map(\.name)
          .joined(separator: ", ")
        guard attempt < Self.attempts else {
          throw EncodingError(.failed, "\(names): \(error) (tried \(attempt) times)")
        }
        progress.noted("\(names): \(error); trying again")
        attempt += 1
        encoder = makeEncoder(progress)
      }
    }
  }

  /// Parts of chunks that follow one another, each run with the same rungs of all its chunks.
  private static func runs(_ parts: [LadderPlan.Part]) -> [[LadderPlan.Part]] {
    var runs: [[LadderPlan.Part]] = []
    var last: (chunk: Int, rungs: [Int])?
    for (chunk, parts) in Dictionary(grouping: parts, by: \.chunk).sorted(by: { $0.key < $1.key }) {
      let rungs = parts.map(\.rung).sorted()
      if let last, last == (chunk - 1, rungs) {
        runs[runs.count - 1] += parts
      } else {
        runs.append(parts)
      }
      last = (chunk, rungs)
    }
    return runs
  }

  /// A source of another size is another source; its content was read when the plan was made.
  private func checkSource() throws {
    let file = try ReadableFile(path: plan.source.path)
    guard file.byteCount == plan.source.byteCount else {
      throw EncodingError(
        .unsuitable,
        "\(plan.source.path) has \(file.byteCount) bytes, and the plan was made of one with "
          + "\(plan.source.byteCount): make a new plan")
    }
  }
}
