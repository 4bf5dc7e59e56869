package import MediaCore
package import NIOCore

/// What an H.264 sequence parameter set says (ISO/IEC 14496-10 §7.3.2.1.1, Annex E).
///
///     let sps = try H264SequenceParameterSet(nalUnit: unit)
///     sps.width  // 1920, cropping applied
package struct H264SequenceParameterSet: Hashable, Sendable {
  package var profileIDC: UInt8
  /// constraint_set0_flag (0x80) to constraint_set5_flag (0x04).
  package var constraintFlags: UInt8
  package var levelIDC: UInt8
  /// seq_parameter_set_id, 0 to 31.
  package var id: Int
  /// 0 monochrome, 1 4:2:0, 2 4:2:2, 3 4:4:4.
  package var chromaFormatIDC: Int
  package var bitDepthLuma: Int
  package var bitDepthChroma: Int
  /// Size after cropping, in luma samples.
  package var width: Int
  package var height: Int
  /// frame_mbs_only_flag: `false` where fields or MBAFF frames may occur.
  package var isFrameOnly: Bool
  package var maxNumRefFrames: Int
  /// Width over height of one sample; `nil` when unspecified.
  package var sampleAspectRatio: Rational?
  /// `nil` when there is no colour description.
  package var colour: ColourInformation?
  /// video_full_range_flag, also known without a colour description; `nil` when absent.
  package var isFullRange: Bool?
  package var timing: VideoTiming?
  /// max_num_reorder_frames; `nil` when there is no bitstream restriction.
  package var maxNumReorderFrames: Int?

  /// Parses a whole NAL unit, from its header byte on.
  ///
  /// - Throws: `CodecsError`
  package init(nalUnit: ByteBuffer) throws {
    var bits = try BitReader(nalUnit: nalUnit, of: "H.264 sequence parameter set")
    try H264NALUnitType.expect([.sequenceParameterSet], in: &bits)
    profileIDC = try bits.byte()
    constraintFlags = try bits.byte()
    levelIDC = try bits.byte()
    id = try bits.ue("seq_parameter_set_id", atMost: 31)
    (chromaFormatIDC, bitDepthLuma, bitDepthChroma) = (1, 8, 8)
    var hasSeparatePlanes = false
    if Self.profilesWithChromaFormat.contains(profileIDC) {
      chromaFormatIDC = try bits.ue("chroma_format_idc", atMost: 3)
      if chromaFormatIDC == 3 { hasSeparatePlanes = try bits.flag() }
      bitDepthLuma = 8 + (try bits.ue("bit_depth_luma_minus8", atMost: 6))
      bitDepthChroma = 8 + (try bits.ue("bit_depth_chroma_minus8", atMost: 6))
      try bits.skip(1)  // qpprime_y_zero_transform_bypass_flag
      if try bits.flag() { try Self.skipScalingLists(chromaFormatIDC == 3 ? 12 : 8, &bits) }
    }
    try Self.skipPictureOrder(&bits)
    maxNumRefFrames = try bits.ue("max_num_ref_frames", atMost: 16)
    try bits.skip(1)  // gaps_in_frame_num_value_allowed_flag
    let widthInMacroblocks = Int(try bits.ue()) + 1
    let heightInMapUnits = Int(try bits.ue()) + 1
    isFrameOnly = try bits.flag()
    if !isFrameOnly { try bits.skip(1) }  // mb_adaptive_frame_field_flag
    try bits.skip(1)  // direct_8x8_inference_flag
    var crop = (left: 0, right: 0, top: 0, bottom: 0)
    if try bits.flag() {
      crop = (Int(try bits.ue()), Int(try bits.ue()), Int(try bits.ue()), Int(try bits.ue()))
    }
    // Equations 7-19 to 7-22; ChromaArrayType 0 has crop units of one sample.
    let chroma = hasSeparatePlanes ? 0 : chromaFormatIDC
    let fields = isFrameOnly ? 1 : 2
    let (unitX, unitY) = (chroma == 1 || chroma == 2 ? 2 : 1, (chroma == 1 ? 2 : 1) * fields)
    width = try PictureLimits.cropped(
      widthInMacroblocks * 16, by: crop.left, crop.right, unit: unitX, "width", of: bits.subject)
    height = try PictureLimits.cropped(
      heightInMapUnits * 16 * fields, by: crop.top, crop.bottom, unit: unitY, "height",
      of: bits.subject)
    if try bits.flag() { try parseUsability(&bits) }
    try bits.expectTrailingBits()
  }

  /// Profiles whose parameter sets carry chroma_format_idc (§7.3.2.1.1).
  package static let profilesWithChromaFormat: Set<UInt8> = [
    100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135,
  ]

  private mutating func parseUsability(_ bits: inout BitReader) throws {
    let head = try VideoUsability(from: &bits)
    (sampleAspectRatio, isFullRange, colour) = (
      head.sampleAspectRatio, head.isFullRange, head.colour
    )
    if try bits.flag() {
      let (units, scale) = (try bits.u(32), try bits.u(32))
      // A tick is a field: two to a frame (§E.2.1).
      timing = VideoTiming(
        unitsInTick: units, timeScale: scale, isFixed: try bits.flag(),
        frameRate: Rational(Int64(scale), Int64(units) * 2))
    }
    let hasNALHRD = try bits.flag()
    if hasNALHRD { try Self.skipHRD(&bits) }
    let hasVCLHRD = try bits.flag()
    if hasVCLHRD { try Self.skipHRD(&bits) }
    if hasNALHRD || hasVCLHRD { try bits.skip(1) }  // low_delay_hrd_flag
    try bits.skip(1)  // pic_struct_present_flag
    if try bits.flag() {
      try bits.skip(1)  // motion_vectors_over_pic_boundaries_flag
      try bits.skipGolomb(4)
      maxNumReorderFrames = try bits.ue("max_num_reorder_frames", atMost: 16)
      try bits.skipGolomb()  // max_dec_frame_buffering
    }
  }

  private static func skipPictureOrder(_ bits: inout BitReader) throws {
    _ = try bits.ue("log2_max_frame_num_minus4", atMost: 12)
    switch try bits.ue("pic_order_cnt_type", atMost: 2) {
    case 0: _ = try bits.ue("log2_max_pic_order_cnt_lsb_minus4", atMost: 12)
    case 1:
      try bits.skip(1)  // delta_pic_order_always_zero_flag
      try bits.skipGolomb(2)
      try bits.skipGolomb(
        try bits.ue("num_ref_frames_in_pic_order_cnt_cycle", atMost: 255))
    default: break
    }
  }

  /// scaling_list(): deltas until one makes nextScale zero (§7.3.2.1.1.1).
  private static func skipScalingLists(_ count: Int, _ bits: inout BitReader) throws {
    for list in 0..<count where try bits.flag() {
      var scale = 8
      for _ in 0..<(list < 6 ? 16 : 64) where scale != 0 {
        scale = (scale + (try bits.se())) & 0xff
      }
    }
  }

  /// hrd_parameters() (§E.1.2).
  private static func skipHRD(_ bits: inout BitReader) throws {
    let count = try bits.ue("cpb_cnt_minus1", atMost: 31) + 1
    try bits.skip(8)
    for _ in 0..<count {
      try bits.skipGolomb(2)
      try bits.skip(1)
    }
    try bits.skip(20)
  }
}
