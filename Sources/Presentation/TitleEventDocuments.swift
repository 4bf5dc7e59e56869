import Codecs
import DASH
import HLS
import Library
import MediaCore

/// The chapters and splice points of a title as its documents say them.
struct TitleEventDocuments {
  let title: Title

  /// When the title ends.
  private var end: MediaTime {
    let ends = title.tracks.compactMap { track in
      track.index.segments.last.map {
        MediaTime($0.start.addingReportingOverflow($0.duration).partialValue, track.index.timescale)
      }
    }
    return ends.max() ?? MediaTime(0, Timescale(literal: 1))
  }

  /// A chapter lasts until it says, the next begins, or the title ends.
  private var spans: [(chapter: Chapter, end: MediaTime)] {
    let nexts = title.chapters.dropFirst().map(\.start) + [end]
    return zip(title.chapters, nexts).map { chapter, next in (chapter, chapter.end ?? next) }
  }

  // MARK: HLS

  /// The media starts at 1970-01-01T00:00:00Z: date ranges need dates, recorded media have none, and
  /// what is the same on every run is no more of a lie than the hour of packaging.
  static let epoch = ProgramDateTime(millisecondsSince1970: 0)

  /// Splice points as date ranges. An out and its in are one range (§4.4.5.1): in a recording both
  /// are known.
  var dateRanges: [DateRange] {
    SpliceRange.ranges(of: title.splices).map { range in
      let start = range.start.milliseconds
      var made = DateRange(
        id: range.id, start: ProgramDateTime(millisecondsSince1970: start),
        plannedDuration: range.plannedDuration.map(Self.microseconds))
      if let end = range.end {
        made.duration = max(0, Self.microseconds(end) - Self.microseconds(range.start))
      }
      switch range.kind {
      case .outToIn: made.spliceOut = range.first
      case .command: made.spliceCommand = range.first
      }
      if let last = range.last { made.spliceIn = last }
      return made
    }
  }

  private static func microseconds(_ time: MediaTime) -> Int64 {
    time.rescaled(to: Timescale(literal: 1_000_000)).value
  }

  /// `chapters.json`
  var chapterList: ChapterList {
    // Chapters are in the language of what is heard.
    let audio = title.tracks(of: .audio)
    let language = (audio.first { $0.isDefault } ?? audio.first)?.index.language ?? "und"
    return ChapterList(
      spans.map { chapter, end in
        ChapterList.Chapter(
          start: Self.microseconds(chapter.start),
          duration: max(0, Self.microseconds(end) - Self.microseconds(chapter.start)),
          title: chapter.title, language: language)
      })
  }

  var sessionData: [SessionData] {
    title.chapters.isEmpty
      ? []
      : [SessionData(dataID: ChapterList.dataID, content: .json(uri: DocumentName.chapters))]
  }

  // MARK: DASH

  /// MPEG has no scheme for chapters, so this one is ours: the message is the chapter's title.
  static let chapterScheme = "urn:dougong:chapters:2026"
  /// Sections with their XML wrapping (SCTE 214-1 §6.7.4).
  static let spliceScheme = "urn:scte:scte35:2014:xml+bin"
  /// The same sections in `emsg` boxes (SCTE 214-3 §7.3).
  static let inbandSpliceScheme = "urn:scte:scte35:2013:bin"

  static let spliceClock = Timescale(literal: 90_000)
  private static let chapterClock = Timescale(literal: 1000)

  var eventStreams: [EventStream] {
    var streams: [EventStream] = []
    if !title.chapters.isEmpty {
      streams.append(
        EventStream(
          scheme: Descriptor(schemeIdUri: Self.chapterScheme), timescale: Self.chapterClock,
          events: spans.enumerated().map { index, span in
            Event(
              presentationTime: span.chapter.start.milliseconds,
              duration: max(0, span.end.milliseconds - span.chapter.start.milliseconds),
              id: Int64(index + 1), message: .text(span.chapter.title))
          }))
    }
    if !title.splices.isEmpty {
      streams.append(
        EventStream(
          scheme: Descriptor(schemeIdUri: Self.spliceScheme), timescale: Self.spliceClock,
          events: spliceEvents))
    }
    return streams
  }

  private var spliceEvents: [Event] {
    let ranges = SpliceRange.ranges(of: title.splices)
    return title.splices.enumerated().map { index, point in
      let range = ranges.first { $0.first == point.section && $0.start == point.time }
      return Event(
        presentationTime: point.time.rescaled(to: Self.spliceClock).value,
        duration: range?.length.map { $0.rescaled(to: Self.spliceClock).value },
        id: Int64(index + 1), message: .splice(point.section))
    }
  }

  var inbandEventStreams: [Descriptor] {
    title.splices.isEmpty ? [] : [Descriptor(schemeIdUri: Self.inbandSpliceScheme)]
  }
}
