package import NIOCore

/// The head of an AC-3 syncframe: syncinfo() and bsi() (ETSI TS 102 366 §4.3.1 and §4.3.2).
package struct AC3Header: Hashable, Sendable {
  /// Samples of a syncframe: six blocks of 256.
  package static let samplesPerFrame = 1536
  /// First two bytes of every syncframe, of E-AC-3 too.
  package static let syncWord: UInt16 = 0x0b77
  /// Bytes that hold all that is read.
  static let byteCountNeeded = 8

  /// 0 is 48 kHz, 1 is 44.1 kHz, 2 is 32 kHz.
  package var sampleRateCode: Int
  /// 0 to 37: bit rate and, at 44.1 kHz, whether the frame has a word more.
  package var frameSizeCode: Int
  /// bsid: 8, or 6 for the alternate syntax; 9 and 10 divide the sample rate.
  package var bitStreamID: Int
  /// bsmod: 0 is a complete main programme.
  package var bitStreamMode: Int
  /// acmod: 2 is stereo, 7 is three channels in front and two behind.
  package var channelMode: Int
  package var hasLowFrequency: Bool

  /// - Throws: `.truncated` when the bytes end, `.invalidValue` when it is no syncframe of AC-3.
  package init(in buffer: ByteBuffer, at offset: Int) throws {
    guard let slice = buffer.getSlice(at: offset, length: Self.byteCountNeeded) else {
      throw CodecsError(.truncated, "AC-3 syncframe: ends inside its header")
    }
    var bits = try BitReader(slice, of: "AC-3 syncframe")
    guard try bits.u(16) == UInt32(Self.syncWord) else {
      throw CodecsError(
        .invalidValue, "AC-3 syncframe: expected the syncword 0B77; the stream is damaged")
    }
    try bits.skip(16)  // crc1
    sampleRateCode = try bits.int(2)
    frameSizeCode = try bits.int(6)
    bitStreamID = try bits.int(5)
    bitStreamMode = try bits.int(3)
    channelMode = try bits.int(3)
    guard sampleRateCode < 3, frameSizeCode < 38, bitStreamID <= 10 else {
      throw CodecsError(
        .invalidValue,
        "AC-3 syncframe: sample rate code \(sampleRateCode), frame size code \(frameSizeCode) or "
          + "bsid \(bitStreamID) is reserved")
    }
    if channelMode & 1 != 0, channelMode != 1 { try bits.skip(2) }  // cmixlev
    if channelMode & 4 != 0 { try bits.skip(2) }  // surmixlev
    if channelMode == 2 { try bits.skip(2) }  // dsurmod
    hasLowFrequency = try bits.flag()
  }

  /// Samples in a second. Below bsid 9 the code alone says it.
  package var sampleRate: Int {
    DolbyTables.sampleRates[sampleRateCode] >> max(0, bitStreamID - 8)
  }

  /// frmsizecod / 2: row of the table of bit rates.
  package var bitRateCode: Int { frameSizeCode >> 1 }

  package var channelCount: Int {
    DolbyTables.channelCounts[channelMode] + (hasLowFrequency ? 1 : 0)
  }

  /// Bytes of the frame (Table 4.13).
  package var byteCount: Int {
    let rate = DolbyTables.kilobits[bitRateCode]
    switch sampleRateCode {
    case 0: return rate * 4
    case 1: return 2 * (rate * 96_000 / 44_100 + frameSizeCode & 1)
    default: return rate * 6
    }
  }
}

/// Tables that AC-3 and E-AC-3 share.
enum DolbyTables {
  /// By fscod (Table 4.1).
  static let sampleRates = [48000, 44100, 32000]
  /// By acmod, without the low frequency channel (Table 4.3).
  static let channelCounts = [2, 1, 2, 3, 3, 4, 4, 5]
  /// Kilobits in a second by frmsizecod / 2 (Table 4.13).
  static let kilobits = [
    32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384, 448, 512, 576, 640,
  ]
  /// Blocks of 256 samples by numblkscod (Annex E.1.3.1.5).
  static let blockCounts = [1, 2, 3, 6]
  /// Positions by acmod, as the custom channel map of Annex E.1.3.1.8 has them: left is bit 15.
  static let channelMaps: [UInt16] = [
    0xa000, 0x4000, 0xa000, 0xe000, 0xa100, 0xe100, 0xb800, 0xf800,
  ]
  /// Channels of each bit of a channel map, from bit 15: pairs count twice.
  static let mapCounts = [1, 1, 1, 1, 1, 2, 2, 1, 1, 2, 2, 2, 1, 2, 1, 1]

  /// Channels of a channel map.
  static func channelCount(_ map: UInt16) -> Int {
    mapCounts.enumerated().reduce(0) { $0 + (map & 0x8000 >> UInt16($1.0) != 0 ? $1.1 : 0) }
  }
}
