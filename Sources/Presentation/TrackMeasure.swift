import HLS
import Library
import MediaCore

extension TrackIndex {
  /// What EXTINF says of each segment, in microseconds.
  var segmentMicroseconds: [Int64] {
    SegmentDurations.microseconds(segments.lazy.map { MediaTime($0.duration, timescale) })
  }

  /// Bit rates of the whole segments.
  func bitrate(targetDuration: Int) -> PeakBitrate {
    PeakBitrate(
      of: segments.lazy.map { ($0.range.count, $0.duration) }, timescale: timescale,
      targetDuration: targetDuration)
  }

  /// Bit rates of the I-frames alone.
  func iFrameBitrate(targetDuration: Int) -> PeakBitrate {
    PeakBitrate(
      of: segments.lazy.map { ($0.firstSampleEnd, $0.duration) }, timescale: timescale,
      targetDuration: targetDuration)
  }

  /// The worst type of stream access point that begins a segment; 0 if one is unknown.
  var sapType: UInt8 {
    segments.contains { $0.sapType == 0 } ? 0 : segments.map(\.sapType).max() ?? 0
  }

  /// Each segment can be decoded without another. Types 1 and 2 are closed groups of pictures
  /// (ISO/IEC 14496-12 Annex I); coded audio of unknown type begins anywhere.
  var hasIndependentSegments: Bool {
    kind == .video ? (1...2).contains(sapType) : segments.allSatisfy { $0.sapType <= 2 }
  }

  /// Each segment begins with an I-frame whose bytes are known.
  var hasIFrames: Bool {
    kind == .video && segments.allSatisfy { (1...3).contains($0.sapType) && $0.firstSampleEnd > 0 }
  }

  var video: VideoFormat? { if case .video(let video) = format { video } else { nil } }

  var audio: AudioFormat? { if case .audio(let audio) = format { audio } else { nil } }
}
