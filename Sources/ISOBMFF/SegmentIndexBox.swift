package import MediaCore
package import NIOCore

/// `sidx`: the segments of a track file (ISO/IEC 14496-12 §8.16.3).
package struct SegmentIndexBox: Hashable, Sendable {
  package struct Reference: Hashable, Sendable {
    /// Bytes of the segment: 31 bits.
    package var byteCount: UInt32
    /// Presented length, in the box's timescale.
    package var duration: UInt32
    package var startsWithSAP: Bool
    /// 0 if unknown, else 1…6 (Annex I).
    package var sapType: UInt8
    /// From the segment's earliest presentation time to the access point's.
    package var sapDeltaTime: UInt32
    /// The reference is to another `sidx`.
    package var isIndex: Bool

    package init(
      byteCount: UInt32, duration: UInt32, startsWithSAP: Bool, sapType: UInt8,
      sapDeltaTime: UInt32 = 0, isIndex: Bool = false
    ) {
      self.byteCount = byteCount
      self.duration = duration
      self.startsWithSAP = startsWithSAP
      self.sapType = sapType
      self.sapDeltaTime = sapDeltaTime
      self.isIndex = isIndex
    }
  }

  package var referenceID: UInt32
  package var timescale: Timescale
  package var earliestPresentationTime: UInt64
  /// From the first byte after this box to the first byte of the first segment.
  package var firstOffset: UInt64
  package var references: [Reference]

  package static let type: FourCC = "sidx"
  /// `reference_count` has 16 bits.
  package static let maximumReferenceCount = 65_535
  /// `referenced_size` has 31 bits.
  package static let maximumReferenceByteCount = 0x7fff_ffff

  package init(
    referenceID: UInt32, timescale: Timescale, earliestPresentationTime: UInt64,
    firstOffset: UInt64 = 0, references: [Reference]
  ) {
    self.referenceID = referenceID
    self.timescale = timescale
    self.earliestPresentationTime = earliestPresentationTime
    self.firstOffset = firstOffset
    self.references = references
  }

  package init(_ box: Box) throws(ISOBMFFError) {
    var fields = box.fields
    let (version, _) = try fields.versionAndFlags()
    referenceID = try fields.read()
    timescale = try box.timescale(try fields.read())
    earliestPresentationTime = try fields.wide(version)
    firstOffset = try fields.wide(version)
    try fields.skip(2)
    let count: UInt16 = try fields.read()
    references = []
    references.reserveCapacity(Int(count))
    for _ in 0..<count {
      let size: UInt32 = try fields.read()
      let duration: UInt32 = try fields.read()
      let sap: UInt32 = try fields.read()
      references.append(
        Reference(
          byteCount: size & 0x7fff_ffff, duration: duration, startsWithSAP: sap >> 31 == 1,
          sapType: UInt8(sap >> 28 & 7), sapDeltaTime: sap & 0xfff_ffff, isIndex: size >> 31 == 1))
    }
  }

  /// Bytes of the box with so many references, in version 1.
  package static func byteCount(references: Int) -> Int { 12 + 28 + 12 * references }

  package func write(into bytes: inout ByteBuffer) {
    bytes.writeFullBox(Self.type, version: 1) {
      $0.writeInteger(referenceID)
      $0.writeInteger(timescale.ticksPerSecond)
      $0.writeInteger(earliestPresentationTime)
      $0.writeInteger(firstOffset)
      $0.writeInteger(UInt16(0))
      $0.writeInteger(UInt16(clamping: references.count))
      for reference in references {
        $0.writeInteger((reference.isIndex ? 0x8000_0000 : 0) | reference.byteCount)
        $0.writeInteger(reference.duration)
        $0.writeInteger(
          (reference.startsWithSAP ? 0x8000_0000 : 0) | UInt32(reference.sapType & 7) << 28
            | reference.sapDeltaTime & 0xfff_ffff)
      }
    }
  }
}
