package import NIOCore

/// The payload of `hvcC` (ISO/IEC 14496-15 §8.3.3.1).
///
///     let record = try HEVCDecoderConfigurationRecord(parsing: payload)
///     record.nalUnits(of: .sequenceParameterSet)
package struct HEVCDecoderConfigurationRecord: Hashable, Sendable {
  /// NAL units of one type.
  package struct Array: Hashable, Sendable {
    /// Whether all NAL units of this type stand here and none in the samples.
    package var isComplete: Bool
    package var nalUnitType: HEVCNALUnitType
    /// Whole NAL units.
    package var nalUnits: [ByteBuffer]

    package init(isComplete: Bool, nalUnitType: HEVCNALUnitType, nalUnits: [ByteBuffer]) {
      self.isComplete = isComplete
      self.nalUnitType = nalUnitType
      self.nalUnits = nalUnits
    }
  }

  package let profileTierLevel: HEVCProfileTierLevel
  /// min_spatial_segmentation_idc, 0 to 4095.
  package let minSpatialSegmentationIDC: Int
  /// 0 unknown or mixed, 1 slices, 2 tiles, 3 wavefronts.
  package let parallelismType: UInt8
  package let chromaFormatIDC: Int
  package let bitDepthLuma: Int
  package let bitDepthChroma: Int
  /// Frames in 256 seconds, 0 unspecified.
  package let averageFrameRate: UInt16
  /// 0 unknown, 1 constant, 2 constant in every temporal layer.
  package let constantFrameRate: UInt8
  /// 0 unknown, 1 not temporally scalable.
  package let temporalLayerCount: Int
  package let isTemporalIDNested: Bool
  package let nalUnitLengthSize: NALUnitLengthSize
  package private(set) var arrays: [Array]

  /// Parses the box payload. What follows the record is not read.
  ///
  /// - Throws: `CodecsError`
  package init(parsing payload: ByteBuffer) throws {
    var reader = try RecordReader(payload, of: "HEVC decoder configuration record")
    try reader.version(try reader.byte("configurationVersion"))
    var general = try BitReader(
      try reader.slice("the profile, tier and level", byteCount: 12), of: reader.subject)
    profileTierLevel = try HEVCProfileTierLevel(general: &general)
    minSpatialSegmentationIDC =
      Int(try reader.integer("min_spatial_segmentation_idc", as: UInt16.self) & 0xfff)
    parallelismType = try reader.byte("parallelismType") & 3
    chromaFormatIDC = Int(try reader.byte("chromaFormat") & 3)
    bitDepthLuma = Int(try reader.byte("bitDepthLumaMinus8") & 7) + 8
    bitDepthChroma = Int(try reader.byte("bitDepthChromaMinus8") & 7) + 8
    averageFrameRate = try reader.integer("avgFrameRate", as: UInt16.self)
    let packed = try reader.byte("lengthSizeMinusOne")
    constantFrameRate = packed >> 6
    temporalLayerCount = Int(packed >> 3 & 7)
    isTemporalIDNested = packed & 4 != 0
    nalUnitLengthSize = try NALUnitLengthSize(minusOne: packed, of: reader.subject)
    let count = Int(try reader.byte("numOfArrays"))
    guard count <= DecoderConfigurationLimits.arrayCount else {
      throw CodecsError(
        .limitExceeded,
        "\(reader.subject): \(count) arrays, at most \(DecoderConfigurationLimits.arrayCount)")
    }
    var arrays: [Array] = []
    for _ in 0..<count {
      let head = try reader.byte("NAL_unit_type")
      let unitCount = Int(try reader.integer("numNalus", as: UInt16.self))
      arrays.append(
        Array(
          isComplete: head & 0x80 != 0, nalUnitType: HEVCNALUnitType(rawValue: head & 0x3f),
          nalUnits: try reader.nalUnits("NAL units of an array", count: unitCount)))
    }
    self.arrays = arrays
  }

  /// The same for a track whose samples hold NAL units of these types too (`hev1`).
  package var incomplete: HEVCDecoderConfigurationRecord {
    var record = self
    for index in record.arrays.indices { record.arrays[index].isComplete = false }
    return record
  }

  /// Builds a complete record from whole NAL units: arrays of VPS, SPS and PPS that are complete,
  /// then `otherArrays`, as the SEI arrays of a parsed record.
  ///
  /// - Throws: `CodecsError`; `.unsupported` when the sequence parameter sets differ in what one
  ///   record can say only once.
  package init(
    videoParameterSets: [ByteBuffer], sequenceParameterSets: [ByteBuffer],
    pictureParameterSets: [ByteBuffer], otherArrays: [Array] = [],
    nalUnitLengthSize: NALUnitLengthSize = .four
  ) throws {
    let arrays =
      [
        Array(
          isComplete: true, nalUnitType: .videoParameterSet, nalUnits: videoParameterSets),
        Array(
          isComplete: true, nalUnitType: .sequenceParameterSet, nalUnits: sequenceParameterSets),
        Array(
          isComplete: true, nalUnitType: .pictureParameterSet, nalUnits: pictureParameterSets),
      ] + otherArrays
    guard arrays.count <= DecoderConfigurationLimits.arrayCount else {
      throw CodecsError(
        .limitExceeded,
        "\(arrays.count) arrays, an HEVC record takes \(DecoderConfigurationLimits.arrayCount)")
    }
    for array in arrays {
      try checkRecordUnits(
        array.nalUnits, atMost: DecoderConfigurationLimits.nalUnitCount,
        "HEVC type \(array.nalUnitType.rawValue)")
    }
    for unit in videoParameterSets { _ = try HEVCVideoParameterSet(nalUnit: unit) }
    let sets = try sequenceParameterSets.map(HEVCSequenceParameterSet.init(nalUnit:))
    let pictures = try pictureParameterSets.map(HEVCPictureParameterSet.init(nalUnit:))
    guard let first = sets.first, !videoParameterSets.isEmpty, !pictures.isEmpty else {
      throw CodecsError(
        .invalidValue,
        "an HEVC decoder configuration record needs a video, a sequence and a "
          + "picture parameter set; take them from the first IRAP access unit")
    }
    profileTierLevel = try sets.dropFirst().reduce(first.profileTierLevel) {
      try $0.joined(with: $1.profileTierLevel)
    }
    for other in sets
    where other.chromaFormatIDC != first.chromaFormatIDC
      || other.bitDepthLuma != first.bitDepthLuma || other.bitDepthChroma != first.bitDepthChroma
    {
      throw CodecsError(
        .unsupported,
        "HEVC sequence parameter sets \(first.id) and \(other.id) differ in chroma format or bit "
          + "depth; package them as two tracks")
    }
    guard max(first.bitDepthLuma, first.bitDepthChroma) <= 15 else {
      throw CodecsError(.unsupported, "hvcC cannot say a bit depth of 16")
    }
    minSpatialSegmentationIDC = sets.map(\.minSpatialSegmentationIDC).min() ?? 0
    parallelismType = minSpatialSegmentationIDC == 0 ? 0 : Self.parallelism(of: pictures)
    (chromaFormatIDC, bitDepthLuma, bitDepthChroma) = (
      first.chromaFormatIDC, first.bitDepthLuma, first.bitDepthChroma
    )
    (averageFrameRate, constantFrameRate) = (0, 0)
    temporalLayerCount = sets.map(\.maxSubLayers).max() ?? 0
    isTemporalIDNested = sets.allSatisfy(\.isTemporalIDNested)
    self.nalUnitLengthSize = nalUnitLengthSize
    self.arrays = arrays
  }

  private static func parallelism(of sets: [HEVCPictureParameterSet]) -> UInt8 {
    if sets.allSatisfy({ $0.hasTiles && !$0.hasEntropyCodingSync }) { return 2 }
    if sets.allSatisfy({ $0.hasEntropyCodingSync && !$0.hasTiles }) { return 3 }
    return sets.contains { $0.hasTiles || $0.hasEntropyCodingSync } ? 0 : 1
  }

  /// The NAL units of all arrays of one type.
  package func nalUnits(of type: HEVCNALUnitType) -> [ByteBuffer] {
    arrays.filter { $0.nalUnitType == type }.flatMap(\.nalUnits)
  }

  /// The box payload.
  package var bytes: ByteBuffer {
    var bits = BitWriter()
    bits.u(8, 1)
    profileTierLevel.write(into: &bits)
    bits.u(16, 0xf000 | minSpatialSegmentationIDC)
    bits.u(8, 0xfc | parallelismType)
    bits.u(8, 0xfc | chromaFormatIDC)
    bits.u(8, 0xf8 | (bitDepthLuma - 8))
    bits.u(8, 0xf8 | (bitDepthChroma - 8))
    bits.u(16, averageFrameRate)
    bits.u(2, constantFrameRate)
    bits.u(3, temporalLayerCount)
    bits.flag(isTemporalIDNested)
    bits.u(2, nalUnitLengthSize.rawValue - 1)
    bits.u(8, arrays.count)
    var buffer = bits.buffer
    for array in arrays {
      buffer.writeInteger((array.isComplete ? 0x80 : 0) | array.nalUnitType.rawValue & 0x3f)
      buffer.writeInteger(UInt16(array.nalUnits.count))
      for unit in array.nalUnits { buffer.writeRecordUnit(unit) }
    }
    return buffer
  }
}
