package import MediaCore
package import NIOCore

/// `mvhd`: the movie's timescale and length (ISO/IEC 14496-12 §8.2.2).
package struct MovieHeaderBox: Hashable, Sendable {
  package var timescale: Timescale
  /// In the movie's timescale; 0 in a CMAF header.
  package var duration: UInt64
  package var nextTrackID: UInt32

  package static let type: FourCC = "mvhd"

  package init(timescale: Timescale, duration: UInt64, nextTrackID: UInt32) {
    self.timescale = timescale
    self.duration = duration
    self.nextTrackID = nextTrackID
  }

  package init(_ box: Box) throws(ISOBMFFError) {
    var fields = box.fields
    let (version, _) = try fields.versionAndFlags()
    try fields.skip(version == 0 ? 8 : 16)
    timescale = try box.timescale(try fields.read())
    duration = try fields.wide(version)
    try fields.skip(4 + 2 + 2 + 8 + 36 + 24)
    nextTrackID = try fields.read()
  }

  package func write(into bytes: inout ByteBuffer) {
    bytes.writeFullBox(Self.type) {
      // No creation time, so that the same input gives the same bytes.
      $0.writeInteger(UInt32(0))
      $0.writeInteger(UInt32(0))
      $0.writeInteger(timescale.ticksPerSecond)
      $0.writeInteger(UInt32(clamping: duration))
      $0.writeInteger(UInt32(0x0001_0000))  // rate 1.0
      $0.writeInteger(UInt16(0x0100))  // volume 1.0
      $0.writeInteger(UInt16(0))
      $0.writeInteger(UInt64(0))
      TransformationMatrix.unity.write(into: &$0)
      for _ in 0..<6 { $0.writeInteger(UInt32(0)) }
      $0.writeInteger(nextTrackID)
    }
  }
}

extension Box {
  /// - Throws: `.badValue` for a timescale of zero.
  package func timescale(_ ticks: UInt32) throws(ISOBMFFError) -> Timescale {
    guard let timescale = Timescale(ticks) else {
      throw ISOBMFFError(
        .badValue, "\(place) declares a timescale of 0; a positive number of ticks is expected")
    }
    return timescale
  }
}
