import Codecs
import FFmpeg
package import Ladder
import MediaCore
import NIOCore

/// Trial encodes of a title: what each size of a ladder comes to at some qualities.
///
///     let curves = try TitleTrial(plan).curves(isCancelled: { false })
///
/// A few groups of pictures, evenly over the title, are encoded at constant quality by a quick preset, decoded, and
/// held against the source at the size of the largest rung.
package struct TitleTrial {
  private let plan: LadderPlan
  /// Groups that are tried, at most.
  private static let groupCount = 3
  /// Pictures of each that are compared, at most.
  private static let comparedCount = 4
  /// Bits a second and in the buffer that hold nothing back.
  private static let unbounded: Int64 = 1_000_000_000

  /// - Parameter plan: of one codec and range.
  package init(_ plan: LadderPlan) { self.plan = plan }

  private struct Sum {
    var bytes = 0
    var seconds = 0.0
    var similarity = 0.0
    var count = 0
  }

  /// - Returns: of each rung of the plan.
  package func curves(isCancelled: () -> Bool) throws -> [RateQuality] {
    let trials = try trials()
    var sums = trials.map { _ in Sum() }
    let pictures = GridPictures(plan, name: plan.source.path)
    for group in groups {
      try measure(trials, over: group, pictures, &sums, isCancelled)
    }
    return try plan.rungs.indices.map { rung in
      let points = trials.indices.filter { trials[$0].rung == rung && sums[$0].count > 0 }.map {
        RateQuality.Point(
          bitsPerSecond: Double(sums[$0].bytes) * 8 / max(sums[$0].seconds, 1e-3),
          quality: RateQuality.decibels(sums[$0].similarity / Double(sums[$0].count)))
      }
      guard let curve = RateQuality(points) else {
        throw EncodingError(.failed, "the trial of \(plan.rungs[rung].name) gave no picture")
      }
      return curve
    }
  }

  // MARK: Trials

  private struct Trial {
    var rung: Int
    var encoding: RungEncoding
  }

  private func trials() throws -> [Trial] {
    try plan.rungs.indices.flatMap { rung in
      let planned = plan.rungs[rung]
      let isAV1 = planned.videoCodec == .av1
      return try (isAV1 ? [24, 38, 52] : [20, 26, 32]).map { factor in
        var encoding = try planned.encoding(keyFrameDistance: 10_000)
        encoding.rate = .constantQuality(factor)
        encoding.preset = isAV1 ? "12" : "veryfast"
        encoding.maximumBitsPerSecond = Self.unbounded
        encoding.bufferBits = Self.unbounded
        return Trial(rung: rung, encoding: encoding)
      }
    }
  }

  private var groups: [Range<Int>] {
    let starts = plan.chunks.flatMap(\.keys)
    let ends = starts.dropFirst() + [plan.timeline.pictureCount]
    let all = zip(starts, ends).map { $0..<$1 }
    let count = min(Self.groupCount, all.count)
    return (0..<count).map { all[all.count * (2 * $0 + 1) / (2 * count)] }
  }

  private func measure(
    _ trials: [Trial], over group: Range<Int>, _ pictures: GridPictures, _ sums: inout [Sum],
    _ isCancelled: () -> Bool
  ) throws {
    guard let largest = trials.first?.encoding else { return }
    let encoded = trials.map { _ in EncodedGroup() }
    let encoder = try LadderEncoder(
      trials.enumerated().map {
        LadderRung("\(plan.rungs[$1.rung].name) (trial)", track: $0, $1.encoding)
      }, rate: plan.frameRate,
      keyFrames: KeyFrames(every: Int64.max, and: [Int64(group.lowerBound)])
    ) { encoded[$0].take($1) }
    var comparison = PictureComparison(
      largest, rate: plan.frameRate, isInterlaced: plan.timeline.isInterlaced)
    let step = GroupGrid.commonStep(of: plan.rungs.map(\.divisor))
    let stride = max(1, group.count / (step * Self.comparedCount)) * step
    var references: [Int: Picture] = [:]
    func keep(_ made: [(number: Int64, picture: Picture)]) {
      for one in made where (Int(one.number) - group.lowerBound) % stride == 0 {
        references[Int(one.number)] = one.picture
      }
    }
    do {
      try pictures.show(group) { picture, number in
        if isCancelled() { throw EncodingError(.cancelled, "interrupted") }
        try encoder.push(picture, number: Int64(number))
        keep(try comparison.reference(picture, number: Int64(number)))
      }
      try encoder.finish()
    } catch {
      encoder.cancel()
      throw error
    }
    keep(try comparison.finish())
    for (index, trial) in trials.enumerated() {
      sums[index].seconds += Double(group.count) / plan.frameRate.value
      try encoded[index].compare(
        to: references, &comparison, frames: try Self.grid(trial.encoding),
        divisor: plan.rungs[trial.rung].divisor
      ) {
        sums[index].similarity += $0; sums[index].count += 1
      }
      sums[index].bytes += encoded[index].byteCount
    }
  }

  private static func grid(_ encoding: RungEncoding) throws -> Int64 {
    guard let grid = FrameGrid(rate: encoding.frameRate) else {
      throw EncodingError(.damaged, "no timescale holds \(encoding.frameRate) pictures a second")
    }
    return grid.frameDuration
  }
}

extension EncodedGroup {
  /// Decodes it, and holds it against what it was made of.
  /// - Parameters:
  ///   - frames: ticks of a picture.
  ///   - divisor: of the source's pictures the rung has one in so many.
  fileprivate func compare(
    to references: [Int: Picture], _ comparison: inout PictureComparison, frames: Int64,
    divisor: Int, _ give: (Double) -> Void
  ) throws {
    guard let coding else { return }
    var decoder = try PictureDecoder.open(coding, name: "a trial")
    func take(_ decoder: inout PictureDecoder) throws {
      while let picture = try decoder.receivePicture() {
        guard let time = picture.presentationTime,
          let reference = references[Int(time / frames) * divisor]
        else { continue }
        give(try comparison.similarity(of: picture, to: reference))
      }
    }
    for sample in samples {
      try decoder.send(sample.payload, presentationTime: sample.presentationTime)
      try take(&decoder)
    }
    try decoder.finish()
    try take(&decoder)
  }
}
