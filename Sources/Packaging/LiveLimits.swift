package import MediaCore

/// Bounds of what a live source may make the packager keep.
package enum LiveLimits {
  /// Samples and bytes that are kept until it is known how to cut them.
  package static let analysisSampleCount = 20_000
  package static let analysisByteCount = 256 << 20
  /// How much of a source is looked at for its key frames.
  package static let analysisSpan = MediaTime(12, Timescale(literal: 1))
  /// And of one that says that it has no pictures: all its sound has begun by then.
  package static let soundAnalysisSpan = MediaTime(1, Timescale(literal: 1))
  /// Tracks of subtitles of a source.
  package static let textTrackCount = 16
  /// Cues of a track that are shown at a time, or yet to be shown.
  static let cueCount = 512
  /// Milliseconds: how long a cue is shown whose source does not say, and how far before the picture one may come.
  static let cueDuration: Int64 = 4_000
  static let cueLead: Int64 = 60_000
  /// Splice messages that wait for the picture, and pictures that they wait for at most.
  static let waitingSpliceCount = 64
  static let splicePatience = 250
  /// Bytes of one chunk.
  package static let chunkByteCount = 256 << 20
  /// Bytes of a chunk beside its samples and their entries, at most: `styp`, `prft`, `moof` and `mdat` without them.
  static let chunkBoxByteCount = 240
  /// Samples of sound that wait for the picture.
  package static let waitingSampleCount = 4_096
  /// Segments in which nothing is, one behind the other; a longer silence of the source starts the
  /// numbers anew where it ends.
  package static let gapSegmentCount: Int64 = 43_200
  /// How far one track of a source may fall behind another before it counts as lost.
  package static let patience = MediaTime(2, Timescale(literal: 1))
}
