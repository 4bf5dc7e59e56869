package import Codecs
package import MediaCore

/// One rendition of a source: what its encoder is asked for, everything decided.
package struct SuitedRung: Hashable, Sendable {
  package var codec: VideoCodec
  /// In samples, square and even.
  package var width: Int
  package var height: Int
  /// Of the source's pictures every `divisor`th is kept.
  package var divisor: Int
  package var frameRate: Rational
  package var bitDepth: Int
  package var range: VideoRange
  package var colour: ColourInformation
  package var masteringDisplay: MasteringDisplay?
  package var contentLight: ContentLight?
  package var rates: BitRates
  package var preset: String

  /// Names the rendition among those of a title: `1080p-hevc-pq`.
  package var name: String {
    "\(height)p-\(codec.rawValue)" + (range == .sdr ? "" : "-\(range.rawValue.lowercased())")
  }

  /// What the encoder's buffer model (VBV, HRD) is told, so that no segment exceeds the peak.
  ///
  /// In any time a stream spends at most what the model is filled with meanwhile, and what was in
  /// its buffer before: a segment of length T spends at most rate × T + buffer. With four fifths of
  /// the peak as the rate, and the fifth that is left over one segment as the buffer, that is
  /// peak × T at most, whatever was encoded before it: also where encoders start anew.
  /// - Parameter segment: seconds of the shortest segment that is held to the peak.
  package func buffer(segment: Double) -> (bitsPerSecond: Int64, bits: Int64) {
    let rate = max(rates.average, rates.peak * 4 / 5)
    let bits = Int64(Double(rates.peak - rate) * segment)
    return (rate, max(bits, rate / 8))
  }
}
