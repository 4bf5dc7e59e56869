/// hrd_parameters(1, …), read only to reach the bitstream restriction behind it
/// (ISO/IEC 23008-2 §E.2.2).
enum HEVCHypotheticalDecoder {
  static func skip(_ bits: inout BitReader, maxSubLayers: Int) throws {
    let hasNAL = try bits.flag()
    let hasVCL = try bits.flag()
    var hasSubPictures = false
    if hasNAL || hasVCL {
      hasSubPictures = try bits.flag()
      if hasSubPictures { try bits.skip(19) }
      try bits.skip(8)  // bit_rate_scale, cpb_size_scale
      if hasSubPictures { try bits.skip(4) }
      try bits.skip(15)
    }
    for _ in 0..<maxSubLayers {
      let isFixedInGeneral = try bits.flag()
      let isFixed = isFixedInGeneral ? true : try bits.flag()
      var isLowDelay = false
      if isFixed {
        try bits.skipGolomb()  // elemental_duration_in_tc_minus1
      } else {
        isLowDelay = try bits.flag()
      }
      let count = isLowDelay ? 1 : try bits.ue("cpb_cnt_minus1", atMost: 31) + 1
      // sub_layer_hrd_parameters() for each kind that is present.
      for _ in 0..<count * ((hasNAL ? 1 : 0) + (hasVCL ? 1 : 0)) {
        try bits.skipGolomb(hasSubPictures ? 4 : 2)
        try bits.skip(1)  // cbr_flag
      }
    }
  }
}
