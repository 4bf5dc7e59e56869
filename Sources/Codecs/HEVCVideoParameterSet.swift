package import NIOCore

/// What is read of an HEVC video parameter set (ISO/IEC 23008-2 §7.3.2.1).
package struct HEVCVideoParameterSet: Hashable, Sendable {
  /// vps_video_parameter_set_id, 0 to 15.
  package var id: Int
  /// vps_max_sub_layers_minus1 + 1, 1 to 7.
  package var maxSubLayers: Int

  /// Parses a NAL unit, from its two header bytes on.
  ///
  /// - Throws: `CodecsError`
  package init(nalUnit: ByteBuffer) throws {
    var bits = try BitReader(nalUnit: nalUnit, of: "HEVC video parameter set")
    try HEVCNALUnitType.expect(.videoParameterSet, in: &bits)
    id = try bits.int(4)
    try bits.skip(2 + 6)  // base layer flags, vps_max_layers_minus1
    maxSubLayers = try HEVCLimits.maxSubLayers(&bits)
  }
}
