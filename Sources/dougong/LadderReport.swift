import Encoding
import FileIO
import Foundation
import HLS
import Library
import MediaCore
import NIOCore
import Probe

/// What a ladder came to: for each rung what was asked for, what it spends, and how near it is to the source.
struct LadderReport: Encodable {
  struct Rung: Encodable {
    var name: String
    var codec: String
    var width: Int
    var height: Int
    var frameRate: String
    var range: String
    var bitDepth: Int
    var preset: String
    /// Asked for.
    var averageBitsPerSecond: Int64
    var peakBitsPerSecond: Int64
    /// As it came out: over all, and the largest of any run of segments that HLS counts as a peak
    /// (RFC 8216bis §4.1).
    var measuredAverage: Int64
    var measuredPeak: Int64
    /// Structural similarity of luma to the source at its size: 1 is the same.
    var similarity: Double?
    /// Bits a second of each segment.
    var segments: [Int64]
    /// Seconds at which they start.
    var starts: [Double]
  }

  /// What is reported on.
  struct Subject {
    var plan: LadderPlan
    /// Of each rung; empty if it was not measured.
    var similarity: [Double?]
  }

  var ladder: String
  var rungs: [Rung]

  init(_ title: Title, _ subject: Subject) {
    let (plan, similarity) = (subject.plan, subject.similarity)
    ladder = plan.ladder
    rungs = plan.rungs.enumerated().compactMap { number, rung in
      guard let track = title[track: "video-\(rung.name)"] else { return nil }
      let index = track.index
      let scale = Double(index.timescale.ticksPerSecond)
      let longest = index.segments.map { Double($0.duration) / scale }.max() ?? 1
      let measured = PeakBitrate(
        of: index.segments.lazy.map { (Int64($0.range.count), $0.duration) },
        timescale: index.timescale, targetDuration: Int(longest.rounded()))
      return Rung(
        name: rung.name, codec: index.codecs, width: rung.width, height: rung.height,
        frameRate: rung.frameRate, range: rung.range.rawValue, bitDepth: rung.bitDepth,
        preset: rung.preset, averageBitsPerSecond: rung.averageBitsPerSecond,
        peakBitsPerSecond: rung.peakBitsPerSecond, measuredAverage: measured.average,
        measuredPeak: measured.peak,
        similarity: number < similarity.count ? similarity[number] : nil,
        segments: index.segments.map {
          Int64(Double($0.range.count) * 8 * scale / Double(max(1, $0.duration)))
        },
        starts: index.segments.map { Double($0.start) / scale })
    }
  }

  private static let heads = [
    "rung", "codec", "size", "fps", "asked", "average", "cap", "peak", "SSIM",
  ]

  private var rows: [[String]] {
    rungs.map { rung in
      [
        rung.name, rung.codec, "\(rung.width)x\(rung.height)",
        LadderWork.rate(Rational(text: rung.frameRate)),
        LadderWork.megabits(rung.averageBitsPerSecond), LadderWork.megabits(rung.measuredAverage),
        LadderWork.megabits(rung.peakBitsPerSecond), LadderWork.megabits(rung.measuredPeak),
        rung.similarity.map { String(format: "%.4f", $0) } ?? "-",
      ]
    }
  }

  /// A table, a row for each rung.
  var text: String {
    (["ladder \(ladder)"] + TextTable.lines([Self.heads] + rows).map { "  " + $0 })
      .joined(separator: "\n")
  }

  // MARK: Page

  private static let colours = [
    "#c33", "#27a", "#283", "#b70", "#727", "#177", "#955", "#358", "#684", "#a37", "#555", "#093",
  ]

  /// Writes the report as one HTML page that needs nothing else.
  func write(to path: String) throws {
    try Folder.remove(path)
    let file = try WritableFile(creating: path)
    try file.write(ByteBuffer(string: page), at: 0)
  }

  private var page: String {
    let cells = rows.map { row in
      "<tr>" + row.map { "<td>\(XMLText.escaped($0))</td>" }.joined() + "</tr>\n"
    }.joined()
    let heads = Self.heads.map { "<th>\($0)</th>" }.joined()
    return ReportPage(
      title: "Ladder \(ladder)",
      body: "<table>\n<tr>\(heads)</tr>\n\(cells)</table>\n\(overTime.svg)\(quality?.svg ?? "")"
    ).html
  }

  private var overTime: LinePlot {
    LinePlot(
      title: "Bit rate of each segment, Mb/s",
      lines: rungs.enumerated().map { index, rung in
        LinePlot.Line(
          name: rung.name, colour: Self.colours[index % Self.colours.count],
          points: zip(rung.starts, rung.segments).map { ($0, Double($1) / 1e6) }, isStepped: true)
      })
  }

  /// Similarity against bit rate, a line for each codec and range.
  private var quality: LinePlot? {
    let sets = Dictionary(grouping: rungs.filter { $0.similarity != nil }) {
      "\($0.codec.prefix(4)) \($0.range)"
    }
    guard !sets.isEmpty else { return nil }
    return LinePlot(
      title: "SSIM in dB (−10 log₁₀(1 − SSIM)) against average bit rate",
      lines: sets.sorted { $0.key < $1.key }.enumerated().map { index, set in
        LinePlot.Line(
          name: set.key, colour: Self.colours[index % Self.colours.count],
          points: set.value.sorted { $0.measuredAverage < $1.measuredAverage }.map {
            (
              Double($0.measuredAverage) / 1e6,
              $0.similarity.map { -10 * log10(max(1 - $0, 1e-6)) }
            )
          })
      }, unit: "Mb/s")
  }
}
