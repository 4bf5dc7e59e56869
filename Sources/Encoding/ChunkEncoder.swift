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

/// Makes the parts of one chunk after another: decodes its pictures once, and encodes all wanted rungs.
final class ChunkEncoder {
  private let plan: LadderPlan
  private let folder: PartFolder
  private let progress: LadderProgress
  /// How messages call the source.
  private let name: String
  private let pictures: GridPictures

  init(plan: LadderPlan, folder: PartFolder, name: String, progress: LadderProgress) {
    self.plan = plan
    self.folder = folder
    self.progress = progress
    self.name = name
    pictures = GridPictures(plan, name: name)
  }

  /// Samples of the source that could not be decoded, and pictures with parts that were filled in.
  var damagedCount: Int { pictures.damagedCount }

  /// - Parameter parts: of one chunk.
  func make(_ parts: [LadderPlan.Part]) throws {
    guard let first = parts.first else { return }
    let chunk = plan.chunks[first.chunk]
    let sinks = try parts.map { try RungSink($0, plan: plan, folder: folder, progress: progress) }
    let sinkOf = Dictionary(uniqueKeysWithValues: zip(parts.map(\.rung), sinks))
    let encoder = try LadderEncoder(
      plan.rungs(encoding: Set(parts.map(\.rung))), rate: plan.frameRate,
      keyFrames: KeyFrames(every: Int64.max, and: Set(chunk.keys.map(Int64.init))),
      note: progress.noted
    ) { rung, output in sinkOf[rung]?.take(output) }
    do {
      try pictures.show(chunk.start..<chunk.end) { picture, number in
        if progress.isCancelled() { throw EncodingError(.cancelled, "interrupted") }
        if let failure = sinks.lazy.compactMap(\.failure).first { throw failure }
        try encoder.push(picture, number: Int64(number))
      }
      try encoder.finish()
    } catch {
      encoder.cancel()
      throw sinks.lazy.compactMap(\.failure).first ?? error
    }
    try CapKeeper(plan: plan, name: name, progress: progress).keep(sinks, in: chunk)
    for sink in sinks { try sink.finish() }
  }
}
