package import NIOCore

/// Access units of AAC-LC that decode to zeros.
package enum AACSilence {
  /// raw_data_block() (ISO/IEC 14496-3 §4.4.2.1) without spectral data: every element has
  /// max_sfb 0, so nothing is coded.
  ///
  /// - Parameter channelConfiguration: 1 to 7 (Table 1.19).
  /// - Throws: `.unsupported` for another configuration.
  package static func rawDataBlock(channelConfiguration: Int) throws -> ByteBuffer {
    guard let elements = layouts[channelConfiguration] else {
      throw CodecsError(
        .unsupported,
        "no silence for channel configuration \(channelConfiguration); 1 to 7 are known")
    }
    var bits = BitWriter()
    var tags: [Element: Int] = [:]
    for element in elements {
      let tag = tags[element, default: 0]
      tags[element] = tag + 1
      bits.u(3, element.rawValue)
      bits.u(4, tag)
      element == .pair ? writePair(&bits) : writeChannel(&bits, hasOwnInfo: true)
    }
    bits.u(3, 7)  // ID_END
    bits.alignToByte()
    return bits.buffer
  }

  /// id_syn_ele (Table 4.85).
  private enum Element: Int {
    case single = 0
    case pair = 1
    case lowFrequency = 3
  }

  private static let layouts: [Int: [Element]] = [
    1: [.single],
    2: [.pair],
    3: [.single, .pair],
    4: [.single, .pair, .single],
    5: [.single, .pair, .pair],
    6: [.single, .pair, .pair, .lowFrequency],
    7: [.single, .pair, .pair, .pair, .lowFrequency],
  ]

  /// channel_pair_element() behind its tag: both channels share one ics_info().
  private static func writePair(_ bits: inout BitWriter) {
    bits.flag(true)  // common_window
    writeInfo(&bits)
    bits.u(2, 0)  // ms_mask_present
    writeChannel(&bits, hasOwnInfo: false)
    writeChannel(&bits, hasOwnInfo: false)
  }

  /// individual_channel_stream(): no section, scale factor or spectral data at max_sfb 0.
  private static func writeChannel(_ bits: inout BitWriter, hasOwnInfo: Bool) {
    bits.u(8, 0)  // global_gain
    if hasOwnInfo { writeInfo(&bits) }
    bits.u(3, 0)  // pulse_data_present, tns_data_present, gain_control_data_present
  }

  /// ics_info() of a long window.
  private static func writeInfo(_ bits: inout BitWriter) {
    bits.u(1, 0)  // ics_reserved_bit
    bits.u(2, 0)  // window_sequence: ONLY_LONG_SEQUENCE
    bits.u(1, 0)  // window_shape
    bits.u(6, 0)  // max_sfb
    bits.u(1, 0)  // predictor_data_present
  }
}
