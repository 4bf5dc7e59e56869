/// What a title from outside may ask of the verification.
package enum VerificationLimits {
  /// Events of one track.
  static let eventCount = 100_000
  /// Bytes of `ftyp`, `moov` and `sidx` together.
  package static let headByteCount: Int64 = 8 << 20
  /// Bytes of one `moof`.
  package static let fragmentHeaderByteCount: Int64 = 16 << 20
  /// Fragments of a track: as many as one `sidx` can list.
  package static let fragmentCount = 65_535
  /// Boxes at the top of a file: three for each fragment, and some.
  package static let topBoxCount = 200_000
  /// Samples of a track.
  package static let sampleCount = 1 << 26
  /// Bytes of one sample.
  package static let sampleByteCount = 64 << 20
  /// Bytes of payload in memory at once, unless one sample has more.
  package static let batchByteCount = 4 << 20
  /// Ticks that a decode time, an edit or an index may start at.
  package static let ticks: Int64 = 1 << 60
  /// Bits in a second that a document may declare and be reckoned with.
  package static let bitsPerSecond: Int64 = 1 << 40
  /// Segments of one run whose bit rate is taken.
  package static let peakRunCount = 256
  /// Part of a second by which a frame of sound may be shorter or longer than it decodes to: what
  /// containers round.
  package static let audioJitter: Int64 = 1000
  /// Different distances between pictures that are counted.
  package static let distanceCount = 4096
  /// Bytes of a playlist or MPD.
  package static let documentByteCount: Int64 = 32 << 20
  /// Names in the title's folder.
  package static let nameCount = 4096
}
