import HLS
package import Library
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
      of: iFrames.lazy.map { ($0.segment.firstSampleEnd, $0.duration) }, timescale: timescale,
      targetDuration: targetDuration)
  }

  /// The worst type of stream access point that begins a segment; 0 if one is unknown.
  var sapType: UInt8 {
    segments.contains { $0.sapType == 0 } ? 0 : segments.map(\.sapType).max() ?? 0
  }

  /// Each segment can be decoded without another. Types 1 and 2 are closed groups of pictures
  /// (ISO/IEC 14496-12 Annex I); coded audio of unknown type begins anywhere.
  package var hasIndependentSegments: Bool {
    kind == .video ? (1...2).contains(sapType) : segments.allSatisfy { $0.sapType <= 2 }
  }

  /// The segments that a player may enter by their first picture alone, each with its number from
  /// 0 and the time to the next of them. The first picture of an open group is left out: its
  /// neighbours in presentation order need what came before.
  var iFrames: [(number: Int, segment: IndexedSegment, duration: Int64)] {
    let closed = segments.enumerated().filter { (1...2).contains($0.element.sapType) }
    let ends = closed.dropFirst().map(\.element.start) + [(segments.first?.start ?? 0) + duration]
    return zip(closed, ends).map { ($0.offset, $0.element, $1 - $0.element.start) }
  }

  /// The track begins with an I-frame, and the bytes of all are known.
  var hasIFrames: Bool {
    kind == .video && segments.first.map { (1...2).contains($0.sapType) } == true
      && segments.allSatisfy { $0.firstSampleEnd > 0 }
  }

  var video: VideoFormat? { if case .video(let video) = format { video } else { nil } }

  var audio: AudioFormat? { if case .audio(let audio) = format { audio } else { nil } }
}
