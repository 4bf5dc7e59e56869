import Codecs
import Library
import MediaCore
import NIOCore

/// The chapters and splice points of a title, moved from its sources' clocks to its own timeline.
///
/// Of several sources, the first that has any is the one that counts: renditions repeat them.
struct EventTimeline: Sendable {
  private(set) var chapters: [Chapter] = []
  private(set) var splices: [SplicePoint] = []
  private(set) var notes: [String] = []

  /// Chapters and splice points of a title, at most.
  static let maximumCount = 4096
  /// Characters of a chapter's title, at most.
  static let maximumTitleLength = 512
  private static let clock = Timescale(literal: 90_000)

  /// - Parameters:
  ///   - chapters: that stand in for the sources', on the title's timeline.
  ///   - origins: for each source, its time that becomes 0.
  ///   - end: of the title.
  init(
    _ sources: [any MediaSource], chapters given: [Chapter]?, origins: [MediaTime], end: MediaTime
  ) {
    if let given {
      takeChapters(given, origin: MediaTime(0, Timescale(literal: 1)), end, place: "the chapters")
    } else if let index = sources.firstIndex(where: { !$0.chapters.isEmpty }) {
      takeChapters(
        sources[index].chapters, origin: origins[index], end,
        place: "\(sources[index].name): chapters")
    }
    if let index = sources.firstIndex(where: { !$0.splices.isEmpty }) {
      takeSplices(
        sources[index].splices, origin: origins[index], end, place: sources[index].name)
    }
  }

  // MARK: Chapters

  private mutating func takeChapters(
    _ all: [Chapter], origin: MediaTime, _ end: MediaTime, place: String
  ) {
    var left = 0
    for (index, chapter) in all.enumerated() {
      let start = max(0, Self.moved(chapter.start, origin))
      let stop = chapter.end.map { Self.moved($0, origin) }
      let scale = chapter.start.timescale
      let limit = end.rescaled(to: scale).value
      // What ends before the start, as much as what starts behind the end.
      guard start < limit, stop.map({ $0 > 0 }) ?? true, chapters.count < Self.maximumCount else {
        left += 1
        continue
      }
      let plain = String(
        chapter.title.unicodeScalars.filter { $0.value >= 0x20 && $0.value != 0x7F }
          .map(Character.init))
      let title = String(plain.trimmingSpaces.prefix(Self.maximumTitleLength))
      chapters.append(
        Chapter(
          start: MediaTime(start, scale),
          end: stop.map { MediaTime(min(max($0, start), limit), scale) },
          title: title.isEmpty ? "Chapter \(index + 1)" : title))
    }
    chapters.sort { $0.start < $1.start }
    if left > 0 { notes.append("\(place): \(left) outside the title are left out") }
  }

  private static func moved(_ time: MediaTime, _ origin: MediaTime) -> Int64 {
    let (moved, overflow) = time.value.subtractingReportingOverflow(
      origin.rescaled(to: time.timescale).value)
    return overflow ? .max : moved
  }

  // MARK: Splices

  private mutating func takeSplices(
    _ all: [Splice], origin: MediaTime, _ end: MediaTime, place: String
  ) {
    let zero = origin.rescaled(to: Self.clock).value
    let limit = end.rescaled(to: Self.clock).value
    var seen: Set<Seen> = []
    var (unread, outside) = (0, 0)
    for splice in all {
      let arrival = splice.time.rescaled(to: Self.clock).value
      guard let section = try? SpliceInfoSection(parsing: splice.section) else {
        unread += 1
        continue
      }
      cancel(section, arrival: arrival - zero)
      guard section.isEvent else { continue }
      let time = section.time(arrival: arrival, offset: splice.timeOffset) - zero
      // Sections are sent several times, so that none is missed.
      let isNew = seen.insert(
        Seen(section: section.withoutTime, time: section.time == nil ? nil : time / 90)
      ).inserted
      guard isNew else { continue }
      guard (0...limit).contains(time), splices.count < Self.maximumCount else {
        outside += 1
        continue
      }
      splices.append(
        SplicePoint(
          time: MediaTime(time, Self.clock), section: Array(splice.section.readableBytesView)))
    }
    splices.sort { $0.time < $1.time }
    if unread > 0 {
      notes.append(
        "\(place): \(unread) splice messages are encrypted or damaged and are left out")
    }
    if outside > 0 {
      notes.append("\(place): \(outside) splice points outside the title are left out")
    }
  }

  private struct Seen: Hashable {
    var section: SpliceInfoSection
    /// Milliseconds; `nil` for one that holds on arrival.
    var time: Int64?
  }

  /// Takes back what was announced for later.
  private mutating func cancel(_ section: SpliceInfoSection, arrival: Int64) {
    let cancelled = section.cancelledEventIDs
    guard !cancelled.isEmpty else { return }
    splices.removeAll { point in
      guard point.time.value > arrival,
        let announced = try? SpliceInfoSection(parsing: ByteBuffer(bytes: point.section))
      else { return false }
      return !announced.eventIDs.isDisjoint(with: cancelled)
    }
  }

  // MARK: Cuts

  /// Moves splice points onto the cuts that were made for them, where those are nearer than half a
  /// frame: a break then starts exactly where a segment does.
  mutating func snap(to cuts: [MediaTime], frame: MediaTime) {
    for index in splices.indices {
      let time = splices[index].time
      guard
        let cut = cuts.min(by: { abs($0.seconds - time.seconds) < abs($1.seconds - time.seconds) }),
        abs(cut.seconds - time.seconds) <= frame.seconds / 2
      else { continue }
      splices[index].time = cut.rescaled(to: Self.clock)
    }
  }

  /// Puts the events into `title.json`.
  func describe(_ description: inout TitleDescription) {
    if !chapters.isEmpty { description.chapters = chapters.map(TitleDescription.Chapter.init) }
    if !splices.isEmpty { description.splices = splices.map(TitleDescription.Splice.init) }
  }

  // MARK: In the samples' track

  /// `urn:scte:scte35:2013:bin`: sections as they are (SCTE 214-3 §7.3).
  static let spliceScheme = "urn:scte:scte35:2013:bin"

  /// The `emsg` boxes of one video track, with their times in its timescale.
  func messages(timescale: Timescale) -> [EventMessage] {
    let ranges = SpliceRange.ranges(of: splices)
    return splices.enumerated().map { index, point in
      let range = ranges.first { $0.first == point.section && $0.start == point.time }
      let length = range?.length.map { $0.rescaled(to: timescale).value }
      return EventMessage(
        time: point.time.rescaled(to: timescale).value,
        duration: length.flatMap { UInt32(exactly: $0) }, id: UInt32(index + 1),
        message: ByteBuffer(bytes: point.section))
    }
  }
}

/// One event that a track's segments carry.
struct EventMessage: Hashable, Sendable {
  /// Presentation time in the track's timescale.
  var time: Int64
  var duration: UInt32?
  var id: UInt32
  var message: ByteBuffer
}

extension String {
  fileprivate var trimmingSpaces: String {
    var rest = self[...]
    while rest.first?.isWhitespace == true { rest.removeFirst() }
    while rest.last?.isWhitespace == true { rest.removeLast() }
    return String(rest)
  }
}
