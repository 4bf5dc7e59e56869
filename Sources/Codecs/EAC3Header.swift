package import NIOCore

/// The head of an E-AC-3 frame: syncinfo() and bsi() (ETSI TS 102 366 Annex E.1.2.1 and E.1.2.2).
package struct EAC3Header: Hashable, Sendable {
  /// strmtyp (Annex E.1.3.1.1).
  package enum StreamType: Int, Sendable {
    case independent = 0
    case dependent = 1
    /// Converted from AC-3.
    case converted = 2
  }

  package var streamType: StreamType
  /// substreamid: 0 to 7, counted apart for independent and dependent substreams.
  package var substream: Int
  /// Bytes of the frame.
  package var byteCount: Int
  /// fscod; 3 for the halved rates.
  package var sampleRateCode: Int
  package var sampleRate: Int
  /// Blocks of 256 samples: 1, 2, 3 or 6.
  package var blockCount: Int
  package var channelMode: Int
  package var hasLowFrequency: Bool
  /// 11 to 16.
  package var bitStreamID: Int
  package var bitStreamMode = 0
  /// chanmap: which positions a dependent substream carries; `nil` where acmod says it.
  package var channelMap: UInt16?
  /// complexity_index_type_a: objects of joint object coding (ETSI TS 103 420 §8.3); `nil` without.
  package var objectCount: Int?

  /// Bytes that are looked at, at most: bsi() with all its options is shorter.
  private static let headByteCount = 256

  /// - Throws: `CodecsError`
  package init(in buffer: ByteBuffer, at offset: Int) throws {
    let left = buffer.writerIndex - offset
    let head = buffer.getSlice(at: offset, length: max(0, min(left, Self.headByteCount)))
    var bits = try BitReader(head ?? ByteBuffer(), of: "E-AC-3 frame")
    guard try bits.u(16) == UInt32(AC3Header.syncWord) else {
      throw CodecsError(
        .invalidValue, "E-AC-3 frame: expected the syncword 0B77; the stream is damaged")
    }
    let type = try bits.int(2)
    substream = try bits.int(3)
    byteCount = 2 * (try bits.int(11) + 1)
    sampleRateCode = try bits.int(2)
    let code = try bits.int(2)
    if sampleRateCode == 3 {
      guard code < 3 else {
        throw CodecsError(.invalidValue, "E-AC-3 frame: sample rate code 3, 3 is reserved")
      }
      (sampleRate, blockCount) = (DolbyTables.sampleRates[code] / 2, 6)
    } else {
      (sampleRate, blockCount) = (
        DolbyTables.sampleRates[sampleRateCode], DolbyTables.blockCounts[code]
      )
    }
    channelMode = try bits.int(3)
    hasLowFrequency = try bits.flag()
    bitStreamID = try bits.int(5)
    guard let streamType = StreamType(rawValue: type), (11...16).contains(bitStreamID) else {
      throw CodecsError(
        .invalidValue, "E-AC-3 frame: strmtyp \(type) or bsid \(bitStreamID) is no E-AC-3")
    }
    self.streamType = streamType
    for _ in 0..<(channelMode == 0 ? 2 : 1) {
      try bits.skip(5)  // dialnorm
      if try bits.flag() { try bits.skip(8) }  // compr
    }
    if streamType == .dependent, try bits.flag() { channelMap = UInt16(try bits.u(16)) }
    if try bits.flag() { try skipMixing(&bits) }
    if try bits.flag() { try readInformation(&bits) }
    if streamType == .independent, blockCount != 6 { try bits.skip(1) }  // convsync
    if streamType == .converted {
      let isBlock = blockCount == 6 ? true : try bits.flag()
      if isBlock { try bits.skip(6) }  // frmsizecod
    }
    guard try bits.flag() else { return }
    let extra = try bits.int(6) + 1
    guard extra >= 2 else { return }
    try bits.skip(7)
    if try bits.flag() { objectCount = try bits.int(8) }
  }

  /// What mixmdate announces: levels for mixing, which only decoders need.
  private func skipMixing(_ bits: inout BitReader) throws {
    if channelMode > 2 { try bits.skip(2) }  // dmixmod
    if channelMode & 1 != 0, channelMode > 2 { try bits.skip(6) }
    if channelMode & 4 != 0 { try bits.skip(6) }
    if hasLowFrequency, try bits.flag() { try bits.skip(5) }
    guard streamType == .independent else { return }
    for _ in 0..<(channelMode == 0 ? 2 : 1) where try bits.flag() { try bits.skip(6) }
    if try bits.flag() { try bits.skip(6) }  // extpgmscl
    switch try bits.int(2) {
    case 1: try bits.skip(5)
    case 2: try bits.skip(12)
    case 3:
      let count = try bits.int(5) + 2
      try bits.skip(count * 8)
    default: break
    }
    if channelMode < 2 {
      for _ in 0..<(channelMode == 0 ? 2 : 1) where try bits.flag() { try bits.skip(14) }
    }
    guard try bits.flag() else { return }
    if blockCount == 1 {
      try bits.skip(5)
    } else {
      for _ in 0..<blockCount where try bits.flag() { try bits.skip(5) }
    }
  }

  /// What infomdate announces.
  private mutating func readInformation(_ bits: inout BitReader) throws {
    bitStreamMode = try bits.int(3)
    try bits.skip(2)
    if channelMode == 2 { try bits.skip(4) }
    if channelMode >= 6 { try bits.skip(2) }
    for _ in 0..<(channelMode == 0 ? 2 : 1) where try bits.flag() { try bits.skip(8) }
    if sampleRateCode < 3 { try bits.skip(1) }  // sourcefscod
  }

  /// Positions that the frame carries: bit 15 is left.
  package var positions: UInt16 {
    channelMap ?? DolbyTables.channelMaps[channelMode] | (hasLowFrequency ? 1 : 0)
  }
}
