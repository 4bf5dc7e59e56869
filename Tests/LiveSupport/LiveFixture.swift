package import CMAF
import ISOBMFF
package import Library
import MediaCore
package import NIOCore

/// A live title of recognisable bytes: pictures at 25 a second and sound, in parts of a fifth of a second
/// and segments of two seconds.
///
///     var fixture = LiveFixture()
///     for (track, chunk) in fixture.next() { try title.publish(chunk, track: track) }
package struct LiveFixture {
  package static let partsPerSegment = 10
  package static let video = "video-36p"
  package static let audio = "audio-en"
  /// The number of the first segment.
  package static let first: Int64 = 890_000_000

  package var description: LiveTitleDescription
  /// Of what comes next.
  package var segment = Self.first
  package var part = 0
  package var startsDiscontinuity = false
  /// Of the pictures that come next; another one needs a discontinuity.
  package var videoHeader: LiveHeader?
  /// Bytes of each part, at least.
  private let partByteCount: Int

  package init(
    name: String = "tv", window: Int64 = 60, partByteCount: Int = 64, audioCount: Int = 1
  ) {
    self.partByteCount = partByteCount
    let videoScale = Timescale(literal: 25_000)
    let audioScale = Timescale(literal: 48_000)
    var tracks = [
      LiveTitleDescription.Track(
        name: Self.video, language: "und", label: "", roles: ["main"], isDefault: true,
        frameRate: Rational(25, 1), header: Self.videoHeader(),
        partTarget: MediaTime(5000, videoScale), peakBitrate: 3_000_000,
        averageBitrate: 2_000_000)
    ]
    for index in 0..<audioCount {
      tracks.append(
        LiveTitleDescription.Track(
          name: index == 0 ? Self.audio : "audio-\(index)", language: "en", label: "English",
          roles: ["main"], isDefault: index == 0, frameRate: nil, header: Self.audioHeader,
          partTarget: MediaTime(9600, audioScale), peakBitrate: 130_000, averageBitrate: 128_000))
    }
    description = LiveTitleDescription(
      name: name, tracks: tracks, segmentDuration: MediaTime(50_000, videoScale),
      targetDuration: 2, window: MediaTime(window, Timescale(literal: 1)))
  }

  /// The next part of each track.
  package mutating func next() -> [(track: String, chunk: LiveChunk)] {
    defer {
      part += 1
      startsDiscontinuity = false
      if part == Self.partsPerSegment { (segment, part) = (segment + 1, 0) }
    }
    return description.tracks.map { track in
      let ticks = track.partTarget.value
      let chunk = LiveChunk(
        header: track.name == Self.video ? videoHeader ?? track.header : track.header,
        segment: segment, part: part,
        time: (segment * Int64(Self.partsPerSegment) + Int64(part)) * ticks, duration: ticks,
        isIndependent: part == 0 || track.name != Self.video,
        endsSegment: part == Self.partsPerSegment - 1, startsDiscontinuity: startsDiscontinuity,
        producedAt: 0, bytes: bytes(of: track.name))
      return (track.name, chunk)
    }
  }

  /// `<video-36p 890000000.3>` and full stops.
  package func bytes(of track: String, _ place: (segment: Int64, part: Int)? = nil) -> ByteBuffer {
    let (segment, part) = place ?? (self.segment, self.part)
    let text = "<\(track) \(segment).\(part)>"
    let rest = max(0, partByteCount - text.utf8.count)
    var bytes = ByteBuffer(string: text)
    bytes.writeRepeatingByte(UInt8(ascii: "."), count: rest)
    return bytes
  }

  private static let avcC: [UInt8] = [
    1, 0x64, 0, 0x1f, 0xff, 0xe1, 0, 25, 0x67, 0x64, 0x00, 0x1f, 0xac, 0xd9, 0x40, 0x50, 0x05, 0xbb,
    0x01, 0x6c, 0x80, 0x00, 0x00, 0x03, 0x00, 0x80, 0x00, 0x00, 0x1e, 0x07, 0x8c, 0x18, 0xcb, 1, 0,
    6, 0x68, 0xeb, 0xe3, 0xcb, 0x22, 0xc0,
  ]
  private static let esds: [UInt8] = [
    0, 0, 0, 0, 3, 25, 0, 1, 0, 4, 17, 0x40, 0x15, 0, 0, 0, 0, 2, 0, 0, 0, 1, 0xf4, 0, 5, 2, 0x11,
    0x90, 6, 1, 2,
  ]

  /// H.264 of 16:9.
  ///
  /// - Parameter level: ten times that of the coding.
  package static func videoHeader(
    version: String = "a1b2c3d4e5", height: UInt16 = 36, level: UInt8 = 31
  ) -> LiveHeader {
    var configuration = avcC
    (configuration[3], configuration[11]) = (level, level)
    let width = height / 9 * 16
    return LiveHeader(
      version: version,
      bytes: CMAFHeader(
        timescale: Timescale(literal: 25_000), language: "und",
        entry: .video(
          VisualSampleEntry(
            type: "avc1", width: width, height: height, configurationType: "avcC",
            configuration: ByteBuffer(bytes: configuration), colour: nil, pixelAspectRatio: nil)),
        displayWidth: Int(width), displayHeight: Int(height), hasNonSyncSamples: true
      ).bytes)
  }

  static let audioHeader = LiveHeader(
    version: "f6a7b8c9d0",
    bytes: CMAFHeader(
      timescale: Timescale(literal: 48_000), language: "eng",
      entry: .audio(
        AudioSampleEntry(
          type: "mp4a", channelCount: 2, sampleRate: 48_000, configurationType: "esds",
          configuration: ByteBuffer(bytes: esds))),
      hasNonSyncSamples: false
    ).bytes)
}
