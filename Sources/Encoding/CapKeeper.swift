import FFmpeg
import MediaCore

/// Encodes again, each by itself, the groups of pictures of a chunk that break the cap of their rung.
struct CapKeeper {
  let plan: LadderPlan
  /// How messages call the source.
  let name: String
  let progress: LadderProgress

  /// - Parameter sinks: of one chunk, which have all of it.
  func keep(_ sinks: [RungSink], in chunk: LadderPlan.Chunk) throws {
    let ends = chunk.keys.dropFirst() + [chunk.end]
    var pictures: GridPictures?
    for (index, range) in zip(chunk.keys, ends).map({ $0..<$1 }).enumerated() {
      for _ in 0..<GroupCap.tries {
        let wanted = sinks.compactMap { sink in sink.nextTry(index).map { (sink, $0) } }
        if wanted.isEmpty { break }
        let shown = pictures ?? GridPictures(plan, name: name)
        pictures = shown
        let made = try encode(wanted, over: range, of: shown)
        for ((sink, rate), group) in zip(wanted, made) {
          try sink.take(group, inPlaceOf: index, encodedAt: rate)
        }
      }
      for sink in sinks where sink.isOverCap(index) {
        progress.noted(
          "\(sink.name): the pictures from \(plan.time(range.lowerBound).seconds) s on cost more than "
            + "the cap, at the coarsest quality that the encoder has; give the rung a higher peak")
      }
    }
  }

  private func encode(
    _ wanted: [(sink: RungSink, rate: RungEncoding.RateControl)], over range: Range<Int>,
    of pictures: GridPictures
  ) throws -> [EncodedGroup] {
    var rungs = try plan.rungs(encoding: Set(wanted.map(\.sink.rung)))
    for (sink, rate) in wanted {
      rungs[sink.rung].encoding.rate = rate
      // Left to itself x264 takes another with another rate, and the header were another.
      rungs[sink.rung].encoding.level = sink.level
    }
    let groups = wanted.map { _ in EncodedGroup() }
    let groupOf = Dictionary(uniqueKeysWithValues: zip(wanted.map(\.sink.rung), groups))
    let encoder = try LadderEncoder(
      rungs, rate: plan.frameRate,
      keyFrames: KeyFrames(every: Int64.max, and: [Int64(range.lowerBound)])
    ) { groupOf[$0]?.take($1) }
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
    return groups
  }
}
