package import Codecs
package import Foundation
package import MediaCore

extension TitleDescription {
  /// A chapter as `title.json` has it. Times are `TICKS/TICKS PER SECOND` from the title's start.
  package struct Chapter: Codable, Hashable, Sendable {
    package var start: String
    package var end: String?
    package var title: String

    package init(_ chapter: MediaCore.Chapter) {
      start = chapter.start.description
      end = chapter.end?.description
      title = chapter.title
    }

    var value: MediaCore.Chapter? {
      guard let start = MediaTime(text: start), start.value >= 0 else { return nil }
      let end = end.map { MediaTime(text: $0) }
      if let end, end.map({ $0 < start }) ?? true { return nil }
      return MediaCore.Chapter(start: start, end: end ?? nil, title: title)
    }
  }

  /// A splice point as `title.json` has it.
  package struct Splice: Codable, Hashable, Sendable {
    package var time: String
    /// The splice_info_section in base 64.
    package var section: Data

    package init(_ point: SplicePoint) {
      time = point.time.description
      section = Data(point.section)
    }

    var value: SplicePoint? {
      guard let time = MediaTime(text: time), time.value >= 0,
        section.count <= SpliceInfoSection.maximumByteCount
      else { return nil }
      return SplicePoint(time: time, section: Array(section))
    }
  }

  /// The chapters, in order of time.
  /// - Throws: `.damaged` for one that cannot be.
  package func readChapters(path: String) throws(LibraryError) -> [MediaCore.Chapter] {
    var found: [MediaCore.Chapter] = []
    for (index, chapter) in (chapters ?? []).enumerated() {
      guard let value = chapter.value, found.last.map({ $0.start <= value.start }) ?? true else {
        throw LibraryError(.damaged, "\(path): chapter \(index + 1) has no time that can be")
      }
      found.append(value)
    }
    return found
  }

  /// The splice points, in order of time.
  package func readSplices(path: String) throws(LibraryError) -> [SplicePoint] {
    var found: [SplicePoint] = []
    for (index, splice) in (splices ?? []).enumerated() {
      guard let value = splice.value, found.last.map({ $0.time <= value.time }) ?? true else {
        throw LibraryError(
          .damaged, "\(path): splice \(index + 1) has no time or section that can be")
      }
      found.append(value)
    }
    return found
  }
}

extension MediaTime {
  /// Reads `48048/24000`.
  package init?(text: String) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, let value = Int64(parts[0]), value.magnitude < 1 << 60,
      let timescale = UInt32(parts[1]).flatMap({ Timescale($0) })
    else { return nil }
    self.init(value, timescale)
  }
}
