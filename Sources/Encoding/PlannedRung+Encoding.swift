import FFmpeg
import Ladder
import MediaCore

extension PlannedRung {
  /// Whether the encoder itself keeps to the cap. What several threads spend of a buffer depends on which comes first, and
  /// the bytes on that: without it they are the same each time, and groups of pictures that break the cap are encoded again.
  var usesBufferModel: Bool {
    threadCount == 1 && videoCodec.map(RungEncoding.hasBufferModel) ?? true
  }

  /// What the encoder is asked for.
  /// - Parameter distance: pictures of the rung from one key frame to the next, at most.
  func encoding(keyFrameDistance distance: Int) throws -> RungEncoding {
    guard let codec = videoCodec, let rate else {
      throw EncodingError(.damaged, "the plan asks for \(name) in '\(codec)', which is not encoded")
    }
    var encoding = RungEncoding(
      codec, width: width, height: height, frameRate: rate, colour: colourInformation,
      rate: .average(averageBitsPerSecond), maximumBitsPerSecond: bufferBitsPerSecond,
      bufferBits: bufferBits, preset: preset, keyFrameDistance: distance)
    encoding.bitDepth = bitDepth
    encoding.masteringDisplay = masteringDisplayValue
    encoding.contentLight = contentLightValue
    encoding.bidirectionalFrames = 3
    encoding.threadCount = threadCount
    encoding.usesBufferModel = usesBufferModel
    return encoding
  }
}

extension LadderPlan {
  /// Rungs as the encoders take them.
  /// - Parameter wanted: indices of the rungs that are encoded; the others are only scaled, where
  ///   smaller ones are made of them.
  func rungs(encoding wanted: Set<Int>) throws -> [LadderRung] {
    let distance =
      chunks.flatMap { chunk in
        zip(chunk.keys, chunk.keys.dropFirst() + [chunk.end]).map { $1 - $0 }
      }.max() ?? 1
    return try rungs.enumerated().map { index, rung in
      var one = LadderRung(
        rung.name, track: index,
        try rung.encoding(
          keyFrameDistance: max(1, (distance + rung.divisor - 1) / rung.divisor)))
      one.isEncoded = wanted.contains(index)
      return one
    }
  }
}
