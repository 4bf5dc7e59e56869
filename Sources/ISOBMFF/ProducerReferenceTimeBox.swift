package import NIOCore

/// `prft`: when the media of a moment was captured (ISO/IEC 14496-12 §8.16.5).
package struct ProducerReferenceTimeBox: Hashable, Sendable {
  package var trackID: UInt32
  /// Nanoseconds since 1970.
  package var wallClock: Int64
  /// The same moment on the track's timeline, in its ticks.
  package var mediaTime: UInt64

  package static let type: FourCC = "prft"
  /// The two times are of the capture: their distance is the same in every such box of the track.
  private static let capturedFlags: UInt32 = 24
  /// From 1900, where NTP's seconds begin, to 1970.
  private static let epochSeconds: Int64 = 2_208_988_800
  private static let nanoseconds: Int64 = 1_000_000_000

  package init(trackID: UInt32, wallClock: Int64, mediaTime: UInt64) {
    self.trackID = trackID
    self.wallClock = wallClock
    self.mediaTime = mediaTime
  }

  package init(_ box: Box) throws(ISOBMFFError) {
    var fields = box.fields
    let version = try fields.versionAndFlags().version
    trackID = try fields.read()
    let stamp: UInt64 = try fields.read()
    if version == 0 {
      let time: UInt32 = try fields.read()
      mediaTime = UInt64(time)
    } else {
      mediaTime = try fields.read()
    }
    let fraction = (stamp & 0xffff_ffff) * UInt64(Self.nanoseconds) + 1 << 31
    wallClock =
      (Int64(stamp >> 32) - Self.epochSeconds) * Self.nanoseconds + Int64(fraction >> 32)
  }

  package func write(into bytes: inout ByteBuffer) {
    bytes.writeFullBox(Self.type, version: 1, flags: Self.capturedFlags) {
      $0.writeInteger(trackID)
      $0.writeInteger(ntpTime)
      $0.writeInteger(mediaTime)
    }
  }

  /// Seconds since 1900 and their fraction, 32 bits each (RFC 5905 §6); the seconds start over in 2036.
  private var ntpTime: UInt64 {
    let (seconds, rest) = wallClock.quotientAndRemainder(dividingBy: Self.nanoseconds)
    let fraction = UInt64(max(0, rest)) << 32 / UInt64(Self.nanoseconds)
    return UInt64(UInt32(truncatingIfNeeded: seconds + Self.epochSeconds)) << 32 | fraction
  }
}
