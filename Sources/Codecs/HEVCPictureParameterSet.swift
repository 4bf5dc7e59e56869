package import NIOCore

/// What is read of an HEVC picture parameter set (ISO/IEC 23008-2 §7.3.2.3.1).
package struct HEVCPictureParameterSet: Hashable, Sendable {
  /// pps_pic_parameter_set_id, 0 to 63.
  package var id: Int
  /// pps_seq_parameter_set_id, 0 to 15.
  package var sequenceParameterSetID: Int
  /// dependent_slice_segments_enabled_flag.
  package var hasDependentSliceSegments: Bool
  /// num_extra_slice_header_bits, 0 to 7.
  package var extraSliceHeaderBitCount: Int
  package var hasTiles: Bool
  /// entropy_coding_sync_enabled_flag: wavefronts.
  package var hasEntropyCodingSync: Bool

  /// Parses a NAL unit, from its two header bytes on.
  ///
  /// - Throws: `CodecsError`
  package init(nalUnit: ByteBuffer) throws {
    var bits = try BitReader(nalUnit: nalUnit, of: "HEVC picture parameter set")
    try HEVCNALUnitType.expect(.pictureParameterSet, in: &bits)
    id = try bits.ue("pps_pic_parameter_set_id", atMost: 63)
    sequenceParameterSetID = try bits.ue("pps_seq_parameter_set_id", atMost: 15)
    hasDependentSliceSegments = try bits.flag()
    try bits.skip(1)  // output_flag_present_flag
    extraSliceHeaderBitCount = try bits.int(3)
    try bits.skip(2)  // sign_data_hiding_enabled_flag, cabac_init_present_flag
    try bits.skipGolomb(3)  // default active references, init_qp_minus26
    try bits.skip(2)  // constrained_intra_pred_flag, transform_skip_enabled_flag
    if try bits.flag() { try bits.skipGolomb() }  // diff_cu_qp_delta_depth
    try bits.skipGolomb(2)  // pps_cb_qp_offset, pps_cr_qp_offset
    try bits.skip(4)  // chroma offsets, weighted prediction, transquant bypass
    hasTiles = try bits.flag()
    hasEntropyCodingSync = try bits.flag()
  }
}
