import CMAF
package import ISOBMFF
package import MediaCore
package import NIOCore

/// A track as an encoder sends it: a CMAF header, then fragments of any number of frames.
///
///     let video = EncodedTrack.video(start: now)
///     video.header
///     video.fragment(0..<5)  // a fifth of a second
package struct EncodedTrack: Sendable {
  package let header: ByteBuffer
  package let timescale: Timescale
  /// Ticks.
  package let frame: Int64
  /// Decode time of the first frame, ticks.
  package var start: Int64
  /// Frames from one sync sample to the next.
  package let group: Int
  /// Tells the bytes of one encoder from another's.
  package var seed: UInt8 = 0
  /// `lmsg` or `slat` of each fragment's `styp`; without it there is none.
  package var brand: FourCC?
  /// When the frame of index 0 was captured, nanoseconds since 1970; without it there is no `prft`.
  package var captured: Int64?

  private static let nanoseconds = Timescale(literal: 1_000_000_000)

  /// 25 pictures in a second, of which each 25th is a key frame.
  /// - Parameter start: nanoseconds.
  package static func video(start: Int64) -> EncodedTrack {
    EncodedTrack(
      LiveFixture.videoHeader().bytes, Timescale(literal: 25_000), frame: 1000, start: start,
      group: 25)
  }

  /// Frames of AAC, 48,000 samples in a second.
  package static func audio(start: Int64) -> EncodedTrack {
    EncodedTrack(
      LiveFixture.audioHeader.bytes, Timescale(literal: 48_000), frame: 1024, start: start, group: 1
    )
  }

  private init(
    _ header: ByteBuffer, _ timescale: Timescale, frame: Int64, start: Int64, group: Int
  ) {
    self.header = header
    self.timescale = timescale
    self.frame = frame
    self.start = rescale(start, from: Self.nanoseconds, to: timescale)
    self.group = group
  }

  /// The frames that begin in so many seconds.
  package func frames(_ seconds: Range<Double>) -> Range<Int> {
    let rate = Double(timescale.ticksPerSecond) / Double(frame)
    return Int(
      (seconds.lowerBound * rate).rounded(.up))..<Int((seconds.upperBound * rate).rounded(.up))
  }

  package func fragment(_ seconds: Range<Double>) -> ByteBuffer { fragment(frames(seconds)) }

  /// One `moof` and its `mdat`, with what goes before them.
  package func fragment(_ frames: Range<Int>) -> ByteBuffer {
    let payloads = frames.map(payload)
    var bytes = ByteBuffer()
    if let brand {
      bytes.writeBox("styp") {
        $0.writeCode("cmfs")
        $0.writeInteger(UInt32(0))
        $0.writeCode(brand)
      }
    }
    if let captured {
      ProducerReferenceTimeBox(
        trackID: CMAFHeader.trackID, wallClock: captured, mediaTime: UInt64(start)
      ).write(into: &bytes)
    }
    let sizes = payloads.map { UInt32($0.readableBytes) }
    Fragment(
      sequenceNumber: UInt32(frames.lowerBound + 1),
      baseMediaDecodeTime: UInt64(start + Int64(frames.lowerBound) * frame),
      durations: frames.map { _ in UInt32(frame) }, compositionOffsets: frames.map { _ in 0 },
      sizes: sizes[...],
      flags: group == 1
        ? [] : frames.map { $0 % group == 0 ? Fragment.syncFlags : 0x0101_0000 },
      isRolling: false
    ).writeHeaders(into: &bytes)
    for payload in payloads { bytes.writeImmutableBuffer(payload) }
    return bytes
  }

  /// What is said at the end: `mfra`, of which nobody reads more than that it is there.
  package static let ending: ByteBuffer = {
    var bytes = ByteBuffer()
    bytes.writeBox("mfra") { $0.writeBox("mfro") { $0.writeInteger(UInt64(24)) } }
    return bytes
  }()

  private func payload(_ index: Int) -> ByteBuffer {
    let filling = UInt8(truncatingIfNeeded: index &+ Int(seed)) | 1
    guard group > 1 else { return ByteBuffer(repeating: filling, count: 16) }
    var payload = ByteBuffer(integer: UInt32(30))
    payload.writeBytes(index % group == 0 ? [0x65, 0x88] : [0x41, 0x9a])
    payload.writeRepeatingByte(filling, count: 28)
    return payload
  }
}
