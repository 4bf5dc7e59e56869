package import NIOCore

/// The payload of `dac3` (ETSI TS 102 366 Annex F.4): what all syncframes of an AC-3 track share.
package struct AC3SpecificBox: Hashable, Sendable {
  package var sampleRateCode: Int
  package var bitStreamID: Int
  package var bitStreamMode: Int
  package var channelMode: Int
  package var hasLowFrequency: Bool
  /// frmsizecod / 2.
  package var bitRateCode: Int

  package static let byteCount = 3

  package init(_ header: AC3Header) {
    sampleRateCode = header.sampleRateCode
    bitStreamID = header.bitStreamID
    bitStreamMode = header.bitStreamMode
    channelMode = header.channelMode
    hasLowFrequency = header.hasLowFrequency
    bitRateCode = header.bitRateCode
  }

  /// - Throws: `CodecsError`
  package init(parsing payload: ByteBuffer) throws {
    var bits = try BitReader(payload, of: "dac3")
    sampleRateCode = try bits.int(2)
    bitStreamID = try bits.int(5)
    bitStreamMode = try bits.int(3)
    channelMode = try bits.int(3)
    hasLowFrequency = try bits.flag()
    bitRateCode = try bits.int(5)
    guard sampleRateCode < 3, bitStreamID <= 10, bitRateCode < DolbyTables.kilobits.count else {
      throw CodecsError(
        .invalidValue,
        "dac3: sample rate code \(sampleRateCode), bsid \(bitStreamID) or bit rate code "
          + "\(bitRateCode) is reserved")
    }
  }

  package var bytes: ByteBuffer {
    var bits = BitWriter()
    bits.u(2, sampleRateCode)
    bits.u(5, bitStreamID)
    bits.u(3, bitStreamMode)
    bits.u(3, channelMode)
    bits.flag(hasLowFrequency)
    bits.u(5, bitRateCode)
    bits.u(5, 0)
    return bits.buffer
  }

  package var sampleRate: Int {
    DolbyTables.sampleRates[sampleRateCode] >> max(0, bitStreamID - 8)
  }

  /// Positions of the channels: bit 15 is left (Annex E.1.3.1.8).
  package var channelMap: UInt16 {
    DolbyTables.channelMaps[channelMode] | (hasLowFrequency ? 1 : 0)
  }

  package var channelCount: Int {
    DolbyTables.channelCounts[channelMode] + (hasLowFrequency ? 1 : 0)
  }

  /// Whether a syncframe is of this track: all but the rate agree.
  package func matches(_ header: AC3Header) -> Bool {
    sampleRateCode == header.sampleRateCode && channelMode == header.channelMode
      && hasLowFrequency == header.hasLowFrequency && bitStreamID == header.bitStreamID
  }
}
