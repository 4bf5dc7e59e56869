import FFmpeg
import FileIO
import Ladder
import MediaCore
import NIOCore
import Synchronization

/// What work on a ladder tells while it goes on. All calls may come from any thread.
package struct LadderProgress: Sendable {
  /// A rung has one more picture, of so many bytes.
  package var encoded: @Sendable (_ rung: Int, _ byteCount: Int) -> Void
  /// A part could not be made, and is tried again.
  package var retried: @Sendable (_ message: String) -> Void
  /// Asked often; `true` ends the work with an error.
  package var isCancelled: @Sendable () -> Bool

  package init(
    encoded: @escaping @Sendable (Int, Int) -> Void = { _, _ in },
    retried: @escaping @Sendable (String) -> Void = { _ in },
    isCancelled: @escaping @Sendable () -> Bool = { false }
  ) {
    self.encoded = encoded
    self.retried = retried
    self.isCancelled = isCancelled
  }
}

/// Makes the parts of one chunk after another: decodes its pictures once, and encodes all wanted rungs.
final class ChunkEncoder {
  private let plan: LadderPlan
  private let folder: PartFolder
  private let progress: LadderProgress
  private let pictures: GridPictures

  init(plan: LadderPlan, folder: PartFolder, name: String, progress: LadderProgress) {
    self.plan = plan
    self.folder = folder
    self.progress = progress
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
      keyFrames: KeyFrames(every: Int64.max, and: Set(chunk.keys.map(Int64.init)))
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
    for sink in sinks { try sink.finish() }
  }
}

/// Takes what comes out of one rung over one chunk into its part.
final class RungSink: Sendable {
  private struct State {
    var writer: PartWriter
    var record: ByteBuffer?
    var count = 0
    var keys: [Int] = []
    var failure: (any Error)?
  }

  private let state: Mutex<State>
  private let part: LadderPlan.Part
  private let plan: LadderPlan
  private let progress: LadderProgress
  private let rungGrid: FrameGrid

  init(
    _ part: LadderPlan.Part, plan: LadderPlan, folder: PartFolder, progress: LadderProgress
  ) throws {
    guard let rate = plan.rungs[part.rung].rate, let grid = FrameGrid(rate: rate) else {
      throw EncodingError(.damaged, "the plan has no usable rate of \(part.name)")
    }
    rungGrid = grid
    self.part = part
    self.plan = plan
    self.progress = progress
    state = Mutex(State(writer: try PartWriter(path: folder.path(part))))
  }

  var failure: (any Error)? { state.withLock { $0.failure } }

  func take(_ output: RungOutput) {
    state.withLock { state in
      guard state.failure == nil else { return }
      do {
        switch output {
        case .track(let track): state.record = Self.record(track.coding)
        case .sample(let sample): try take(sample, &state)
        }
      } catch {
        state.failure = error
      }
    }
  }

  private func take(_ sample: LiveSample, _ state: inout State) throws {
    // The rung counts its own pictures; the plan those of the source.
    let number =
      Int(sample.presentationTime / rungGrid.frameDuration) * plan.rungs[part.rung].divisor
    let isKey = sample.randomAccess == .closed
    if isKey { state.keys.append(number) }
    try state.writer.append(
      sample.payload, time: Int64(number) * plan.grid.frameDuration, isKey: isKey)
    state.count += 1
    progress.encoded(part.rung, sample.payload.readableBytes)
  }

  private static func record(_ coding: SampleCoding) -> ByteBuffer? {
    switch coding {
    case .h264(let record), .hevc(let record), .av1(let record): record
    default: nil
    }
  }

  /// Gives the part its name, if it is what was planned.
  func finish() throws {
    try state.withLock { state in
      if let failure = state.failure { throw failure }
      let divisor = plan.rungs[part.rung].divisor
      let wanted = plan.chunks[part.chunk].keys.map { ($0 + divisor - 1) / divisor * divisor }
      guard let record = state.record, state.count == plan.pictureCount(part) else {
        throw EncodingError(
          .failed,
          "\(part.name): the encoder gave \(state.count) pictures of \(plan.pictureCount(part))")
      }
      guard state.keys.sorted() == wanted else {
        throw EncodingError(
          .failed,
          "\(part.name): key frames lie at pictures \(state.keys.sorted().prefix(8)), not at "
            + "\(wanted.prefix(8)) as planned")
      }
      try state.writer.finish(record: record)
    }
  }
}
