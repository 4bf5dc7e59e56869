package import Codecs

/// What pictures may cost: capped variable bit rate.
package struct BitRates: Hashable, Sendable {
  /// Bits in a second, over the whole title.
  package var average: Int64
  /// Bits in a second that no segment exceeds.
  package var peak: Int64

  package init(average: Int64, peak: Int64) {
    self.average = average
    self.peak = peak
  }

  /// With the peak that rungs have where nothing else is said: one and a half times the average.
  package init(average: Int64) {
    self.init(average: average, peak: average + average / 2)
  }

  /// Three halves of both: for twice as many pictures.
  var faster: BitRates { BitRates(average: average * 3 / 2, peak: peak * 3 / 2) }
}

/// One size of a ladder, as it is written: the box that pictures are fitted in, and what they may
/// cost in each codec at 30 pictures a second or fewer.
package struct Rung: Hashable, Sendable {
  /// Samples of the box, wide; tall pictures are fitted in the same box on its side.
  package var width: Int
  package var height: Int
  /// Pictures in a second, at most: faster sources lose every second picture, or more.
  package var highestFrameRate: Int
  package var h264: BitRates?
  package var hevc: BitRates?
  package var av1: BitRates?

  package init(
    width: Int, height: Int, highestFrameRate: Int = 60, h264: BitRates?, hevc: BitRates?,
    av1: BitRates?
  ) {
    self.width = width
    self.height = height
    self.highestFrameRate = highestFrameRate
    self.h264 = h264
    self.hevc = hevc
    self.av1 = av1
  }

  /// `nil` if the rung is not made in that codec.
  package func rates(_ codec: VideoCodec) -> BitRates? {
    switch codec {
    case .h264: h264
    case .hevc: hevc
    case .av1: av1
    case .vp9: nil
    }
  }
}

/// One coding of sound that a title gets.
package struct SoundRung: Hashable, Sendable {
  package enum Codec: String, Hashable, Sendable, CaseIterable {
    case aac
    case eac3
  }

  package var codec: Codec
  /// 2, or 6 for 5.1.
  package var channelCount: Int
  package var bitsPerSecond: Int64

  package init(_ codec: Codec, channelCount: Int, bitsPerSecond: Int64) {
    self.codec = codec
    self.channelCount = channelCount
    self.bitsPerSecond = bitsPerSecond
  }
}
