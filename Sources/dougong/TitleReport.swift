import Foundation
import Library
import MediaCore

/// What a title holds, for people and for machines.
struct TitleReport: Encodable {
  struct Track: Encodable {
    var name: String
    var kind: String
    var codecs: String
    var language: String
    var label: String
    var roles: [String]
    var size: String?
    var frameRate: String?
    var range: String?
    var channels: Int?
    var sampleRate: Int?
    var duration: Double
    var segments: Int
    var bytes: Int64
    var bitsPerSecond: Int64
    var version: String
  }

  var name: String
  var tracks: [Track]
  var thumbnails: TitleImages.Thumbnails?
  var poster: TitleImages.Poster?
  /// Where the picture was encoded into a ladder.
  var ladder: LadderReport?

  init(_ title: Title) {
    name = title.name
    thumbnails = title.thumbnails?.description
    poster = title.poster
    tracks = title.tracks.map { track in
      let index = track.index
      let seconds = MediaTime(index.duration, index.timescale).seconds
      var row = Track(
        name: index.name, kind: index.kind.rawValue, codecs: index.codecs,
        language: index.language, label: track.label, roles: track.roles,
        duration: seconds,
        segments: index.segments.count, bytes: index.byteCount,
        bitsPerSecond: Int64(Double(index.byteCount) * 8 / max(seconds, 1e-6)),
        version: index.version)
      switch index.format {
      case .video(let format):
        row.size = "\(format.displayWidth)x\(format.displayHeight)"
        row.frameRate = format.frameRate?.description
        row.range = format.range.rawValue
      case .audio(let format):
        row.channels = format.channelCount
        row.sampleRate = format.sampleRate
      case .text, .other: break
      }
      return row
    }
  }

  /// A table, a row for each track.
  var text: String {
    let rows = tracks.map { track -> [String] in
      let detail =
        track.kind == "video"
        ? "\(track.size ?? "") \(rate(track.frameRate)) \(track.range ?? "")"
        : track.kind == "text"
          ? "\(track.language) \(track.roles.joined(separator: ", "))"
          : "\(track.language) \(track.channels ?? 0) ch \(track.sampleRate ?? 0) Hz"
      return [
        track.name, track.codecs, detail, String(format: "%.3f s", track.duration),
        "\(track.segments) segments",
        String(format: "%.2f Mb/s", Double(track.bitsPerSecond) / 1e6),
      ]
    }
    return ([name] + (TextTable.lines(rows) + pictures).map { "  " + $0 }).joined(separator: "\n")
  }

  /// A line each for thumbnails and poster.
  private var pictures: [String] {
    let sheets = thumbnails.map {
      "\($0.name)  \($0.count) pictures, one each \(Double($0.interval) / 1000) s  "
        + "\($0.sheetCount) sheets of \($0.columns)x\($0.rows)"
    }
    let picture = poster.map {
      "\(TitleImages.posterName)  \($0.width)x\($0.height)  at \(Double($0.time) / 1000) s"
    }
    return [sheets, picture].compactMap { $0 }
  }

  private func rate(_ text: String?) -> String {
    guard let rational = text.flatMap({ Rational(text: $0) }) else { return "" }
    return String(format: "%.5g fps", rational.value)
  }
}

/// Columns that line up.
enum TextTable {
  static func lines(_ rows: [[String]]) -> [String] {
    let columns = rows.map(\.count).max() ?? 0
    let widths = (0..<columns).map { column in
      rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0
    }
    return rows.map { row in
      zip(row, widths).enumerated().map { index, cell in
        index + 1 == row.count
          ? cell.0 : cell.0 + String(repeating: " ", count: cell.1 - cell.0.count)
      }.joined(separator: "  ")
    }
  }
}
