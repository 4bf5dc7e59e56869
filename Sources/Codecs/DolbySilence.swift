package import NIOCore

/// Frames of AC-3 and E-AC-3 that decode to zeros: all signal-to-noise offsets are 0, so that no
/// mantissa is coded (ETSI TS 102 366 §6.2.2), and nothing is dithered.
package enum DolbySilence {
  /// A syncframe of AC-3 with the rate, channels and mode of a track.
  package static func ac3(_ box: AC3SpecificBox) -> ByteBuffer? {
    guard box.bitStreamID <= 8 else { return nil }
    let frameSizeCode = box.bitRateCode * 2
    var bits = BitWriter()
    bits.u(16, Int(AC3Header.syncWord))
    bits.u(16, 0)  // crc1, below
    bits.u(2, box.sampleRateCode)
    bits.u(6, frameSizeCode)
    bits.u(5, box.bitStreamID)
    bits.u(3, box.bitStreamMode)
    bits.u(3, box.channelMode)
    if box.channelMode & 1 != 0, box.channelMode != 1 { bits.u(2, 1) }  // cmixlev
    if box.channelMode & 4 != 0 { bits.u(2, 1) }  // surmixlev
    if box.channelMode == 2 { bits.u(2, 0) }  // dsurmod
    bits.flag(box.hasLowFrequency)
    for _ in 0..<(box.channelMode == 0 ? 2 : 1) {
      bits.u(5, 31)  // dialnorm
      bits.u(3, 0)  // compre, langcode, audprodie
    }
    bits.u(5, 0)  // copyrightb, origbs, timecod1e, timecod2e, addbsie
    let channels = DolbyTables.channelCounts[box.channelMode]
    for block in 0..<6 {
      bits.u(2 * channels, 0)  // blksw, dithflag
      bits.u(box.channelMode == 0 ? 2 : 1, 0)  // dynrnge
      if block == 0 { bits.u(2, 2) } else { bits.flag(false) }  // cplstre, cplinu
      if box.channelMode == 2 { writeRematrixing(&bits, block) }
      writeExponentStrategies(&bits, block, channels, box.hasLowFrequency)
      if block == 0 {
        writeExponents(&bits, channels, box.hasLowFrequency)
        bits.flag(true)  // baie
        bits.u(11, 0)
        bits.flag(true)  // snroffste
        bits.u(6, 0)
        for _ in 0..<channels + (box.hasLowFrequency ? 1 : 0) { bits.u(7, 0) }
      } else {
        bits.u(2, 0)  // baie, snroffste
      }
      bits.u(2, 0)  // deltbaie, skiple
    }
    guard
      let header = try? AC3Header(in: padded(bits, to: AC3Header.byteCountNeeded), at: 0)
    else { return nil }
    var frame = padded(bits, to: header.byteCount)
    guard frame.readableBytes == header.byteCount else { return nil }
    seal(&frame)
    return frame
  }

  private static func padded(_ bits: BitWriter, to byteCount: Int) -> ByteBuffer {
    var bytes = bits.buffer
    bytes.writeRepeatingByte(0, count: max(0, byteCount - bytes.readableBytes))
    return bytes
  }

  private static func writeRematrixing(_ bits: inout BitWriter, _ block: Int) {
    if block == 0 { bits.u(5, 0b10000) } else { bits.flag(false) }
  }

  /// New exponents four by four in the first block, then the same again.
  private static func writeExponentStrategies(
    _ bits: inout BitWriter, _ block: Int, _ channels: Int, _ hasLowFrequency: Bool
  ) {
    for _ in 0..<channels { bits.u(2, block == 0 ? 3 : 0) }
    if hasLowFrequency { bits.flag(block == 0) }
    if block == 0 { for _ in 0..<channels { bits.u(6, 0) } }  // chbwcod
  }

  /// Exponents of 73 bins in each channel, and of 7 in the low frequency channel: all alike.
  private static func writeExponents(
    _ bits: inout BitWriter, _ channels: Int, _ hasLowFrequency: Bool
  ) {
    // Three differences of 0 in a group: 2 × 25 + 2 × 5 + 2.
    for _ in 0..<channels {
      bits.u(4, 15)
      for _ in 0..<6 { bits.u(7, 62) }
      bits.u(2, 0)  // gainrng
    }
    guard hasLowFrequency else { return }
    bits.u(4, 15)
    for _ in 0..<2 { bits.u(7, 62) }
  }

  /// Fills in crc1, over the first five eighths, and crc2, over the whole (§6.1.7).
  private static func seal(_ frame: inout ByteBuffer) {
    let words = frame.readableBytes / 2
    let part = 2 * ((words >> 1) + (words >> 3))
    let view = Array(frame.readableBytesView)
    // crc1 stands first, so what it must be is found by running the register backwards.
    var wanted = crc(view[4..<part])
    for _ in 0..<(part - 2) * 8 {
      wanted = wanted & 1 != 0 ? (wanted ^ 0x8005) >> 1 | 0x8000 : wanted >> 1
    }
    frame.setInteger(wanted, at: frame.readerIndex + 2)
    let whole = Array(frame.readableBytesView)
    frame.setInteger(
      crc(whole[2..<whole.count - 2]), at: frame.readerIndex + frame.readableBytes - 2)
  }

  /// x¹⁶ + x¹⁵ + x² + 1, from 0.
  private static func crc(_ bytes: ArraySlice<UInt8>) -> UInt16 {
    bytes.reduce(0) { crc, byte in
      (0..<8).reduce(crc ^ UInt16(byte) << 8) { value, _ in
        value & 0x8000 != 0 ? value << 1 ^ 0x8005 : value << 1
      }
    }
  }

  /// A frame of E-AC-3 of six blocks: an independent substream.
  ///
  /// - Returns: `nil` for streams of several substreams.
  package static func eac3(_ box: EAC3SpecificBox) -> ByteBuffer? {
    guard box.substreams.count == 1, let stream = box.substreams.first,
      stream.dependentCount == 0, stream.sampleRateCode < 3
    else { return nil }
    let channels = DolbyTables.channelCounts[stream.channelMode]
    var bits = BitWriter()
    bits.u(16, Int(AC3Header.syncWord))
    bits.u(5, 0)  // strmtyp, substreamid
    let byteCount = 256
    bits.u(11, byteCount / 2 - 1)
    bits.u(2, stream.sampleRateCode)
    bits.u(2, 3)  // six blocks
    bits.u(3, stream.channelMode)
    bits.flag(stream.hasLowFrequency)
    bits.u(5, 16)
    for _ in 0..<(stream.channelMode == 0 ? 2 : 1) { bits.u(6, 62) }  // dialnorm 31, compre 0
    bits.u(3, 0)  // mixmdate, infomdate, addbsie
    writeFrame(&bits, stream, channels)
    for block in 0..<6 {
      bits.u(channels, 0)  // dithflag
      bits.u(stream.channelMode == 0 ? 2 : 1, 0)  // dynrnge
      bits.flag(false)  // spxinu, spxstre
      if stream.channelMode == 2 {
        if block == 0 { bits.u(4, 0) } else { bits.flag(false) }  // rematflg, rematstr
      }
      if block == 0 {
        for _ in 0..<channels { bits.u(6, 0) }  // chbwcod
        writeExponents(&bits, channels, stream.hasLowFrequency)
      }
      bits.flag(false)  // convsnroffste
    }
    var frame = padded(bits, to: byteCount)
    guard frame.readableBytes == byteCount else { return nil }
    let view = Array(frame.readableBytesView)
    frame.setInteger(crc(view[2..<byteCount - 2]), at: frame.readerIndex + byteCount - 2)
    return frame
  }

  /// audfrm() (Annex E.1.2.3).
  private static func writeFrame(
    _ bits: inout BitWriter, _ stream: EAC3SpecificBox.Substream, _ channels: Int
  ) {
    bits.flag(true)  // expstre
    bits.flag(false)  // ahte
    bits.u(2, 0)  // snroffststr
    bits.flag(false)  // transproce
    bits.flag(false)  // blkswe
    bits.flag(true)  // dithflage
    bits.u(5, 0)  // bamode, frmfgaincode, dbaflde, skipflde, spxattene
    if stream.channelMode > 1 {
      bits.flag(false)  // cplinu of the first block, then cplstre
      bits.u(5, 0)
    }
    for block in 0..<6 { for _ in 0..<channels { bits.u(2, block == 0 ? 3 : 0) } }
    if stream.hasLowFrequency { for block in 0..<6 { bits.flag(block == 0) } }
    for _ in 0..<channels { bits.u(5, 0) }  // convexpstr
    bits.u(10, 0)  // frmcsnroffst, frmfsnroffst
    bits.flag(false)  // blkstrtinfoe
  }
}
