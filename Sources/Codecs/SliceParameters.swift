package import NIOCore

/// What of the parameter sets is needed to classify the pictures of a track.
///
///     var parameters = SliceParameters(record)
///     let unit = try AccessUnit(in: buffer, at: 0, count: size, codec: .hevc, …)
///     parameters.take(unit, in: buffer)  // parameter sets inside the sample
///
/// H.264 and VP9 need none: `SliceParameters()`.
package struct SliceParameters: Hashable, Sendable {
  /// What an HEVC slice segment header depends on.
  struct Picture: Hashable, Sendable {
    var hasDependentSliceSegments: Bool
    var extraSliceHeaderBitCount: Int
    var sequenceParameterSetID: Int
  }

  /// sps_max_sub_layers of HEVC, 1 to 7: the highest of all sequence parameter sets.
  package private(set) var maxSubLayers = 1
  /// The sequence header of AV1.
  private(set) var av1: AV1SequenceHeader?
  /// By pps_pic_parameter_set_id.
  private var pictures = [Picture?](repeating: nil, count: 64)
  /// Bits of slice_segment_address by sps_seq_parameter_set_id.
  private var addressBitCounts = [Int?](repeating: nil, count: 16)

  package init() {}

  package init(_ record: HEVCDecoderConfigurationRecord) {
    for unit in record.nalUnits(of: .sequenceParameterSet) { take(.sequence, unit) }
    for unit in record.nalUnits(of: .pictureParameterSet) { take(.picture, unit) }
  }

  package init(_ record: AV1CodecConfigurationRecord) { av1 = record.sequenceHeader }

  /// Takes over the HEVC parameter sets, or the AV1 sequence header, that a sample brought along; unreadable ones are passed.
  package mutating func take(_ unit: AccessUnit, in buffer: ByteBuffer) {
    for set in unit.parameterSets {
      guard let bytes = buffer.getSlice(at: set.range.offset, length: set.range.count) else {
        continue
      }
      take(set.kind, bytes)
    }
  }

  private mutating func take(_ kind: ParameterSetRange.Kind, _ unit: ByteBuffer) {
    switch kind {
    case .sequence:
      guard let sps = try? HEVCSequenceParameterSet(nalUnit: unit) else { return }
      maxSubLayers = max(maxSubLayers, sps.maxSubLayers)
      let size = 1 << sps.log2CodingTreeBlockSize
      let blocks =
        ((sps.codedWidth + size - 1) / size) * ((sps.codedHeight + size - 1) / size)
      // Ceil(Log2(PicSizeInCtbsY)).
      addressBitCounts[sps.id] = Int.bitWidth - (blocks - 1).leadingZeroBitCount
    case .picture:
      guard let pps = try? HEVCPictureParameterSet(nalUnit: unit) else { return }
      pictures[pps.id] = Picture(
        hasDependentSliceSegments: pps.hasDependentSliceSegments,
        extraSliceHeaderBitCount: pps.extraSliceHeaderBitCount,
        sequenceParameterSetID: pps.sequenceParameterSetID)
    case .sequenceHeader: av1 = (try? AV1SequenceHeader(payload: unit)) ?? av1
    case .video, .sequenceExtension: break
    }
  }

  func picture(_ id: UInt64) -> Picture? { id < 64 ? pictures[Int(id)] : nil }

  func addressBitCount(_ picture: Picture) -> Int? {
    addressBitCounts[picture.sequenceParameterSetID]
  }
}
