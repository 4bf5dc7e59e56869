import Foundation
import Library
import MediaCore

/// The segments of a track file, as its `sidx` lists them.
struct SegmentReport: Encodable {
  struct Segment: Encodable {
    /// From 1.
    var number: Int
    var offset: Int64
    var bytes: Int64
    /// Seconds.
    var start: Double
    var duration: Double
    var sapType: UInt8
    var bitsPerSecond: Int64
  }

  var codecs: String
  var headerBytes: Int64
  var highestBitsPerSecond: Int64
  var segments: [Segment]

  /// Rows at each end of a table that is not shown whole.
  private static let endRowCount = 3

  init(_ index: TrackIndex) {
    codecs = index.codecs
    headerBytes = index.header.count
    segments = index.segments.enumerated().map { number, segment in
      let duration = MediaTime(segment.duration, index.timescale)
      return Segment(
        number: number + 1, offset: segment.range.offset, bytes: segment.range.count,
        start: MediaTime(segment.start, index.timescale).seconds, duration: duration.seconds,
        sapType: segment.sapType,
        bitsPerSecond: duration.value > 0
          ? Int64(Double(segment.range.count) * 8 / duration.seconds) : 0)
    }
    highestBitsPerSecond = segments.map(\.bitsPerSecond).max() ?? 0
  }

  func lines(all: Bool) -> [String] {
    let seconds = segments.map(\.duration)
    let head = String(
      format: "  segments  %d, %.3f to %.3f s, highest %@", segments.count, seconds.min() ?? 0,
      seconds.max() ?? 0, TrackReport.bitRate(highestBitsPerSecond))
    let hidden = all ? 0 : max(0, segments.count - 2 * Self.endRowCount)
    let shown = hidden == 0 ? segments[...] : segments.prefix(Self.endRowCount)
    let rest = hidden == 0 ? [] : segments.suffix(Self.endRowCount)
    let names = ["number", "bytes", "start", "duration", "SAP", "size", "kb/s"]
    let table = TextTable.lines([names] + (shown + rest).map(row)).map { "    " + $0 }
    let cut = 1 + shown.count
    let more = hidden == 0 ? [] : ["    … \(hidden) more; --segments shows all"]
    return [head, "    " + Sparkline(segments.map(\.bitsPerSecond)).description]
      + table.prefix(cut) + more + table.dropFirst(cut)
  }

  private func row(_ segment: Segment) -> [String] {
    [
      "\(segment.number)", "\(segment.offset)-\(segment.offset + segment.bytes - 1)",
      String(format: "%.3f", segment.start), String(format: "%.3f", segment.duration),
      "\(segment.sapType)", "\(segment.bytes)",
      String(format: "%.0f", Double(segment.bitsPerSecond) / 1000),
    ]
  }
}
