import Foundation
import Library
import MediaCore

/// A track for people: a heading, then a line for each thing that is known.
extension TrackReport {
  var lines: [String] {
    var rows: [[String]] = []
    if let width, let height {
      rows.append(
        [
          "size",
          "\(width)x\(height), samples \(sampleAspectRatio ?? "1:1"), \(bitDepth ?? 8) bits",
        ])
    }
    if let text = rateText { rows.append(["frame rate", text]) }
    if let text = colourText { rows.append(["colour", text]) }
    if let channels, let sampleRate {
      rows.append([
        "sound",
        "\(channels) channel\(channels == 1 ? "" : "s")\(objects.map { ", \($0) objects" } ?? ""), \(sampleRate) Hz",
      ])
    }
    rows.append(["language", language + (isDefault ? ", default" : "")])
    if let label { rows.append(["label", SafeText.quoted(label)]) }
    if !roles.isEmpty { rows.append(["roles", roles.joined(separator: ", ")]) }
    rows.append(
      [
        "samples",
        String(format: "%d, timescale %u, %.3f s from %.3f s", samples, timescale, duration, start),
      ])
    if kind == "video", samples > 0 { rows.append(["key frames", keyFrameText]) }
    if samples > 0 {
      rows.append(["bit rate", "\(Self.bitRate(bitsPerSecond)), \(Self.size(bytes))"])
    }
    if let note { rows.append(["note", note]) }
    return ["  track \(number)  \(kind)  \(codecs)"] + TextTable.lines(rows).map { "    " + $0 }
  }

  private var rateText: String? {
    guard let frameRate else { return nil }
    let value = Rational(text: frameRate).map { String(format: "%.5g", $0.value) } ?? frameRate
    switch isConstantFrameRate {
    case true: return frameRate == value ? value : "\(frameRate) (\(value))"
    case false: return "\(value) in the mean, not constant"
    default: return "\(value), as the container says"
    }
  }

  private var colourText: String? {
    guard let colour, let range else { return nil }
    let scale = isFullRange == true ? "full range" : "limited range"
    guard colour != [2, 2, 2] else { return "\(range), unspecified, \(scale)" }
    return "\(range), primaries \(colour[0]), transfer \(colour[1]), matrix \(colour[2]), \(scale)"
  }

  private var keyFrameText: String {
    let distance =
      longestKeyFrameDistance.map { String(format: ", at most %.3f s apart", $0) } ?? ""
    return "\(closedKeyFrames) closed, \(openKeyFrames) open\(distance)"
  }

  static func bitRate(_ bitsPerSecond: Int64) -> String {
    bitsPerSecond >= 1_000_000
      ? String(format: "%.2f Mb/s", Double(bitsPerSecond) / 1e6)
      : String(format: "%.1f kb/s", Double(bitsPerSecond) / 1e3)
  }

  static func size(_ bytes: Int64) -> String {
    switch bytes {
    case 1_000_000_000...: String(format: "%.2f GB", Double(bytes) / 1e9)
    case 1_000_000...: String(format: "%.2f MB", Double(bytes) / 1e6)
    case 10_000...: String(format: "%.1f kB", Double(bytes) / 1e3)
    default: "\(bytes) bytes"
    }
  }
}
