package import NIOCore

/// `tfhd`: a fragment's own defaults (ISO/IEC 14496-12 §8.8.7).
package struct TrackFragmentHeaderBox: Hashable, Sendable {
  package var trackID: UInt32
  package var baseDataOffset: UInt64?
  package var descriptionIndex: UInt32?
  package var duration: UInt32?
  package var size: UInt32?
  package var flags: UInt32?
  package var defaultBaseIsMoof: Bool

  package static let type: FourCC = "tfhd"

  package init(
    trackID: UInt32, duration: UInt32? = nil, size: UInt32? = nil, flags: UInt32? = nil
  ) {
    self.trackID = trackID
    self.duration = duration
    self.size = size
    self.flags = flags
    defaultBaseIsMoof = true
  }

  package init(_ box: Box) throws(ISOBMFFError) {
    var fields = box.fields
    let (_, present) = try fields.versionAndFlags()
    trackID = try fields.read()
    defaultBaseIsMoof = present & 0x2_0000 != 0
    baseDataOffset = present & 0x01 != 0 ? try fields.read() : nil
    descriptionIndex = present & 0x02 != 0 ? try fields.read() : nil
    duration = present & 0x08 != 0 ? try fields.read() : nil
    size = present & 0x10 != 0 ? try fields.read() : nil
    flags = present & 0x20 != 0 ? try fields.read() : nil
  }

  package func write(into bytes: inout ByteBuffer) {
    let present: UInt32 =
      0x2_0000 | (duration == nil ? 0 : 0x08) | (size == nil ? 0 : 0x10) | (flags == nil ? 0 : 0x20)
    bytes.writeFullBox(Self.type, flags: present) {
      $0.writeInteger(trackID)
      for field in [duration, size, flags] { if let field { $0.writeInteger(field) } }
    }
  }
}

/// `tfdt`: the decode time of a fragment's first sample (ISO/IEC 14496-12 §8.8.12).
package struct TrackFragmentDecodeTimeBox: Hashable, Sendable {
  package var baseMediaDecodeTime: UInt64

  package static let type: FourCC = "tfdt"

  package init(baseMediaDecodeTime: UInt64) { self.baseMediaDecodeTime = baseMediaDecodeTime }

  package init(_ box: Box) throws(ISOBMFFError) {
    var fields = box.fields
    let (version, _) = try fields.versionAndFlags()
    baseMediaDecodeTime = try fields.wide(version)
  }

  package func write(into bytes: inout ByteBuffer) {
    bytes.writeFullBox(Self.type, version: 1) { $0.writeInteger(baseMediaDecodeTime) }
  }
}

/// `trun`: the samples of a fragment (ISO/IEC 14496-12 §8.8.8).
package struct TrackRunBox: Sendable {
  package struct Sample: Hashable, Sendable {
    package var duration: UInt32?
    package var size: UInt32?
    package var flags: UInt32?
    package var compositionOffset: Int32?
  }

  /// From the base to the first sample's first byte.
  package var dataOffset: Int32?
  package var firstSampleFlags: UInt32?
  package var samples: [Sample]

  package static let type: FourCC = "trun"
  /// Samples of one run, at most.
  package static let maximumSampleCount = 1_000_000

  package init(_ box: Box) throws(ISOBMFFError) {
    var fields = box.fields
    let (_, present) = try fields.versionAndFlags()
    let count: UInt32 = try fields.read()
    dataOffset = present & 0x01 != 0 ? try fields.read() : nil
    firstSampleFlags = present & 0x04 != 0 ? try fields.read() : nil
    let width = 4 * (present >> 8 & 15).nonzeroBitCount
    guard count <= Self.maximumSampleCount, Int(count) * width <= fields.remaining else {
      throw ISOBMFFError(
        .limit,
        "\(box.place) claims \(count) samples, but has \(fields.remaining) bytes for them")
    }
    samples = []
    samples.reserveCapacity(Int(count))
    for _ in 0..<count {
      samples.append(
        Sample(
          duration: present & 0x100 != 0 ? try fields.read() : nil,
          size: present & 0x200 != 0 ? try fields.read() : nil,
          flags: present & 0x400 != 0 ? try fields.read() : nil,
          // Version 0 is unsigned by the text, but some writers store negative offsets in it
          // too, and an offset beyond 31 bits is no real one.
          compositionOffset: present & 0x800 != 0 ? try fields.read() : nil))
    }
  }
}
