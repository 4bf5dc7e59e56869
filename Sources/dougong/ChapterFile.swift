import ArgumentParser
import FileIO
import Library
import MediaCore
import NIOCore
import Text

/// Where the segments of a title lie, as it is typed.
enum SegmentLayout: String, ExpressibleByArgument, CaseIterable {
  case tracks
  case files

  var value: TitleLayout { self == .files ? .files : .tracks }
}

/// Chapters in a file of their own: WebVTT, whose cues they are, or FFmpeg's metadata text.
struct ChapterFile {
  let chapters: [Chapter]

  private static let maximumByteCount: Int64 = 4 << 20
  private static let millisecond = Timescale(literal: 1000)

  init(path: String) throws {
    let file = try ReadableFile(path: path)
    guard file.byteCount <= Self.maximumByteCount else {
      throw CommandFailure(
        .data, "\(path) has \(file.byteCount) bytes; chapters have \(Self.maximumByteCount) at most"
      )
    }
    let bytes = try file.read(at: 0, count: Int(file.byteCount))
    let text = String(decoding: bytes.readableBytesView, as: UTF8.self)
    chapters =
      text.hasPrefix(";FFMETADATA") ? try Self.metadata(text, path) : try Self.cues(bytes, path)
    guard !chapters.isEmpty else { throw CommandFailure(.data, "\(path) holds no chapter") }
  }

  private static func cues(_ bytes: ByteBuffer, _ path: String) throws -> [Chapter] {
    do {
      return try SubtitleFile.read(bytes).cues.map {
        Chapter(
          start: MediaTime($0.start, millisecond), end: MediaTime($0.end, millisecond),
          title: $0.text.split(separator: "\n").joined(separator: " "))
      }
    } catch {
      throw CommandFailure(.data, "\(path) is neither WebVTT nor FFmpeg metadata: \(error)")
    }
  }

  /// Sections `[CHAPTER]` with TIMEBASE, START, END and title (FFmpeg's ffmetadata).
  private static func metadata(_ text: String, _ path: String) throws -> [Chapter] {
    var found: [Chapter] = []
    var fields: [String: String]?
    func close() throws {
      guard let fields else { return }
      let base = Rational(text: fields["TIMEBASE"] ?? "1/1000000000")
      guard let start = fields["START"].flatMap({ Int64($0) }), let base,
        let scale = UInt32(exactly: base.denominator).flatMap({ Timescale($0) })
      else {
        throw CommandFailure(
          .data, "\(path): chapter \(found.count + 1) has no START or TIMEBASE that can be read")
      }
      let end = fields["END"].flatMap { Int64($0) }
      found.append(
        Chapter(
          start: MediaTime(
            start.multipliedReportingOverflow(by: base.numerator).partialValue, scale),
          end: end.map {
            MediaTime($0.multipliedReportingOverflow(by: base.numerator).partialValue, scale)
          },
          title: fields["title"] ?? ""))
    }
    for line in text.split(whereSeparator: \.isNewline) {
      if line.hasPrefix("[") {
        try close()
        fields = line == "[CHAPTER]" ? [:] : nil
      } else if let equals = line.firstIndex(of: "="), !line.hasPrefix(";"), !line.hasPrefix("#") {
        fields?[String(line[..<equals])] = String(line[line.index(after: equals)...])
          .replacing("\\", with: "")
      }
    }
    try close()
    return found.sorted { $0.start < $1.start }
  }
}
