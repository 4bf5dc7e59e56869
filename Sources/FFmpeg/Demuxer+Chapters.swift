import MediaCore

/// What libavformat knows of a chapter (`AVChapter`): times in ticks of numerator/denominator seconds.
struct ChapterFields {
  var start: Int64
  var end: Int64
  var numerator: Int64
  var denominator: Int64
  var title: String?
}

extension Demuxer {
  /// Chapters of one file, at most.
  private static let maximumChapterCount = 10_000

  /// The container's chapters in order of time (`AVChapter`); those without a time are left out.
  var chapters: [Chapter] {
    var found: [Chapter] = []
    for index in 0..<min(Self.maximumChapterCount, chapterCount) {
      if let chapter = Self.chapter(chapterFields(index)) { found.append(chapter) }
    }
    return found.sorted { $0.start < $1.start }
  }

  private static func chapter(_ read: ChapterFields) -> Chapter? {
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
