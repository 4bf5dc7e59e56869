import FFmpeg
import FileIO
import Ladder
import MediaCore

/// What work on a ladder tells while it goes on. All calls may come from any thread.
package struct LadderProgress: Sendable {
  /// A rung has one more picture, of so many bytes.
  package var encoded: @Sendable (_ rung: Int, _ byteCount: Int) -> Void
  /// Something that whoever waits should know, as a part that could not be made and is tried again.
  package var noted: @Sendable (_ message: String) -> Void
  /// Asked often; `true` ends the work with an error.
  package var isCancelled: @Sendable () -> Bool

  package init(
    encoded: @escaping @Sendable (Int, Int) -> Void = { _, _ in },
    noted: @escaping @Sendable (String) -> Void = { _ in },
    isCancelled: @escaping @Sendable () -> Bool = { false }
  ) {
    self.encoded = encoded
    self.noted = noted
    self.isCancelled = isCancelled
  }
}

/// Makes the parts of chunks: decodes their pictures once, and encodes all wanted rungs.
final class ChunkEncoder {
  private let plan: LadderPlan
  private let folder: PartFolder
  private let progress: LadderProgress
  private let pictures: GridPictures
  private let capKeeper: CapKeeper

  /// - Parameter name: how messages call the source.
  init(plan: LadderPlan, folder: PartFolder, name: String, progress: LadderProgress) {
    self.plan = plan
    self.folder = folder
    self.progress = progress
    pictures = GridPictures(plan, name: name)
    capKeeper = CapKeeper(plan: plan, name: name, progress: progress)
  }

  /// Samples of the source that could not be decoded, and pictures with parts that were filled in.
  var damagedCount: Int { pictures.damagedCount }

  /// Encoders begin anew at each chunk, each when it gets there: the first pictures of a chunk are decoded, scaled and
  /// encoded in small rungs while large ones give out the last of the chunk before.
  /// - Parameter parts: of chunks that follow one another, the same rungs of each.
  func make(_ parts: [LadderPlan.Part]) throws {
    let chunks = Set(parts.map(\.chunk)).sorted().map { plan.chunks[$0] }
    guard let first = chunks.first, let last = chunks.last else { return }
    let sequences = try Dictionary(grouping: parts, by: \.rung).mapValues { parts in
      try PartSequence(parts.sorted { $0.chunk < $1.chunk }) { [plan, folder, progress] part in
        try RungSink(part, plan: plan, folder: folder, progress: progress)
      } close: { [capKeeper] sink in
        try capKeeper.keep(sink)
        try sink.finish()
      }
    }
    let encoder = try LadderEncoder(
      plan.rungs(encoding: Set(sequences.keys)), rate: plan.frameRate,
      keyFrames: KeyFrames(every: Int64.max, and: Set(chunks.flatMap(\.keys).map(Int64.init))),
      restarts: chunks.dropFirst().map { Int64($0.start) }, note: progress.noted,
      ended: { sequences[$0]?.endPart() }
    ) { rung, output in sequences[rung]?.take(output) }
    do {
      try pictures.show(first.start..<last.end) { picture, number in
        if progress.isCancelled() { throw EncodingError(.cancelled, "interrupted") }
        if let failure = sequences.values.lazy.compactMap(\.failure).first { throw failure }
        try encoder.push(picture, number: Int64(number))
      }
      try encoder.finish()
    } catch {
      encoder.cancel()
      throw sequences.values.lazy.compactMap(\.failure).first ?? error
    }
    if let failure = sequences.values.lazy.compactMap(\.failure).first { throw failure }
  }
}
