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
  /// What the playlist says of it: with its parts, and once it is complete without them.
  package private(set) var textWithParts = ""
  package private(set) var text = ""

  /// What a playlist calls media and how it rounds times.
  struct Names {
    var track: String
    var timescale: Timescale

    func header(_ version: String) -> MediaInitialization {
      MediaInitialization(uri: "\(track)/\(version)/init.mp4")
    }

    func part(_ number: Int64, _ index: Int, _ version: String) -> String {
      "\(track)/\(version)/\(number).\(index).m4s"
    }

    func segment(_ number: Int64, _ version: String) -> String {
      "\(track)/\(version)/\(number).m4s"
    }

    /// To the nearest one.
    func microseconds(_ ticks: Int64) -> Int64 {
      rescale(ticks, from: timescale, to: Timescale(literal: 1_000_000))
    }

    func date(_ ticks: Int64) -> ProgramDateTime {
      ProgramDateTime(
        millisecondsSince1970: rescale(ticks, from: timescale, to: Timescale(literal: 1000)))
    }
  }

  init(_ chunk: LiveChunk, startsDiscontinuity: Bool, changesHeader: Bool, names: Names) {
    number = chunk.segment
    header = chunk.header
    start = chunk.time
    self.startsDiscontinuity = startsDiscontinuity
    self.changesHeader = changesHeader
    let head = UnfinishedSegment(
      initialization: changesHeader ? names.header(header.version) : nil,
      hasDiscontinuity: startsDiscontinuity, programDateTime: names.date(start))
    textWithParts = head.render(after: nil)
    text = textWithParts
    append(chunk, names: names)
  }

  /// A segment that nothing came of.
  init(gap number: Int64, start: Int64, duration: Int64, header: LiveHeader, names: Names) {
    self.number = number
    self.header = header
    self.start = start
    self.duration = duration
    startsDiscontinuity = false
    changesHeader = false
    isGap = true
    text = UnfinishedSegment(programDateTime: names.date(start)).render(after: nil)
    complete(names: names)
  }

  package var end: Int64 { start + duration }

  mutating func append(_ chunk: LiveChunk, names: Names) {
    let part = PartialSegment(
      uri: names.part(number, partCount, header.version),
      duration: names.microseconds(chunk.duration), isIndependent: chunk.isIndependent,
      isGap: chunk.isGap)
    textWithParts += part.render()
    parts.append(
      Part(
        duration: chunk.duration, isIndependent: chunk.isIndependent, isGap: chunk.isGap,
        bytes: chunk.bytes))
    partCount += 1
    duration += chunk.duration
    byteCount += chunk.bytes.readableBytes
    if chunk.isGap { isGap = true }
  }

  /// No part follows.
  mutating func complete(names: Names) {
    isComplete = true
    // "If a Media Segment contains a GAP part, it MUST have an EXT-X-GAP tag" (§4.4.4.9). EXTINF is
    // the difference of rounded positions, so that nothing adds up.
    let segment = MediaSegment(
      duration: MediaTime(duration, names.timescale),
      uri: names.segment(number, header.version), isGap: isGap)
    let line = segment.render(
      microseconds: names.microseconds(end) - names.microseconds(start), after: nil)
    text += line
    textWithParts += line
    guard !isGap else {
      bytes = ByteBuffer()
      return
    }
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

  /// Lets go of the media.
  mutating func dropMedia() {
    parts = []
    bytes = nil
    textWithParts = ""
  }
}
