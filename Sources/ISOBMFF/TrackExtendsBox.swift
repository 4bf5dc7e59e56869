package import NIOCore

/// `trex`: defaults of a track's fragments (ISO/IEC 14496-12 §8.8.3).
package struct TrackExtendsBox: Hashable, Sendable {
  package var trackID: UInt32
  package var descriptionIndex: UInt32
  package var duration: UInt32
  package var size: UInt32
  package var flags: UInt32

  package static let type: FourCC = "trex"

  package init(
    trackID: UInt32, descriptionIndex: UInt32 = 1, duration: UInt32 = 0, size: UInt32 = 0,
    flags: UInt32 = 0
  ) {
    self.trackID = trackID
    self.descriptionIndex = descriptionIndex
    self.duration = duration
    self.size = size
    self.flags = flags
  }

  package init(_ box: Box) throws(ISOBMFFError) {
    var fields = box.fields
    _ = try fields.versionAndFlags()
    trackID = try fields.read()
    descriptionIndex = try fields.read()
    duration = try fields.read()
    size = try fields.read()
    flags = try fields.read()
  }

  package func write(into bytes: inout ByteBuffer) {
    bytes.writeFullBox(Self.type) {
      for field in [trackID, descriptionIndex, duration, size, flags] { $0.writeInteger(field) }
    }
  }
}
