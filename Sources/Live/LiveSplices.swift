import Codecs
import HLS
package import MediaCore
import NIOCore

/// The splice points of a live title: what has been said of each, so that what was said stays.
///
///     if splices.judge(message) == .new { for tag in splices.take(message) { … } }
///
/// An out is told of when its message comes, with the time that it is meant to last; the in that ends it adds to the same
/// range. What is repeated says nothing new. An event that is cancelled before it happens ends where it begins.
package struct LiveSplices: Sendable {
  /// A date range that a title has told of.
  package struct Range: Hashable, Sendable {
    /// Unique in the title, and the same at every packager of one input.
    package var id: String
    package var eventID: UInt32
    /// Since 1970, 90 kHz.
    package var start: Int64
    /// Ticks that it was meant to last.
    package var planned: Int64?
    package var end: Int64?
    /// It ends when a message says so, or when it was meant to.
    var isOut: Bool
    /// When the last message about it came.
    var heard: Int64

    /// When it is over; `nil` while nobody knows.
    package var over: Int64? { end ?? (planned.map { start + $0 }) ?? (isOut ? nil : start) }
  }

  /// A message about a moment, as it came.
  package struct Event: Hashable, Sendable {
    /// Since 1970, 90 kHz.
    package var time: Int64
    /// Ticks that it was meant to last.
    package var duration: Int64?
    /// Its own, the same at every packager of one input.
    package var number: UInt32
    package var section: [UInt8]
    /// Of which it tells.
    var ranges: [String]
  }

  /// What a playlist says of a range, in the order of its messages.
  package struct Tag: Hashable, Sendable {
    package var id: String
    /// A line.
    package var text: String
  }

  /// A message that may be one of the past.
  private struct Content: Hashable {
    var section: SpliceInfoSection
    var isImmediate: Bool
  }

  /// In the order in which they were told of.
  package private(set) var ranges: [Range] = []
  private var ids: Set<String> = []
  /// In order of time.
  package private(set) var events: [Event] = []
  private var open: [SpliceMark.Key: String] = [:]
  /// When events were that came with this content, and when they came last.
  private var heard: [Content: [(time: Int64, arrival: Int64)]] = [:]
  private var heardCount = 0

  package static let clock = Timescale(literal: 90_000)
  /// Ranges of a title, at most; of more the oldest go, some at a time.
  package static let maximumCount = 4096
  private static let surplusCount = 512
  /// Ticks that two messages about one event may lie apart in what they say of its time, since a packager that begins
  /// again may see another clock; and ticks from one message that holds on arrival to the next that repeats it.
  private static let tolerance: Int64 = 45_000
  private static let repetition: Int64 = 900_000
  /// Messages that are remembered so that repetitions are known.
  private static let memoryCount = 8192
  /// Ticks after which what nobody has ended is over: a day.
  private static let longest: Int64 = 86_400 * 90_000

  package init() {}

  /// What a message says that is not known yet.
  package enum Verdict: Hashable, Sendable {
    case new
    /// It says nothing of a moment, or what was said before.
    case known
    /// It is damaged or encrypted.
    case unreadable
  }

  package mutating func judge(_ splice: Splice) -> Verdict {
    guard let section = try? SpliceInfoSection(parsing: splice.section) else { return .unreadable }
    if !cancelled(by: section, splice).isEmpty { return .new }
    return section.isEvent && !isKnown(section, splice) ? .new : .known
  }

  private func times(_ section: SpliceInfoSection, _ splice: Splice) -> (
    time: Int64, arrival: Int64
  ) {
    let arrival = splice.time.rescaled(to: Self.clock).value
    return (section.time(arrival: arrival, offset: splice.timeOffset), arrival)
  }

  private mutating func isKnown(_ section: SpliceInfoSection, _ splice: Splice) -> Bool {
    let content = Content(section: section.withoutTime, isImmediate: section.time == nil)
    let (time, arrival) = times(section, splice)
    let known = heard[content]?.lastIndex {
      content.isImmediate
        ? (arrival - $0.arrival).magnitude <= Self.repetition
        : (time - $0.time).magnitude <= Self.tolerance
    }
    if let known { heard[content]?[known].arrival = arrival }
    return known != nil
  }

  private func cancelled(by section: SpliceInfoSection, _ splice: Splice) -> [Int] {
    let ids = section.cancelledEventIDs
    guard !ids.isEmpty else { return [] }
    let arrival = splice.time.rescaled(to: Self.clock).value
    return ranges.indices.filter {
      ids.contains(ranges[$0].eventID) && ranges[$0].start > arrival && ranges[$0].end == nil
    }
  }

  /// Takes a message that says something new.
  /// - Returns: what playlists say of it.
  package mutating func take(_ splice: Splice) -> [Tag] {
    guard let section = try? SpliceInfoSection(parsing: splice.section) else { return [] }
    let (time, arrival) = times(section, splice)
    let bytes = Array(splice.section.readableBytesView)
    var tags: [Tag] = []
    for index in cancelled(by: section, splice) {
      ranges[index].end = ranges[index].start
      ranges[index].heard = arrival
      let range = ranges[index]
      open = open.filter { $0.value != range.id }
      tags.append(tag(of: range) { $0.spliceCommand = bytes })
      events.removeAll { $0.ranges == [range.id] }
    }
    guard section.isEvent else { return tags }
    remember(section, time, arrival)
    let marks = SpliceMark.marks(of: section)
    for mark in marks {
      if mark.role == .ends, let id = open.removeValue(forKey: mark.key),
        let index = ranges.lastIndex(where: { $0.id == id })
      {
        ranges[index].end = max(time, ranges[index].start)
        ranges[index].heard = arrival
        tags.append(tag(of: ranges[index]) { $0.spliceIn = bytes })
      } else {
        tags.append(begin(mark, time, arrival, bytes))
      }
    }
    add(
      Event(
        time: time, duration: marks.compactMap(\.duration).max().map { Int64(clamping: $0) },
        number: Self.number(time, bytes), section: bytes, ranges: tags.map(\.id)))
    return tags
  }

  private mutating func add(_ event: Event) {
    let place = events.lastIndex { $0.time <= event.time }.map { $0 + 1 } ?? 0
    events.insert(event, at: place)
  }

  /// A checksum of the time and of what the section says; over its own it would be the same for all sections.
  private static func number(_ time: Int64, _ section: [UInt8]) -> UInt32 {
    let ticks = (0..<8).map { UInt8(truncatingIfNeeded: time >> (56 - 8 * $0)) }
    return CRC32.checksum(ticks + section.dropLast(4))
  }

  private mutating func begin(
    _ mark: SpliceMark, _ time: Int64, _ arrival: Int64, _ bytes: [UInt8]
  ) -> Tag {
    let plain = "splice-\(mark.key.eventID)-\(milliseconds(time))"
    var id = plain
    var count = 1
    while !ids.insert(id).inserted {
      count += 1
      id = "\(plain)-\(count)"
    }
    let range = Range(
      id: id, eventID: mark.key.eventID, start: time,
      planned: mark.duration.map { Int64(clamping: $0) }, end: nil,
      isOut: mark.role == .starts, heard: arrival)
    ranges.append(range)
    if range.isOut { open[mark.key] = id }
    return tag(of: range) {
      $0.plannedDuration = range.planned.map(microseconds)
      if range.isOut { $0.spliceOut = bytes } else { $0.spliceCommand = bytes }
    }
  }

  private mutating func remember(_ section: SpliceInfoSection, _ time: Int64, _ arrival: Int64) {
    if heardCount >= Self.memoryCount {
      heard = [:]
      heardCount = 0
    }
    let content = Content(section: section.withoutTime, isImmediate: section.time == nil)
    heard[content, default: []].append((time, arrival))
    heardCount += 1
  }

  private func tag(of range: Range, _ complete: (inout DateRange) -> Void) -> Tag {
    var made = DateRange(
      id: range.id, start: ProgramDateTime(millisecondsSince1970: milliseconds(range.start)))
    made.duration = range.end.map { microseconds($0 - range.start) }
    complete(&made)
    return Tag(id: range.id, text: made.render())
  }

  private func milliseconds(_ ticks: Int64) -> Int64 { MediaTime(ticks, Self.clock).milliseconds }

  private func microseconds(_ ticks: Int64) -> Int64 {
    rescale(ticks, from: Self.clock, to: Timescale(literal: 1_000_000))
  }

  /// Ranges that have some of a time.
  /// - Parameter end: `nil`: it goes on.
  package func ids(from start: MediaTime, to end: MediaTime?) -> Set<String> {
    let from = start.rescaled(to: Self.clock).value
    let to = end?.rescaled(to: Self.clock).value ?? .max
    return Set(
      ranges.lazy.filter { $0.start < to && ($0.over ?? .max) >= from }.map(\.id))
  }

  // MARK: What goes

  /// Forgets ranges that lie wholly before a time, and the oldest of too many.
  /// - Parameters:
  ///   - time: where what viewers may go back to begins.
  ///   - margin: how long what a message was told beside stays listed behind its arrival.
  /// - Returns: what they are called.
  package mutating func expire(before time: MediaTime, margin: MediaTime) -> Set<String> {
    let horizon = time.rescaled(to: Self.clock).value
    let margin = margin.rescaled(to: Self.clock).value
    var gone = Set(
      ranges.lazy.filter { range in
        let over = range.over ?? (range.start + Self.longest)
        return over <= horizon && range.heard + margin <= horizon
      }.map(\.id))
    if ranges.count - gone.count > Self.maximumCount {
      let surplus = ranges.count - gone.count - Self.maximumCount + Self.surplusCount
      let rest = ranges.filter { !gone.contains($0.id) }
      gone.formUnion(rest.prefix(surplus).map(\.id))
    }
    // Those of no range go by themselves, of too many the oldest.
    let kept = Set(ranges.lazy.map(\.id)).subtracting(gone)
    events.removeAll {
      $0.ranges.isEmpty ? $0.time <= horizon : kept.isDisjoint(with: $0.ranges)
    }
    if events.count > Self.maximumCount { events.removeFirst(Self.surplusCount) }
    guard !gone.isEmpty else { return [] }
    ranges.removeAll { gone.contains($0.id) }
    ids.subtract(gone)
    open = open.filter { !gone.contains($0.value) }
    for content in heard.keys {
      heard[content]?.removeAll { max($0.time, $0.arrival) + Self.repetition < horizon }
    }
    heard = heard.filter { !$0.value.isEmpty }
    heardCount = heard.values.reduce(0) { $0 + $1.count }
    return gone
  }
}
