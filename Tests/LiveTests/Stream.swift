import CMAF
import HLS
import Library
import Live
import MediaCore
import NIOCore

/// A live track of 25 pictures a second: parts of a fifth of a second, segments of two seconds.
struct Stream {
  static let timescale = Timescale(literal: 90_000)
  static let partTicks: Int64 = 18_000
  static let first: Int64 = 890_000_000
  static let header = LiveHeader(version: "a1", bytes: ByteBuffer(string: "header"))

  var window: LiveWindow
  var header = Self.header
  private var number = Self.first
  private var part = 0
  private var time = Self.first * 2 * 90_000

  static func description(dvr seconds: Int64, part: Int64 = partTicks, frameRate: Rational? = nil)
    -> LiveTitleDescription
  {
    LiveTitleDescription(
      name: "tv",
      tracks: [
        LiveTitleDescription.Track(
          name: "v", language: "und", label: "", roles: [], isDefault: true, frameRate: frameRate,
          header: header, partTarget: MediaTime(part, timescale), peakBitrate: 1,
          averageBitrate: 1)
      ],
      segmentDuration: MediaTime(180_000, timescale), targetDuration: 2,
      window: MediaTime(seconds, Timescale(literal: 1)))
  }

  /// - Parameters:
  ///   - part: ticks of one, at most.
  ///   - frameRate: of pictures.
  init(
    dvr seconds: Int64 = 20, memory: MediaTime? = nil, part: Int64 = partTicks,
    frameRate: Rational? = nil
  ) {
    let description = Self.description(dvr: seconds, part: part, frameRate: frameRate)
    window = LiveWindow(
      of: description.tracks[0], in: description, timescale: Self.timescale, memory: memory)
  }

  /// The next parts, ten of which are a segment.
  mutating func parts(
    _ count: Int, lasting ticks: Int64 = Self.partTicks, discontinuity: Bool = false,
    gap: Bool = false, before following: LiveHeader? = nil
  ) throws {
    for index in 0..<count {
      var chunk = LiveChunk(
        header: header, segment: number, part: part, time: time, duration: ticks,
        isIndependent: part == 0, endsSegment: part == 9,
        startsDiscontinuity: discontinuity && index == 0, isGap: gap, producedAt: 0,
        bytes: gap ? ByteBuffer() : ByteBuffer(string: "\(number).\(part);"))
      chunk.following = following
      try window.take(chunk)
      time += ticks
      part += 1
      if part == 10 { (number, part) = (number + 1, 0) }
    }
  }

  mutating func segments(_ count: Int) throws { try parts(count * 10) }

  /// A segment in one part: a key frame of 100 bytes and another picture.
  mutating func pictures(lasting ticks: Int64 = partTicks) throws {
    let fragment = Fragment(
      sequenceNumber: 1, baseMediaDecodeTime: UInt64(time), durations: [9000, 9000],
      compositionOffsets: [0, 0], sizes: [100, 50], flags: [0x0200_0000, 0x0101_0000],
      isRolling: false)
    var bytes = ByteBuffer()
    fragment.writeHeaders(into: &bytes)
    bytes.writeRepeatingByte(1, count: 150)
    try window.take(
      LiveChunk(
        header: header, segment: number, part: 0, time: time, duration: ticks,
        isIndependent: true, endsSegment: true, producedAt: 0, bytes: bytes))
    (number, time) = (number + 1, time + ticks)
  }

  /// Nothing comes for some segments.
  mutating func outage(segments count: Int64) {
    number += count
    time += count * 180_000
  }

  /// The packager dies, and another begins with the next segment.
  mutating func crash() {
    time += Int64(10 - part) * Self.partTicks
    (number, part) = (number + 1, 0)
  }

  /// The rest of the present segment does not come.
  mutating func cutShort() throws {
    try window.take(
      LiveChunk(
        header: header, segment: number, part: part, time: time, duration: Self.partTicks / 2,
        isIndependent: false, endsSegment: true, producedAt: 0, bytes: ByteBuffer(string: "short;"))
    )
    time += Self.partTicks / 2
    (number, part) = (number + 1, 0)
  }

  var text: String { text(.parts) }

  func text(_ form: LivePlaylist.Form) -> String {
    String(buffer: window.playlist(form, reports: []).bytes)
  }

  func playlist(_ form: LivePlaylist.Form = .parts) throws -> MediaPlaylist {
    try MediaPlaylist(parsing: text(form))
  }

  func delta() throws -> MediaPlaylist? {
    try window.delta(reports: []).map { try MediaPlaylist(parsing: String(buffer: $0.bytes)) }
  }
}
