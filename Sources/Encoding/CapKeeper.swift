import FFmpeg
import MediaCore
import Synchronization

/// Encodes again, each by itself, the groups of pictures of a part that break the cap of their rung.
final class CapKeeper: Sendable {
  private let plan: LadderPlan
  /// How messages call the source.
  private let name: String
  private let progress: LadderProgress
  /// Held by the rung that is at work: another decoder for each would take memory.
  private let turn = Mutex(())

  init(plan: LadderPlan, name: String, progress: LadderProgress) {
    self.plan = plan
    self.name = name
    self.progress = progress
  }

  /// - Parameter sink: of a part, which has all of it.
  func keep(_ sink: RungSink) throws {
    let ends = sink.chunk.keys.dropFirst() + [sink.chunk.end]
    let broken = zip(sink.chunk.keys, ends).enumerated().filter { sink.isOverCap($0.offset) }
    guard !broken.isEmpty else { return }
    try turn.withLock { _ in
      let pictures = GridPictures(plan, name: name)
      for (index, (start, end)) in broken {
        while let rate = sink.nextTry(index) {
          let group = try encode(sink, at: rate, start..<end, of: pictures)
          try sink.take(group, inPlaceOf: index, encodedAt: rate)
        }
        guard sink.isOverCap(index) else { continue }
        progress.noted(
          "\(sink.name): the pictures from \(plan.time(start).seconds) s on cost more than the cap, "
            + "at the coarsest quality that the encoder has; give the rung a higher peak")
      }
    }
  }

  private func encode(
    _ sink: RungSink, at rate: RungEncoding.RateControl, _ range: Range<Int>,
    of pictures: GridPictures
  ) throws -> EncodedGroup {
    var rungs = try plan.rungs(encoding: [sink.rung])
    rungs[sink.rung].encoding.rate = rate
    // Left to itself x264 takes another with another rate, and the header were another.
    rungs[sink.rung].encoding.level = sink.level
    let group = EncodedGroup()
    let encoder = try LadderEncoder(
      rungs, rate: plan.frameRate,
      keyFrames: KeyFrames(every: Int64.max, and: [Int64(range.lowerBound)])
    ) { _, output in group.take(output) }
    do {
      try pictures.show(range) { picture, number in
        if progress.isCancelled() { throw EncodingError(.cancelled, "interrupted") }
        try encoder.push(picture, number: Int64(number))
      }
      try encoder.finish()
    } catch {
      encoder.cancel()
      throw error
    }
    return group
  }
}
