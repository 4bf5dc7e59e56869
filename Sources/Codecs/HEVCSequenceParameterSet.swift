package import MediaCore
package import NIOCore

/// What an HEVC sequence parameter set of the base layer says (ISO/IEC 23008-2 §7.3.2.2, Annex E).
///
///     let sps = try HEVCSequenceParameterSet(nalUnit: unit)
///     sps.profileTierLevel.levelIDC  // 153: level 5.1
package struct HEVCSequenceParameterSet: Hashable, Sendable {
  /// sps_video_parameter_set_id, 0 to 15.
  package var videoParameterSetID: Int
  /// sps_max_sub_layers_minus1 + 1: temporal sub-layers, 1 to 7.
  package var maxSubLayers: Int
  package var isTemporalIDNested: Bool
  package var profileTierLevel: HEVCProfileTierLevel
  /// sps_seq_parameter_set_id, 0 to 15.
  package var id: Int
  /// 0 monochrome, 1 4:2:0, 2 4:2:2, 3 4:4:4.
  package var chromaFormatIDC: Int
  /// Coded size in luma samples.
  package var codedWidth: Int
  package var codedHeight: Int
  /// Size inside the conformance window, in luma samples.
  package var width: Int
  package var height: Int
  package var bitDepthLuma: Int
  package var bitDepthChroma: Int
  /// sps_max_num_reorder_pics of the highest sub-layer.
  package var maxNumReorderPictures: Int
  /// CtbLog2SizeY, 4 to 6.
  package var log2CodingTreeBlockSize: Int
  /// Width over height of one sample; `nil` when unspecified.
  package var sampleAspectRatio: Rational?
  /// `nil` when there is no colour description.
  package var colour: ColourInformation?
  /// video_full_range_flag, also known without a colour description; `nil` when absent.
  package var isFullRange: Bool?
  /// field_seq_flag: every picture is a field.
  package var isFieldSequence = false
  package var timing: VideoTiming?
  /// 0 without a bitstream restriction; at most 4095.
  package var minSpatialSegmentationIDC = 0

  /// Parses a whole NAL unit, from its two header bytes on.
  ///
  /// - Throws: `CodecsError`
  package init(nalUnit: ByteBuffer) throws {
    var bits = try BitReader(nalUnit: nalUnit, of: "HEVC sequence parameter set")
    try HEVCNALUnitType.expect(.sequenceParameterSet, in: &bits)
    videoParameterSetID = try bits.int(4)
    maxSubLayers = try HEVCLimits.maxSubLayers(&bits)
    isTemporalIDNested = try bits.flag()
    profileTierLevel = try HEVCProfileTierLevel(from: &bits, maxSubLayersMinus1: maxSubLayers - 1)
    id = try bits.ue("sps_seq_parameter_set_id", atMost: 15)
    chromaFormatIDC = try bits.ue("chroma_format_idc", atMost: 3)
    let hasSeparatePlanes = chromaFormatIDC == 3 ? try bits.flag() : false
    codedWidth = Int(try bits.ue())
    codedHeight = Int(try bits.ue())
    var crop = (left: 0, right: 0, top: 0, bottom: 0)
    if try bits.flag() {
      crop = (Int(try bits.ue()), Int(try bits.ue()), Int(try bits.ue()), Int(try bits.ue()))
    }
    // SubWidthC and SubHeightC (Table 6-1).
    let unitX = !hasSeparatePlanes && (chromaFormatIDC == 1 || chromaFormatIDC == 2) ? 2 : 1
    let unitY = !hasSeparatePlanes && chromaFormatIDC == 1 ? 2 : 1
    width = try PictureLimits.cropped(
      codedWidth, by: crop.left, crop.right, unit: unitX, "width", of: bits.subject)
    height = try PictureLimits.cropped(
      codedHeight, by: crop.top, crop.bottom, unit: unitY, "height", of: bits.subject)
    bitDepthLuma = 8 + (try bits.ue("bit_depth_luma_minus8", atMost: 8))
    bitDepthChroma = 8 + (try bits.ue("bit_depth_chroma_minus8", atMost: 8))
    let log2MaxOrder = 4 + (try bits.ue("log2_max_pic_order_cnt_lsb_minus4", atMost: 12))
    maxNumReorderPictures = 0
    let hasOrderingOfAll = try bits.flag()
    for _ in (hasOrderingOfAll ? 0 : maxSubLayers - 1)..<maxSubLayers {
      _ = try bits.ue("sps_max_dec_pic_buffering_minus1", atMost: 15)
      maxNumReorderPictures = try bits.ue("sps_max_num_reorder_pics", atMost: 15)
      try bits.skipGolomb()  // sps_max_latency_increase_plus1
    }
    log2CodingTreeBlockSize = try Self.codingTreeBlockSize(&bits)
    try Self.skipTools(&bits)
    try HEVCReferencePictureSets.skip(&bits, log2MaxPictureOrder: log2MaxOrder)
    try bits.skip(2)  // sps_temporal_mvp_enabled_flag, strong_intra_smoothing_enabled_flag
    if try bits.flag() { try parseUsability(&bits) }
    // sps_extension_present_flag: extensions are left unread.
    if try !bits.flag() { try bits.expectTrailingBits() }
  }

  private static func codingTreeBlockSize(_ bits: inout BitReader) throws -> Int {
    let least = 3 + (try bits.ue("log2_min_luma_coding_block_size_minus3", atMost: 3))
    let size =
      least + (try bits.ue("log2_diff_max_min_luma_coding_block_size", atMost: 3))
    guard (4...6).contains(size) else {
      throw CodecsError(
        .invalidValue, "\(bits.subject): CtbLog2SizeY is \(size), expected 4, 5 or 6")
    }
    return size
  }

  /// log2_min_luma_transform_block_size_minus2 to pcm_loop_filter_disabled_flag.
  private static func skipTools(_ bits: inout BitReader) throws {
    try bits.skipGolomb(4)
    if try bits.flag(), try bits.flag() { try skipScalingLists(&bits) }
    try bits.skip(2)  // amp_enabled_flag, sample_adaptive_offset_enabled_flag
    if try bits.flag() {
      try bits.skip(8)
      try bits.skipGolomb(2)
      try bits.skip(1)
    }
  }

  /// scaling_list_data() (§7.3.4).
  private static func skipScalingLists(_ bits: inout BitReader) throws {
    for size in 0..<4 {
      for _ in 0..<(size == 3 ? 2 : 6) {
        if try bits.flag() {
          try bits.skipGolomb(min(64, 1 << (4 + size << 1)) + (size > 1 ? 1 : 0))
        } else {
          try bits.skipGolomb()  // scaling_list_pred_matrix_id_delta
        }
      }
    }
  }

  /// vui_parameters() (§E.2.1).
  private mutating func parseUsability(_ bits: inout BitReader) throws {
    let head = try VideoUsability(from: &bits)
    (sampleAspectRatio, isFullRange, colour) = (
      head.sampleAspectRatio, head.isFullRange, head.colour
    )
    try bits.skip(1)  // neutral_chroma_indication_flag
    isFieldSequence = try bits.flag()
    try bits.skip(1)  // frame_field_info_present_flag
    if try bits.flag() { try bits.skipGolomb(4) }  // default display window
    if try bits.flag() {
      let (units, scale) = (try bits.u(32), try bits.u(32))
      let isProportional = try bits.flag()
      if isProportional { try bits.skipGolomb() }
      timing = VideoTiming(
        unitsInTick: units, timeScale: scale, isFixed: isProportional,
        frameRate: Rational(Int64(scale), Int64(units)))
      if try bits.flag() { try HEVCHypotheticalDecoder.skip(&bits, maxSubLayers: maxSubLayers) }
    }
    if try bits.flag() {
      try bits.skip(3)
      minSpatialSegmentationIDC = try bits.ue("min_spatial_segmentation_idc", atMost: 4095)
      try bits.skipGolomb(4)
    }
  }
}

/// Bounds that several HEVC parameter sets share.
enum HEVCLimits {
  /// Reads a max_sub_layers_minus1 of three bits as the number of sub-layers, 1 to 7.
  static func maxSubLayers(_ bits: inout BitReader) throws -> Int {
    let value = try bits.int(3) + 1
    guard value <= 7 else {
      throw CodecsError(
        .invalidValue, "\(bits.subject): \(value) temporal sub-layers, at most 7 are allowed")
    }
    return value
  }
}
