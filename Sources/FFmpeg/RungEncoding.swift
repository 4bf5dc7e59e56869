package import Codecs
package import MediaCore

/// What one rung of a ladder is encoded as.
///
///     var encoding = RungEncoding(.h264, width: 1280, height: 720, frameRate: Rational(literal: 25, 1), rate: …)
///     encoding.preset = "veryfast"
///     var encoder = try RungEncoder.open(encoding, name: "720p-h264")
///
/// Groups of pictures are closed, key frames are where they are asked for and nowhere else. The same pictures give the same
/// bytes with one thread; with several, of H.264 and HEVC only without the buffer model, and never of AV1.
package struct RungEncoding: Hashable, Sendable {
  /// What a second of pictures may cost, bits.
  package enum RateControl: Hashable, Sendable {
    /// So much on average.
    case average(Int64)
    /// The encoder's constant rate factor: 0 (best) to 51, of AV1 to 63.
    case constantQuality(Int)
  }

  /// H.264, HEVC or AV1.
  package var codec: VideoCodec
  /// In samples, even.
  package var width: Int
  package var height: Int
  package var frameRate: Rational
  /// 8 or 10; H.264 has 8.
  package var bitDepth = 8
  package var colour: ColourInformation
  package var masteringDisplay: MasteringDisplay?
  package var contentLight: ContentLight?
  package var rate: RateControl
  /// The buffer model: so many bits flow in each second, and so many are kept. Whatever the time, it spends at most
  /// what flows in meanwhile and the buffer.
  package var maximumBitsPerSecond: Int64
  package var bufferBits: Int64
  /// Whether the encoder is held to the buffer model. What several threads spend of it depends on which comes first.
  package var usesBufferModel = true
  /// The encoder's own word: `veryfast`, of AV1 `8`.
  package var preset: String
  /// Pictures from one key frame to the next, at most.
  package var keyFrameDistance: Int
  package var bidirectionalFrames = 2
  /// Pictures that the encoder looks ahead; `nil`: as many as the preset does.
  package var lookahead: Int?
  /// Pictures leave in the order in which they come, each as soon as it is encoded.
  package var isLowDelay = false
  /// Of the encoder.
  package var threadCount = 1
  /// level_idc of H.264 (ITU-T H.264 Table A-1); `nil`: what the encoder finds for the size and the rates.
  package var level: UInt8?

  package init(
    _ codec: VideoCodec, width: Int, height: Int, frameRate: Rational,
    colour: ColourInformation, rate: RateControl, maximumBitsPerSecond: Int64, bufferBits: Int64,
    preset: String, keyFrameDistance: Int
  ) {
    self.codec = codec
    self.width = width
    self.height = height
    self.frameRate = frameRate
    self.colour = colour
    self.rate = rate
    self.maximumBitsPerSecond = maximumBitsPerSecond
    self.bufferBits = bufferBits
    self.preset = preset
    self.keyFrameDistance = keyFrameDistance
  }

  package var range: VideoRange { VideoRange(colour) }

  /// Bits a second that no stretch of so many seconds exceeds.
  package func peak(over seconds: Double) -> Int64 {
    maximumBitsPerSecond + Int64((Double(bufferBits) / max(seconds, 1e-3)).rounded(.up))
  }

  /// What a live title may say of a rung before any of it is encoded; `nil` if its encoder keeps no average.
  var statedRates: StatedRates? {
    guard case .average(let average) = rate else { return nil }
    let peak = peak(over: Double(keyFrameDistance) / frameRate.value)
    return StatedRates(peak: max(peak, average), average: average)
  }

  /// The encoder that FFmpeg has for a codec, and where it comes from.
  package static func encoder(_ codec: VideoCodec) -> (name: String, package: String)? {
    switch codec {
    case .h264: ("libx264", "libx264-164")
    case .hevc: ("libx265", "libx265-199")
    case .av1: ("libsvtav1", "libsvtav1enc1")
    case .vp9: nil
    }
  }

  /// Whether the encoder of a codec keeps to `maximumBitsPerSecond` and `bufferBits`. SVT-AV1 aims at an average alone.
  package static func hasBufferModel(_ codec: VideoCodec) -> Bool { codec != .av1 }

  /// Samples of a side, at least and at most: what all three encoders take.
  package static let sideLength = 64...8192
}

/// On which pictures key frames are, counted on the grid of the source's pictures.
package struct KeyFrames: Hashable, Sendable {
  /// Every so many pictures, those whose number is a multiple.
  package var distance: Int64
  /// And on these.
  package var others: Set<Int64>

  /// - Precondition: a positive distance.
  package init(every distance: Int64, and others: Set<Int64> = []) {
    precondition(distance > 0, "key frames every \(distance) pictures")
    self.distance = distance
    self.others = others
  }

  /// Whether a picture is one, or one that a rung leaves out before it: a rung that keeps every second picture begins
  /// with the next that it has.
  /// - Parameter step: of the pictures every so many are kept.
  package func isKey(_ number: Int64, step: Int64 = 1) -> Bool {
    if number % distance == 0 { return true }
    for left in 0..<step where left > 0 && (number - left) % distance == 0 { return true }
    return !others.isEmpty && (0..<step).contains { others.contains(number - $0) }
  }
}
