import FileIO
import MediaCore
import NIOCore

extension Rule {
  static let webVTTMissing = Rule("webvtt-missing", "title.json")
  static let webVTTDigest = Rule("webvtt-digest", "title.json")
  static let webVTTSegments = Rule("webvtt-segments", "RFC 8216bis §3.1.4")
  static let webVTTSyntax = Rule("webvtt-syntax", "W3C WebVTT §4")
  static let webVTTPlacement = Rule("webvtt-placement", "RFC 8216bis §3.1.4")
  static let webVTTDiffers = Rule("webvtt-differs", "title at rest")
}

/// The WebVTT file beside a `wvtt` track: the same subtitles, segment by segment.
struct WebVTTRules {
  private struct TimedText {
    /// Milliseconds.
    var start: Int64
    var end: Int64
    var text: String
  }

  private let track: MeasuredTrack
  private(set) var log: FindingLog
  /// As they lie in the file.
  private(set) var segments: [ByteRange] = []
  private(set) var byteCount: Int64 = 0

  /// Pairs of a cue and a sample that are looked at in one segment, at most.
  private static let maximumPairCount = 1 << 20
  /// Milliseconds that times may differ by: either side is rounded.
  private static let tolerance = 1.0

  static func fileName(of track: MeasuredTrack) -> String { "\(track.name).vtt" }

  init(_ track: MeasuredTrack) {
    self.track = track
    log = FindingLog(file: Self.fileName(of: track))
  }

  /// - Parameter digest: of the file, by the description.
  mutating func check(folder: String, digest expected: String) {
    let path = "\(folder)/\(Self.fileName(of: track))"
    guard Folder.entry(at: path) == .file, let file = try? ReadableFile(path: path) else {
      log.add(.webVTTMissing, "", "is no regular file here")
      return
    }
    guard file.byteCount <= VerificationLimits.documentByteCount else {
      log.add(
        .limit, "",
        "has \(file.byteCount) bytes; at most \(VerificationLimits.documentByteCount) are read")
      return
    }
    guard let bytes = try? file.read(at: 0, count: Int(file.byteCount)) else {
      log.add(.webVTTMissing, "", "cannot be read")
      return
    }
    byteCount = file.byteCount
    var digest = ContentDigest()
    digest.add(bytes)
    let digits = String(digest.take(), radix: 16)
    let text = String(repeating: "0", count: 16 - digits.count) + digits
    log.require(
      text == expected, .webVTTDigest, "",
      "its digest is \(text), the description says \(expected): bytes of the file were changed")
    check(bytes)
  }

  private mutating func check(_ bytes: ByteBuffer) {
    guard let text = String(validating: bytes.readableBytesView, as: UTF8.self) else {
      log.add(.webVTTSyntax, "", "is no UTF-8")
      return
    }
    let parts = Self.parts(text)
    log.require(
      parts.count == track.segments.count && text.hasPrefix("WEBVTT"), .webVTTSegments, "",
      "holds \(parts.count) WebVTT segments; \(track.name).mp4 has \(track.segments.count)")
    guard parts.count == track.segments.count else { return }
    var at: Int64 = 0
    for (index, part) in parts.enumerated() {
      segments.append(ByteRange(offset: at, count: Int64(part.utf8.count)))
      at += Int64(part.utf8.count)
      log.require(
        part.hasSuffix("\n\n"), .webVTTSegments, "segment \(index + 1)",
        "does not end with an empty line")
      compare(cues(of: part, index), index)
    }
  }

  /// The file parted before each line `WEBVTT` that follows an empty line.
  private static func parts(_ text: String) -> [Substring] {
    var parts: [Substring] = []
    var start = text.utf8.startIndex
    var line = start
    var isFirst = true
    var isAfterEmpty = true
    while line < text.utf8.endIndex {
      let end = text.utf8[line...].firstIndex(of: 0x0a) ?? text.utf8.endIndex
      let content = text.utf8[line..<end]
      if isAfterEmpty, !isFirst, content.starts(with: "WEBVTT".utf8),
        content.count == 6 || content.dropFirst(6).first.map({ $0 == 0x20 || $0 == 0x09 }) == true
      {
        parts.append(text[start..<line])
        start = line
      }
      isFirst = false
      isAfterEmpty = content.isEmpty
      line = end < text.utf8.endIndex ? text.utf8.index(after: end) : end
    }
    if start < text.utf8.endIndex { parts.append(text[start...]) }
    return parts
  }

  // MARK: Cues

  private mutating func cues(of part: Substring, _ index: Int) -> [TimedText] {
    var cues: [TimedText] = []
    var lines = part.split(separator: "\n", omittingEmptySubsequences: false)[...]
    while let line = lines.popFirst() {
      guard line.contains("-->") else { continue }
      let sides = line.split(separator: " ", omittingEmptySubsequences: true)
      guard sides.count >= 3, sides[1] == "-->", let start = Self.milliseconds(sides[0]),
        let end = Self.milliseconds(sides[2]), start < end
      else {
        log.add(.webVTTSyntax, "segment \(index + 1)", "'\(line)' is no timing of a cue")
        continue
      }
      let text = lines.prefix { !$0.isEmpty }
      lines = lines.dropFirst(text.count)
      cues.append(TimedText(start: start, end: end, text: text.joined(separator: "\n")))
    }
    return cues
  }

  /// `hh:mm:ss.ttt`, hours of two digits or more, or without them.
  private static func milliseconds(_ text: Substring) -> Int64? {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard (2...3).contains(parts.count), let last = parts.last else { return nil }
    let seconds = last.split(separator: ".", omittingEmptySubsequences: false)
    guard seconds.count == 2, seconds[0].count == 2, seconds[1].count == 3,
      parts.dropLast().allSatisfy({ (2...6).contains($0.utf8.count) })
    else { return nil }
    let numbers = (parts.dropLast() + seconds).map { part in
      part.utf8.allSatisfy { (0x30...0x39).contains($0) } ? Int64(part) : nil
    }
    guard let fraction = numbers[numbers.count - 1], let second = numbers[numbers.count - 2],
      let minute = numbers[numbers.count - 3], second < 60, minute < 60
    else { return nil }
    let hour = parts.count == 3 ? numbers[0] : 0
    return hour.map { (($0 * 60 + minute) * 60 + second) * 1000 + fraction }
  }

  // MARK: Against the track

  private mutating func compare(_ cues: [TimedText], _ index: Int) {
    let segment = track.segments[index]
    let place = "segment \(index + 1)"
    let (from, to) = (milliseconds(segment.start), milliseconds(segment.end))
    for cue in cues {
      log.require(
        Double(cue.start) < to + Self.tolerance && Double(cue.end) > from - Self.tolerance,
        .webVTTPlacement, place,
        "a cue from \(cue.start) to \(cue.end) ms stands in a segment from \(from) to \(to) ms")
    }
    guard case .webVTT = track.header.coding else { return }
    let samples = samples(of: segment)
    guard cues.count * samples.count <= Self.maximumPairCount else { return }
    for sample in samples {
      let (start, end) = (milliseconds(sample.start), milliseconds(sample.start + sample.duration))
      guard end - start > 4 * Self.tolerance else { continue }
      // Just behind its start, in the middle, and just before its end.
      let inside = 2 * Self.tolerance
      for moment in [start + inside, (start + end) / 2, end - inside] {
        let shown = cues.filter { Double($0.start) <= moment && moment < Double($0.end) }
        log.require(
          shown.map(\.text).sorted() == sample.texts.sorted(), .webVTTDiffers, place,
          "\(shown.count) cues stand at \(moment) ms; \(track.name).mp4 shows \(sample.texts.count)"
            + (shown.count == sample.texts.count ? " others" : ""))
      }
    }
    for cue in cues {
      let (start, end) = (max(Double(cue.start), from), min(Double(cue.end), to))
      let shown = samples.filter { $0.texts.contains(cue.text) }.reduce(0.0) { sum, sample in
        sum
          + max(
            0,
            min(end, milliseconds(sample.start + sample.duration))
              - max(start, milliseconds(sample.start)))
      }
      log.require(
        shown >= end - start - 2 * Self.tolerance, .webVTTDiffers, place,
        "a cue from \(cue.start) to \(cue.end) ms is shown for \(shown) ms by \(track.name).mp4")
    }
  }

  private func milliseconds(_ ticks: Int64) -> Double { track.time(ticks).seconds * 1000 }

  private func samples(of segment: MeasuredSegment) -> ArraySlice<ShownText> {
    let first = Self.firstIndex(in: track.shown, at: segment.start)
    let end = Self.firstIndex(in: track.shown, at: segment.end)
    return track.shown[first..<max(first, end)]
  }

  /// Index of the first sample from a time on.
  private static func firstIndex(in samples: [ShownText], at time: Int64) -> Int {
    var (low, high) = (0, samples.count)
    while low < high {
      let middle = (low + high) / 2
      if samples[middle].start < time { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
