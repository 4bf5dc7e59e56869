import CFFmpeg
import MediaCore

extension Demuxer {
  /// Chapters of one file, at most.
  private static let maximumChapterCount = 10_000

  /// The container's chapters in order of time (`AVChapter`); those without a time are left out.
  var chapters: [Chapter] {
    let count = min(Self.maximumChapterCount, chapterCount)
    return (0..<count).compactMap(chapter).sorted { $0.start < $1.start }
  }

  private func chapter(_ index: Int) -> Chapter? {
    let read = chapterFields(index)
    guard read.numerator > 0, let ticks = UInt32(exactly: read.denominator),
      let timescale = Timescale(ticks)
    else { return nil }
    func time(_ value: Int64) -> MediaTime? {
      let (product, overflow) = value.multipliedReportingOverflow(by: read.numerator)
      return overflow || product.magnitude >= 1 << 60 ? nil : MediaTime(product, timescale)
    }
    guard let start = time(read.start) else { return nil }
    let end = time(read.end).flatMap { $0 > start ? $0 : nil }
    return Chapter(start: start, end: end, title: read.title ?? "")
  }
}
