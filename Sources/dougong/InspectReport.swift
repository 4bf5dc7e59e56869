import Foundation
import ISOBMFF
import Library
import MediaCore

/// What a file holds, for people and for machines.
struct InspectReport: Encodable {
  struct Fragment: Encodable {
    var sequence: UInt32?
    var track: UInt32
    var decodeTime: UInt64?
    var samples: Int
    var ticks: UInt64?
    var bytes: Int64?
  }

  var file: String
  var bytes: Int64
  var container: String
  /// Seconds of the longest track.
  var duration: Double
  var tracks: [TrackReport]
  var index: SegmentReport?
  var fragments: [Fragment]?
  var notes: [String]

  init(_ content: InspectedFile.Content) throws {
    file = content.path
    bytes = content.byteCount
    container = content.container
    tracks = content.tracks.map(TrackReport.init)
    duration = tracks.map(\.duration).max() ?? 0
    index = content.index.map(SegmentReport.init)
    notes = content.notes
    if !content.fragments.isEmpty {
      fragments = content.fragments.flatMap { fragment in
        fragment.tracks.map {
          Fragment(
            sequence: fragment.sequenceNumber, track: $0.trackID,
            decodeTime: $0.baseMediaDecodeTime, samples: $0.sampleCount, ticks: $0.duration,
            bytes: $0.byteCount)
        }
      }
    }
  }

  /// Lines for people.
  func text(allSegments: Bool) -> String {
    var lines = ["\(file)", "  \(container)"]
    if fragments == nil {
      lines.append(
        String(format: "  %@, %.3f s, ", TrackReport.size(bytes), duration)
          + "\(tracks.count) track\(tracks.count == 1 ? "" : "s")")
    } else {
      lines.append("  \(TrackReport.size(bytes)): fragments without their header, times in ticks")
    }
    for track in tracks { lines += [""] + track.lines }
    if let fragments { lines += [""] + Self.lines(fragments) }
    if let index { lines += [""] + index.lines(all: allSegments) }
    for note in notes { lines.append("note: \(note)") }
    return lines.joined(separator: "\n")
  }

  /// Rows of fragments that are shown, at most.
  private static let maximumFragmentRows = 64

  private static func lines(_ fragments: [Fragment]) -> [String] {
    let rows = fragments.prefix(maximumFragmentRows).map { fragment -> [String] in
      [
        text(fragment.sequence), text(fragment.track), text(fragment.decodeTime),
        text(fragment.ticks), text(fragment.samples), text(fragment.bytes),
      ]
    }
    let head = ["sequence", "track", "decode time", "duration", "samples", "bytes"]
    let more = fragments.count - rows.count
    return TextTable.lines([head] + rows).map { "  " + $0 }
      + (more > 0 ? ["  … \(more) more; --json shows all"] : [])
  }

  private static func text(_ value: (some BinaryInteger)?) -> String {
    value.map { String($0) } ?? "-"
  }
}
