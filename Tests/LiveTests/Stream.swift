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

  static func description(dvr seconds: Int64) -> LiveTitleDescription {
    LiveTitleDescription(
      name: "tv",
      tracks: [
        LiveTitleDescription.Track(
          name: "v", language: "und", label: "", roles: [], isDefault: true, frameRate: nil,
          header: header, partTarget: MediaTime(partTicks, timescale), peakBitrate: 1,
          averageBitrate: 1)
      ],
      segmentDuration: MediaTime(180_000, timescale), targetDuration: 2,
      window: MediaTime(seconds, Timescale(literal: 1)))
  }

  init(dvr seconds: Int64 = 20, memory: MediaTime? = nil) {
    let description = Self.description(dvr: seconds)
    window = LiveWindow(
      of: description.tracks[0], in: description, timescale: Self.timescale, memory: memory)
  }

  /// The next parts, ten of which are a segment.
  mutating func parts(
    _ count: Int, lasting ticks: Int64 = Self.partTicks, discontinuity: Bool = false,
    gap: Bool = false
  ) throws {
    for index in 0..<count {
      let chunk = LiveChunk(
        header: header, segment: number, part: part, time: time, duration: ticks,
        isIndependent: part == 0, endsSegment: part == 9,
        startsDiscontinuity: discontinuity && index == 0, isGap: gap, producedAt: 0,
        bytes: gap ? ByteBuffer() : ByteBuffer(string: "\(number).\(part);"))
      try window.take(chunk)
      time += ticks
      part += 1
      if part == 10 { (number, part) = (number + 1, 0) }
    }
  }

  mutating func segments(_ count: Int) throws { try parts(count * 10) }

  /// Nothing comes for some segments.
  mutating func outage(segments count: Int64) {
    number += count
    time += count * 180_000
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

  var text: String { String(buffer: window.playlist(reports: []).bytes) }

  func playlist() throws -> MediaPlaylist { try MediaPlaylist(parsing: text) }

  func delta() throws -> MediaPlaylist? {
    try window.delta(reports: []).map { try MediaPlaylist(parsing: String(buffer: $0.bytes)) }
  }
}
