/// samplingFrequencyIndex (ISO/IEC 14496-3 Table 1.18).
enum SamplingFrequency {
  static let table = [
    96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350,
  ]
  /// The index that announces 24 explicit bits.
  static let escape = 15

  /// An index of four bits, and the frequency behind the escape.
  static func read(_ bits: inout BitReader) throws -> Int {
    let index = try bits.int(4)
    if index == escape { return try checked(try bits.int(24), bits) }
    guard table.indices.contains(index) else {
      throw CodecsError(
        .invalidValue, "\(bits.subject): samplingFrequencyIndex \(index) is reserved")
    }
    return table[index]
  }

  static func write(_ frequency: Int, into bits: inout BitWriter) {
    if let index = table.firstIndex(of: frequency) {
      bits.u(4, index)
    } else {
      bits.u(4, escape)
      bits.u(24, frequency)
    }
  }

  private static func checked(_ frequency: Int, _ bits: BitReader) throws -> Int {
    guard frequency > 0 else {
      throw CodecsError(.invalidValue, "\(bits.subject): a sampling frequency of 0")
    }
    return frequency
  }
}

/// channelConfiguration (ISO/IEC 14496-3 Table 1.19).
package enum ChannelConfiguration {
  /// Channels of a configuration, `nil` where reserved or stated elsewhere (0).
  package static func channelCount(_ configuration: Int) -> Int? {
    switch configuration {
    case 1...6: configuration
    case 7, 12, 14: 8
    case 11: 7
    case 13: 24
    default: nil
    }
  }
}
