import Codecs
import FFmpeg
package import Ladder
package import MediaCore
import NIOCore

/// Trial encodes of a title: what each size of a ladder comes to at some qualities.
///
///     let curves = try TitleTrial(plan).curves(progress: WorkProgress())
///
/// A few groups of pictures, evenly over the title, are encoded at constant quality by a quick preset, decoded, and
/// held against the source at the size of the largest rung. One quality comes after another, so that it takes no more
/// memory than a chunk of the ladder.
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

    /// `nil` if there was no picture.
    var point: RateQuality.Point? {
      guard count > 0 else { return nil }
      return RateQuality.Point(
        bitsPerSecond: Double(bytes) * 8 / max(seconds, 1e-3),
        quality: RateQuality.decibels(similarity / Double(count)))
    }
  }

  /// - Parameter progress: counted in pictures of the source.
  /// - Returns: of each rung of the plan.
  package func curves(progress: WorkProgress) throws -> [RateQuality] {
    progress.total(Int64(groups.map(\.count).reduce(0, +) * Self.qualityCount))
    let qualities = try (0..<Self.qualityCount).map(encodings)
    var sums = qualities.map { $0.map { _ in Sum() } }
    let pictures = GridPictures(plan, name: plan.source.path)
    for group in groups {
      for quality in qualities.indices {
        try measure(qualities[quality], over: group, pictures, &sums[quality], progress)
      }
    }
    return try plan.rungs.indices.map { rung in
      let points = sums.compactMap { $0[rung].point }
      guard let curve = RateQuality(points) else {
        throw EncodingError(.failed, "the trial of \(plan.rungs[rung].name) gave no picture")
      }
      return curve
    }
  }

  // MARK: Trials

  private static let qualityCount = 3

  /// Of each rung at one constant quality.
  private func encodings(_ quality: Int) throws -> [RungEncoding] {
    try plan.rungs.map { planned in
      let isAV1 = planned.videoCodec == .av1
      var encoding = try planned.encoding(keyFrameDistance: 10_000)
      encoding.rate = .constantQuality((isAV1 ? [24, 38, 52] : [20, 26, 32])[quality])
      encoding.preset = isAV1 ? "12" : "veryfast"
      encoding.maximumBitsPerSecond = Self.unbounded
      encoding.bufferBits = Self.unbounded
      return encoding
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
    _ encodings: [RungEncoding], over group: Range<Int>, _ pictures: GridPictures,
    _ sums: inout [Sum], _ progress: WorkProgress
  ) throws {
    guard let largest = encodings.first else { return }
    let encoded = encodings.map { _ in EncodedGroup() }
    let encoder = try LadderEncoder(
      encodings.enumerated().map {
        LadderRung("\(plan.rungs[$0].name) (trial)", track: $0, $1)
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
        if progress.isCancelled() { throw EncodingError(.cancelled, "interrupted") }
        progress.moved(1)
        try encoder.push(picture, number: Int64(number))
        keep(try comparison.reference(picture, number: Int64(number)))
      }
      try encoder.finish()
    } catch {
      encoder.cancel()
      throw error
    }
    keep(try comparison.finish())
    for (index, encoding) in encodings.enumerated() {
      sums[index].seconds += Double(group.count) / plan.frameRate.value
      try encoded[index].compare(
        to: references, &comparison, frames: try Self.grid(encoding),
        divisor: plan.rungs[index].divisor
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
