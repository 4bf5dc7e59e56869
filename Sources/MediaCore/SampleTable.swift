/// Whether decoding can start at a sample, and what follows it then.
package enum RandomAccess: UInt8, Sendable {
  case none = 0
  /// Every sample after it in decode order can be decoded: stream access point of type 1 or 2.
  case closed = 1
  /// Leading samples that refer to earlier ones follow: stream access point of type 3.
  case open = 3
}

/// The samples of one track in decode order, a column each so that ten hours stay small:
/// 13 bytes a sample.
package struct SampleTable: Sendable {
  /// Presentation times in the track's timescale, after the source's edit list.
  package var presentationTimes: [Int64] = []
  /// Payload bytes.
  package var sizes: [UInt32] = []
  /// Raw values of `RandomAccess`.
  package var randomAccess: [UInt8] = []
  /// How long each sample is presented: of subtitle tracks only, empty in all others.
  package var durations: [Int64] = []
  /// Samples of sound that each frame decodes to, at the coding's own rate: only where frames differ
  /// (Opus, FLAC), empty in all other tracks.
  package var frameLengths: [UInt32] = []
  /// How long the sample that is presented last lasts; 0 if the source does not say.
  package var lastDuration: Int64 = 0

  /// Samples of one track, at most: ten days at 60 a second.
  package static let maximumCount = 1 << 26
  /// Bytes of one sample, at most.
  package static let maximumSampleByteCount = 64 << 20

  package init() {}

  package var count: Int { sizes.count }

  package mutating func append(presentationTime: Int64, size: UInt32, randomAccess: RandomAccess) {
    presentationTimes.append(presentationTime)
    sizes.append(size)
    self.randomAccess.append(randomAccess.rawValue)
  }

  package mutating func reserve(_ count: Int) {
    presentationTimes.reserveCapacity(count)
    sizes.reserveCapacity(count)
    randomAccess.reserveCapacity(count)
  }
}
