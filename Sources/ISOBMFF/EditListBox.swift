package import NIOCore

/// `elst`: which part of the media is presented, and when (ISO/IEC 14496-12 §8.6.6).
package struct EditListBox: Hashable, Sendable {
  package struct Entry: Hashable, Sendable {
    /// In the movie's timescale; 0 in a CMAF header means "all there is".
    package var segmentDuration: UInt64
    /// In the media's timescale; −1 is an empty edit.
    package var mediaTime: Int64
    /// 16.16 fixed point; 0 is a dwell.
    package var mediaRate: Int32

    package init(segmentDuration: UInt64, mediaTime: Int64, mediaRate: Int32 = 0x1_0000) {
      self.segmentDuration = segmentDuration
      self.mediaTime = mediaTime
      self.mediaRate = mediaRate
    }
  }

  package var entries: [Entry]

  package static let type: FourCC = "elst"
  package static let maximumEntryCount = 4096

  package init(entries: [Entry]) { self.entries = entries }

  package init(_ box: Box) throws(ISOBMFFError) {
    var fields = box.fields
    let (version, _) = try fields.versionAndFlags()
    let count: UInt32 = try fields.read()
    guard count <= Self.maximumEntryCount else {
      throw ISOBMFFError(
        .limit, "\(box.place) lists \(count) edits; at most \(Self.maximumEntryCount) are read")
    }
    entries = []
    for _ in 0..<count {
      let duration = try fields.wide(version)
      let time = version == 0 ? Int64(try fields.read(Int32.self)) : try fields.read(Int64.self)
      entries.append(
        Entry(segmentDuration: duration, mediaTime: time, mediaRate: try fields.read()))
    }
  }

  package func write(into bytes: inout ByteBuffer) {
    let isWide = entries.contains {
      $0.segmentDuration > UInt32.max || $0.mediaTime > Int32.max || $0.mediaTime < -1
    }
    bytes.writeFullBox(Self.type, version: isWide ? 1 : 0) {
      $0.writeInteger(UInt32(entries.count))
      for entry in entries {
        if isWide {
          $0.writeInteger(entry.segmentDuration)
          $0.writeInteger(entry.mediaTime)
        } else {
          $0.writeInteger(UInt32(entry.segmentDuration))
          $0.writeInteger(Int32(entry.mediaTime))
        }
        $0.writeInteger(entry.mediaRate)
      }
    }
  }
}
