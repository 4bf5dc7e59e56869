package import CMAF
package import DASH
package import HLS
package import Library
package import MediaCore
package import NIOCore

/// The moving window of one live track: which segments and parts its playlist lists, and which may
/// still be fetched (draft-pantos-hls-rfc8216bis §6.2.2). No clock: media time is the measure.
///
///     var window = LiveWindow(of: track, in: description)
///     try window.take(chunk)
///     window.playlist(reports: [])
package struct LiveWindow: Sendable {
  package let name: String
  package let timescale: Timescale
  /// Seconds.
  package let targetDuration: Int
  /// Microseconds; 0 where segments have no parts.
  package let partTarget: Int64
  let partHoldBack: Int64
  let hasIndependentSegments: Bool
  let names: LiveSegment.Names
  private let segmentTicks: Int64
  private let windowTicks: Int64
  /// How long media stays in memory; `nil`: as long as it may be fetched.
  private let memoryTicks: Int64?

  /// Contiguous numbers: those that are listed, and before them those that may still be fetched.
  package private(set) var segments = CircularBuffer<LiveSegment>()
  /// The number of the first one that the playlist lists.
  package private(set) var firstListed: Int64 = 0
  /// Discontinuities that the playlist has lost.
  package private(set) var discontinuitySequence: Int64
  package private(set) var isEnded = false
  /// Ticks of the complete segments that are listed.
  private var listedTicks: Int64 = 0
  private var firstInMemory: Int64 = 0
  /// Playlists name it.
  package let isInHLS: Bool
  /// What comes next is decoded with it.
  package private(set) var header: LiveHeader
  /// What decodes what comes after a change that is on its way.
  private(set) var following: LiveHeader?
  var closed = ClosedText()
  /// All complete segments, as playlists of I-frames list them; `nil` for a track without pictures.
  private(set) var iFrames: ClosedText?
  private var runs = SegmentRuns()
  /// Where its date ranges stand.
  var ranges = LiveRanges()
  /// Date ranges that the playlist has lost lately, and where it ended then.
  private(set) var removedRanges: [(id: String, time: Int64)] = []

  /// - Parameters:
  ///   - memory: how long media stays in memory where older media lies elsewhere, at least six target
  ///     durations.
  ///   - discontinuitySequence: where the stream goes on after a stop.
  package init(
    of track: LiveTitleDescription.Track, in description: LiveTitleDescription,
    timescale: Timescale, memory: MediaTime? = nil, discontinuitySequence: Int64 = 0
  ) {
    name = track.name
    self.timescale = timescale
    targetDuration = description.targetDuration
    let microsecond = Timescale(literal: 1_000_000)
    partTarget = track.partTarget.rescaled(to: microsecond).value
    // Of the longest in any playlist: SERVER-CONTROL is the same in all (§6.2.4).
    partHoldBack =
      3 * (description.tracks.map { $0.partTarget.rescaled(to: microsecond).value }.max() ?? 0)
    hasIndependentSegments = track.hasIndependentSegments
    isInHLS = !track.isFragmentedText
    names = LiveSegment.Names(
      track: track.name, timescale: timescale, isWebVTT: track.isWebVTT)
    segmentTicks = description.segmentDuration.rescaled(to: timescale).value
    let target = Int64(description.targetDuration) * Int64(timescale.ticksPerSecond)
    // "A server MUST NOT remove a Media Segment … if that would produce a Playlist whose duration is
    // less than three times the Target Duration" (§6.2.2).
    windowTicks = max(description.window.rescaled(to: timescale).value, 3 * target)
    memoryTicks = memory.map { max($0.rescaled(to: timescale).value, 6 * target) }
    header = track.header
    iFrames = track.frameRate != nil ? ClosedText() : nil
    self.discontinuitySequence = discontinuitySequence
  }

  /// A window on segments that lie elsewhere and have no parts.
  ///
  /// - Parameters:
  ///   - initialization: what decodes all of them; `nil` where they say it themselves.
  ///   - window: how far back the playlist reaches.
  package init(
    listing name: String, timescale: Timescale, targetDuration: Int,
    initialization: MediaInitialization?, hasIndependentSegments: Bool, window: MediaTime
  ) {
    self.name = name
    self.timescale = timescale
    self.targetDuration = targetDuration
    partTarget = 0
    partHoldBack = 0
    self.hasIndependentSegments = hasIndependentSegments
    isInHLS = true
    names = LiveSegment.Names(
      track: name, timescale: timescale, initialization: initialization)
    let target = Int64(targetDuration) * Int64(timescale.ticksPerSecond)
    segmentTicks = target
    windowTicks = max(window.rescaled(to: timescale).value, 3 * target)
    memoryTicks = nil
    header = LiveHeader(version: "", bytes: ByteBuffer())
    discontinuitySequence = 0
  }

  // MARK: What comes

  /// Takes the next segment, of a window that lists what lies elsewhere. The first has number 1: hls.js
  /// holds no reload of a playlist that ends with number 0.
  /// - Throws: `LiveError`; then the window is as before.
  package mutating func take(_ listed: ListedSegment) throws(LiveError) {
    guard !isEnded else { throw LiveError(.notExpected, "\(name) has been ended") }
    let number = segments.last.map { $0.number + 1 } ?? 1
    // "… rounded to the nearest integer … MUST be less than or equal to the Target Duration" (§4.4.4.1).
    guard (listed.microseconds + 500_000) / 1_000_000 <= targetDuration else {
      throw LiveError(
        .tooLong,
        "\(name): segment \(number) is longer than the target duration of \(targetDuration) s")
    }
    if segments.isEmpty { (firstListed, firstInMemory) = (number, number) }
    segments.append(LiveSegment(listed, number: number, header: header))
    for range in listed.segment.dateRanges {
      ranges.place(.init(id: range.id, text: range.render()), at: number, stays: false)
    }
    completed()
  }

  /// Takes the next chunk. Segments that nothing came of are gaps.
  /// - Throws: `LiveError`; then the window is as before.
  package mutating func take(_ chunk: LiveChunk) throws(LiveError) {
    guard !isEnded else { throw LiveError(.notExpected, "\(name) has been ended") }
    guard names.microseconds(chunk.duration) <= partTarget else {
      throw LiveError(
        .tooLong,
        "\(name): part \(chunk.segment).\(chunk.part) is longer than the part target of "
          + "\(partTarget) µs")
    }
    if let last = segments.last, chunk.segment == last.number {
      guard !last.isComplete, chunk.part == last.partCount,
        chunk.header.version == last.header.version
      else { throw notNext(chunk) }
      segments[segments.index(before: segments.endIndex)].append(chunk, names: names)
    } else {
      guard chunk.segment > (segments.last?.number ?? 0), chunk.part == 0 else {
        throw notNext(chunk)
      }
      begin(chunk)
    }
    if !chunk.isGap || chunk.following != nil { following = chunk.following }
    if chunk.endsSegment { complete() } else { trimParts() }
  }

  private func notNext(_ chunk: LiveChunk) -> LiveError {
    LiveError(
      .order, "\(name): part \(chunk.segment).\(chunk.part) is not the next one")
  }

  private mutating func begin(_ chunk: LiveChunk) {
    if let last = segments.last, !last.isComplete {
      // A packager that was killed in the middle of it.
      if chunk.startsDiscontinuity, chunk.time > last.end {
        segments[segments.index(before: segments.endIndex)].cutOff(
          until: min(chunk.time, last.start + segmentTicks))
      }
      complete()
    }
    if let last = segments.last {
      fillGap(from: last, to: chunk)
    } else {
      firstListed = chunk.segment
      firstInMemory = chunk.segment
    }
    let changesHeader = chunk.header.version != header.version
    header = chunk.header
    segments.append(
      LiveSegment(
        chunk, startsDiscontinuity: chunk.startsDiscontinuity || (changesHeader && edge != nil),
        changesHeader: changesHeader || chunk.startsDiscontinuity,
        leading: ranges.begin(chunk.segment), names: names))
  }

  /// Lists a date range at the playlist's end.
  /// - Parameter segment: at which it stood before the packager began anew.
  package mutating func add(_ tag: LiveSplices.Tag, at segment: Int64? = nil) {
    if let last = segments.last, !last.isComplete, segment ?? last.number <= last.number {
      segments[segments.index(before: segments.endIndex)].add(tag)
      ranges.place(tag, at: last.number)
    } else {
      ranges.wait(tag, for: segment ?? 0)
    }
  }

  /// The number of the segment at which a date range would stand.
  package var nextRange: Int64 {
    segments.last.map { $0.isComplete ? $0.number + 1 : $0.number } ?? 0
  }

  /// Date ranges are over.
  /// - Returns: whether text that had closed is another now.
  package mutating func remove(_ ids: Set<String>) -> Bool {
    let touched = ranges.remove(ids)
    removedRanges += ids.sorted().map { ($0, end) }
    guard !touched.isEmpty else { return false }
    for number in touched where segment(number) != nil {
      segments[offset: offset(number)].remove(ids)
    }
    let ends = (closed.end ?? firstListed, iFrames?.end ?? firstListed)
    closed = ClosedText()
    iFrames = iFrames.map { _ in ClosedText() }
    for segment in segments where segment.number >= firstListed {
      if segment.number < ends.0 { closed.append(segment.number, segment.text) }
      if segment.number < ends.1 {
        iFrames?.append(segment.number, segment.text(.iFrames, names: names))
      }
    }
    return true
  }

  /// Numbers are contiguous in a playlist, which only counts them.
  private mutating func fillGap(from last: LiveSegment, to chunk: LiveChunk) {
    let count = chunk.segment - last.number - 1
    guard count > 0 else { return }
    // What would be removed at once is not worth a segment each.
    let kept = min(count, windowTicks / max(1, segmentTicks) + 1)
    let total = max(0, chunk.time - last.end)
    if kept < count { restart(at: chunk.segment - kept) }
    for index in (count - kept)..<count {
      let (from, to) = (total * index / count, total * (index + 1) / count)
      segments.append(
        LiveSegment(
          gap: last.number + 1 + index, start: last.end + from, duration: to - from,
          header: last.header, leading: ranges.begin(last.number + 1 + index), names: names))
      completed()
    }
  }

  /// Nothing before `number` is listed or fetchable.
  private mutating func restart(at number: Int64) {
    discontinuitySequence += Int64(
      segments.count { $0.number >= firstListed && $0.startsDiscontinuity })
    segments.removeAll()
    closed = ClosedText()
    iFrames = iFrames.map { _ in ClosedText() }
    runs.removeAll()
    ranges.restart()
    listedTicks = 0
    firstListed = number
    firstInMemory = number
  }

  private mutating func complete() {
    segments[segments.index(before: segments.endIndex)].complete(names: names)
    completed()
  }

  /// The last segment is complete: the playlist may lose its first ones.
  private mutating func completed() {
    guard let last = segments.last else { return }
    listedTicks += last.duration
    runs.append(last)
    iFrames?.append(last.number, last.text(.iFrames, names: names))
    trimParts()
    while let first = segment(firstListed), first.isComplete, first.number < last.number,
      listedTicks - first.duration >= windowTicks
    {
      listedTicks -= first.duration
      if first.startsDiscontinuity { discontinuitySequence += 1 }
      closed.removeFirst(firstListed, first.text)
      iFrames?.removeFirst(firstListed, first.text(.iFrames, names: names))
      firstListed += 1
    }
    removedRanges += ranges.drop(before: firstListed).map { ($0, end) }
    // Who comes back with a playlist of before the skip boundary asks for all of it: what went earlier is known.
    let oldest = end - Self.skipTargets * targetTicks
    removedRanges.removeAll { $0.time < oldest }
    forget()
  }

  /// Moves text of segments that no longer show their parts to where it stays: "remove EXT-X-PART tags
  /// … greater than three Target Durations from the end" (§6.2.2).
  private mutating func trimParts() {
    let horizon = end - 3 * targetTicks
    while let segment = segment(closed.end ?? firstListed), segment.isComplete,
      segment.end <= horizon
    {
      closed.append(segment.number, segment.text)
    }
  }

  /// Lets go of what may no longer be fetched: "… for a period of time equal to the duration of the
  /// segment plus the duration of the longest Playlist … containing that segment" (§6.2.2).
  private mutating func forget() {
    while let first = segments.first, first.number < firstListed,
      end - first.end > listedTicks + windowTicks + first.duration
    {
      segments.removeFirst()
    }
    runs.removeAll(before: segments.first?.number ?? 0)
    guard let memoryTicks else { return }
    while let segment = segment(firstInMemory), segment.isComplete,
      end - segment.end > memoryTicks
    {
      segments[offset: offset(firstInMemory)].dropMedia()
      firstInMemory += 1
    }
  }

  /// No chunk follows.
  package mutating func finish() {
    if segments.last?.isComplete == false { complete() }
    isEnded = true
  }

  // MARK: Where it stands

  var targetTicks: Int64 { Int64(targetDuration) * Int64(timescale.ticksPerSecond) }

  /// Ticks since 1970, of all that is listed.
  var end: Int64 { segments.last?.end ?? 0 }

  /// When what is listed begins; `nil` while there is nothing.
  package var startTime: MediaTime? { segment(firstListed).map { MediaTime($0.start, timescale) } }

  /// The same as a time; `nil` while there is nothing.
  package var endTime: MediaTime? { segments.last.map { MediaTime($0.end, timescale) } }

  private func offset(_ number: Int64) -> Int {
    guard let first = segments.first else { return 0 }
    return Int(clamping: number - first.number)
  }

  /// A segment that is listed or may still be fetched.
  package func segment(_ number: Int64) -> LiveSegment? {
    guard let first = segments.first, number >= first.number,
      number - first.number < segments.count
    else { return nil }
    return segments[offset: offset(number)]
  }

  /// When complete segments begin and how long they last.
  package func timeline(
    of numbers: ClosedRange<Int64>
  ) -> (first: Int64, timeline: SegmentTimeline)? {
    runs.timeline(of: numbers)
  }

  /// Number of the last complete segment.
  package var lastComplete: Int64? {
    guard let last = segments.last else { return nil }
    if last.isComplete { return last.number }
    return segments.count > 1 ? last.number - 1 : nil
  }

  /// The last part; `nil` while there is none.
  package var edge: ReloadDirectives.Position? {
    guard let last = segments.last else { return nil }
    let part = last.partCount > 0 ? last.partCount - 1 : nil
    return ReloadDirectives.Position(segment: last.number, part: part)
  }

  /// The part that is expected next; `nil` if none is, or nobody knows which.
  package var next: (segment: Int64, part: Int)? {
    guard let last = segments.last, !isEnded else { return nil }
    return last.isComplete ? (last.number + 1, 0) : (last.number, last.partCount)
  }
}
