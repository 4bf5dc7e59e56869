package import CMAF
import HLS
import MediaCore
package import NIOCore

/// A segment of a live track, as far as it has come.
package struct LiveSegment: Sendable {
  package struct Part: Sendable {
    /// Ticks of the track.
    package var duration: Int64
    package var isIndependent: Bool
    package var isGap: Bool
    package var bytes: ByteBuffer
  }

  package let number: Int64
  package let header: LiveHeader
  /// Ticks since 1970.
  package let start: Int64
  package let startsDiscontinuity: Bool
  /// Its text says what decodes it.
  package let changesHeader: Bool
  package private(set) var duration: Int64 = 0
  /// None once the media is no longer in memory.
  package private(set) var parts: [Part] = []
  package private(set) var partCount = 0
  /// Some of it is not there.
  package private(set) var isGap = false
  package private(set) var isComplete = false
  /// All of its bytes, once it is complete and as long as they are in memory.
  package private(set) var bytes: ByteBuffer?
  package private(set) var byteCount = 0
  /// Where its first sample ends, which is an I-frame; `nil` if it begins with none, or nobody knows.
  package private(set) var iFrameEnd: Int64?
  /// What the playlist says of it before its parts, of the parts, and once it is complete.
  private var head = ""
  private var partLines = ""
  private var line = ""
  /// Date ranges that stand before it, and those that came while it was made, each behind so many parts.
  private var leading: [LiveSplices.Tag] = []
  private var inner: [(parts: Int, tag: LiveSplices.Tag)] = []

  /// What a playlist calls media and how it rounds times.
  struct Names {
    var track: String
    var timescale: Timescale
    /// Of segments that lie elsewhere.
    var initialization: MediaInitialization?
    /// Segments are WebVTT files.
    var isWebVTT = false

    /// - Parameter version: empty where segments say themselves what decodes them, as WebVTT does.
    func header(_ version: String) -> MediaInitialization? {
      if let initialization { return initialization }
      return version.isEmpty || isWebVTT
        ? nil : MediaInitialization(uri: "\(track)/\(version)/init.mp4")
    }

    func part(_ number: Int64, _ index: Int, _ version: String) -> String {
      "\(track)/\(version)/\(number).\(index).\(fileExtension)"
    }

    func segment(_ number: Int64, _ version: String) -> String {
      "\(track)/\(version)/\(number).\(fileExtension)"
    }

    private var fileExtension: String { isWebVTT ? "vtt" : "m4s" }

    /// To the nearest one.
    func microseconds(_ ticks: Int64) -> Int64 {
      rescale(ticks, from: timescale, to: Timescale(literal: 1_000_000))
    }

    func date(_ ticks: Int64) -> ProgramDateTime {
      ProgramDateTime(
        millisecondsSince1970: rescale(ticks, from: timescale, to: Timescale(literal: 1000)))
    }
  }

  /// - Parameter leading: date ranges that stand before it.
  init(
    _ chunk: LiveChunk, startsDiscontinuity: Bool, changesHeader: Bool,
    leading: [LiveSplices.Tag] = [], names: Names
  ) {
    self.leading = leading
    number = chunk.segment
    header = chunk.header
    start = chunk.time
    self.startsDiscontinuity = startsDiscontinuity
    self.changesHeader = changesHeader
    head = UnfinishedSegment(
      initialization: changesHeader ? names.header(header.version) : nil,
      hasDiscontinuity: startsDiscontinuity, programDateTime: names.date(start)
    ).render(after: nil)
    iFrameEnd = chunk.isIndependent ? chunk.firstSampleEnd : nil
    append(chunk, names: names)
  }

  /// A segment that nothing came of.
  init(
    gap number: Int64, start: Int64, duration: Int64, header: LiveHeader,
    leading: [LiveSplices.Tag] = [], names: Names
  ) {
    self.leading = leading
    self.number = number
    self.header = header
    self.start = start
    self.duration = duration
    startsDiscontinuity = false
    changesHeader = false
    isGap = true
    head = UnfinishedSegment(programDateTime: names.date(start)).render(after: nil)
    complete(names: names)
  }

  /// A segment whose media lies elsewhere.
  init(_ listed: ListedSegment, number: Int64, header: LiveHeader) {
    self.number = number
    self.header = header
    start = listed.start
    duration = listed.duration
    startsDiscontinuity = listed.segment.hasDiscontinuity
    changesHeader = false
    isComplete = true
    line = listed.text
  }

  package var end: Int64 { start + duration }

  mutating func append(_ chunk: LiveChunk, names: Names) {
    let part = PartialSegment(
      uri: names.part(number, partCount, header.version),
      duration: names.microseconds(chunk.duration), isIndependent: chunk.isIndependent,
      isGap: chunk.isGap)
    partLines += part.render()
    parts.append(
      Part(
        duration: chunk.duration, isIndependent: chunk.isIndependent, isGap: chunk.isGap,
        bytes: chunk.bytes))
    partCount += 1
    duration += chunk.duration
    byteCount += chunk.bytes.readableBytes
    if chunk.isGap { isGap = true }
  }

  /// A date range comes while it is made.
  mutating func add(_ tag: LiveSplices.Tag) {
    inner.append((partCount, tag))
    partLines += tag.text
  }

  /// Leaves out date ranges; it shows no parts any more.
  mutating func remove(_ ids: Set<String>) {
    leading.removeAll { ids.contains($0.id) }
    for (_, tag) in inner where ids.contains(tag.id) { partLines.replace(tag.text, with: "") }
    inner.removeAll { ids.contains($0.tag.id) }
  }

  /// No part follows.
  mutating func complete(names: Names) {
    isComplete = true
    // "If a Media Segment contains a GAP part, it MUST have an EXT-X-GAP tag" (§4.4.4.9). EXTINF is
    // the difference of rounded positions, so that nothing adds up.
    let segment = MediaSegment(
      duration: MediaTime(duration, names.timescale),
      uri: names.segment(number, header.version), isGap: isGap)
    line = segment.render(
      microseconds: names.microseconds(end) - names.microseconds(start), after: nil)
    guard !isGap else {
      bytes = ByteBuffer()
      return
    }
    // What a run before has left may lie elsewhere.
    guard parts.allSatisfy({ $0.isGap || $0.bytes.readableBytes > 0 }) else { return dropMedia() }
    // One run of bytes, of which the parts are slices.
    var whole = ByteBuffer()
    whole.reserveCapacity(byteCount)
    for part in parts { whole.writeImmutableBuffer(part.bytes) }
    var offset = 0
    for index in parts.indices {
      let count = parts[index].bytes.readableBytes
      parts[index].bytes = whole.getSlice(at: offset, length: count) ?? ByteBuffer()
      offset += count
    }
    bytes = whole
  }

  /// What is left of it will not come: no name may have some of its bytes here and all of them at a twin.
  ///
  /// - Parameter end: of the segment, in ticks since 1970.
  mutating func cutOff(until end: Int64) {
    isGap = true
    duration = max(duration, end - start)
  }

  /// Lets go of the media.
  mutating func dropMedia() {
    parts = []
    bytes = nil
    partLines = ""
  }

  // MARK: What playlists say of it

  /// Without its parts.
  package var text: String { lead + head + innerText + line }

  private var lead: String { leading.isEmpty ? "" : leading.map(\.text).joined() }
  private var innerText: String { inner.isEmpty ? "" : inner.map(\.tag.text).joined() }

  func text(_ form: LivePlaylist.Form, names: Names) -> String {
    switch form {
    // Its parts may be gone, and their lines with them.
    case .parts: lead + head + (parts.isEmpty ? innerText : partLines) + line
    case .ranges: lead + head + ranges(names) + line
    // Until it is whole it is not listed, and date ranges are all that there is.
    case .iFrames: lead + innerText + (isComplete ? iFrameText(names) : "")
    }
  }

  /// Its parts, as bytes of the segment.
  private func ranges(_ names: Names) -> String {
    guard !parts.isEmpty else { return innerText }
    var text = ""
    var offset: Int64 = 0
    for (index, part) in parts.enumerated() {
      for (_, tag) in inner.lazy.filter({ $0.parts == index }) { text += tag.text }
      let range = ByteRange(offset: offset, count: Int64(part.bytes.readableBytes))
      text += PartialSegment(
        uri: names.segment(number, header.version), duration: names.microseconds(part.duration),
        isIndependent: part.isIndependent, byteRange: part.isGap ? nil : range,
        isGap: part.isGap
      ).render()
      offset = range.end
    }
    for (_, tag) in inner.lazy.filter({ $0.parts == parts.count }) { text += tag.text }
    return text
  }

  /// Its first picture, which is shown until the next segment's.
  private func iFrameText(_ names: Names) -> String {
    let segment = MediaSegment(
      duration: MediaTime(duration, names.timescale), uri: names.segment(number, header.version),
      byteRange: isGap ? nil : iFrameEnd.map { ByteRange(offset: 0, count: $0) },
      isGap: isGap || iFrameEnd == nil)
    return head
      + segment.render(
        microseconds: names.microseconds(end) - names.microseconds(start), after: nil)
  }
}
