import ISOBMFF
package import NIOCore

/// The samples of one CMAF fragment, and the `moof` that describes them (ISO/IEC 23000-19 §7.3.2).
///
/// One `traf`, one `trun`, `default-base-is-moof`, decode time from the first fragment on, signed
/// composition offsets (`trun` version 1).
package struct Fragment: Sendable {
  /// From 1, without gaps in a track.
  package var sequenceNumber: UInt32
  package var baseMediaDecodeTime: UInt64
  /// Decode durations: one for each sample.
  package var durations: [UInt32]
  package var compositionOffsets: [Int32]
  package var sizes: ArraySlice<UInt32>
  /// `sample_flags`; empty if all samples are sync samples that depend on none.
  package var flags: [UInt32]
  /// Writes a `sbgp` that puts every sample into the `roll` group.
  package var isRolling: Bool

  package init(
    sequenceNumber: UInt32, baseMediaDecodeTime: UInt64, durations: [UInt32],
    compositionOffsets: [Int32], sizes: ArraySlice<UInt32>, flags: [UInt32], isRolling: Bool
  ) {
    self.sequenceNumber = sequenceNumber
    self.baseMediaDecodeTime = baseMediaDecodeTime
    self.durations = durations
    self.compositionOffsets = compositionOffsets
    self.sizes = sizes
    self.flags = flags
    self.isRolling = isRolling
  }

  /// What of a fragment decides how long its `moof` is.
  package struct Shape: Hashable, Sendable {
    var sampleCount: Int
    var hasUniformDuration: Bool
    var hasCompositionOffsets: Bool
    var hasFlags: Bool
    var isRolling: Bool
    package var payloadByteCount: Int64

    /// Bytes of the `moof`.
    package var moofByteCount: Int {
      let header = 12 + 4 + (hasUniformDuration ? 4 : 0) + (hasFlags ? 0 : 4)
      return 8 + 16 + 8 + header + 20 + (isRolling ? 28 : 0) + 20 + sampleCount * sampleByteCount
    }

    private var sampleByteCount: Int {
      4 + (hasUniformDuration ? 0 : 4) + (hasFlags ? 4 : 0) + (hasCompositionOffsets ? 4 : 0)
    }

    /// Bytes of the `mdat` header: 16 where 32 bits of size are too few.
    package var mdatHeaderByteCount: Int { payloadByteCount > 0xffff_fff0 ? 16 : 8 }

    /// Bytes of the whole fragment.
    package var byteCount: Int64 {
      Int64(moofByteCount + mdatHeaderByteCount) + payloadByteCount
    }
  }

  package var shape: Shape {
    Shape(
      sampleCount: sizes.count,
      hasUniformDuration: durations.allSatisfy { $0 == durations.first },
      hasCompositionOffsets: compositionOffsets.contains { $0 != 0 },
      hasFlags: !flags.isEmpty, isRolling: isRolling,
      payloadByteCount: sizes.reduce(0) { $0 + Int64($1) })
  }

  /// `moof` and the header of `mdat`; the payloads follow.
  package func writeHeaders(into bytes: inout ByteBuffer) {
    let shape = shape
    bytes.writeBox("moof") { moof in
      moof.writeFullBox("mfhd") { $0.writeInteger(sequenceNumber) }
      moof.writeBox("traf") { traf in
        TrackFragmentHeaderBox(
          trackID: CMAFHeader.trackID,
          duration: shape.hasUniformDuration ? durations.first ?? 0 : nil,
          flags: shape.hasFlags ? nil : Self.syncFlags
        ).write(into: &traf)
        TrackFragmentDecodeTimeBox(baseMediaDecodeTime: baseMediaDecodeTime).write(into: &traf)
        if isRolling {
          traf.writeFullBox("sbgp") {
            $0.writeCode("roll")
            $0.writeInteger(UInt32(1))
            $0.writeInteger(UInt32(sizes.count))
            $0.writeInteger(UInt32(1))
          }
        }
        writeRun(shape, into: &traf)
      }
    }
    if shape.mdatHeaderByteCount == 16 {
      bytes.writeInteger(UInt32(1))
      bytes.writeCode("mdat")
      bytes.writeInteger(UInt64(shape.payloadByteCount) + 16)
    } else {
      bytes.writeInteger(UInt32(shape.payloadByteCount) + 8)
      bytes.writeCode("mdat")
    }
  }

  /// Depends on no other sample.
  package static let syncFlags: UInt32 = 0x0200_0000

  private func writeRun(_ shape: Shape, into traf: inout ByteBuffer) {
    let present: UInt32 =
      0x01 | 0x200 | (shape.hasUniformDuration ? 0 : 0x100) | (shape.hasFlags ? 0x400 : 0)
      | (shape.hasCompositionOffsets ? 0x800 : 0)
    traf.writeFullBox("trun", version: 1, flags: present) { trun in
      trun.writeInteger(UInt32(sizes.count))
      trun.writeInteger(Int32(shape.moofByteCount + shape.mdatHeaderByteCount))
      for index in 0..<sizes.count {
        if !shape.hasUniformDuration { trun.writeInteger(durations[index]) }
        trun.writeInteger(sizes[sizes.startIndex + index])
        if shape.hasFlags { trun.writeInteger(flags[index]) }
        if shape.hasCompositionOffsets { trun.writeInteger(compositionOffsets[index]) }
      }
    }
  }
}
