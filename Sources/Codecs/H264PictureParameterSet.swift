package import NIOCore

/// What is read of an H.264 picture parameter set (ISO/IEC 14496-10 §7.3.2.2).
package struct H264PictureParameterSet: Hashable, Sendable {
  /// pic_parameter_set_id, 0 to 255.
  package var id: Int
  /// seq_parameter_set_id, 0 to 31.
  package var sequenceParameterSetID: Int
  /// entropy_coding_mode_flag: CABAC.
  package var isCABAC: Bool

  /// Parses a NAL unit, from its header byte on.
  ///
  /// - Throws: `CodecsError`
  package init(nalUnit: ByteBuffer) throws {
    var bits = try BitReader(nalUnit: nalUnit, of: "H.264 picture parameter set")
    try H264NALUnitType.expect([.pictureParameterSet], in: &bits)
    id = try bits.ue("pic_parameter_set_id", atMost: 255)
    sequenceParameterSetID = try bits.ue("seq_parameter_set_id", atMost: 31)
    isCABAC = try bits.flag()
  }
}
