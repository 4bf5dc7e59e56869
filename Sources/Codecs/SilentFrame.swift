package import NIOCore

/// Coded frames that decode to zeros, for gaps in a stream.
package enum SilentFrame {
  // MARK: Opus

  /// A packet of CELT frames whose silence flag is set: the two bytes FF FE (RFC 6716 §4.3.1).
  ///
  /// - Parameter sampleCount: at 48 kHz, in multiples of 2.5 ms up to 120 ms.
  /// - Returns: `nil` for a length that no packet has.
  package static func opus(_ box: OpusSpecificBox, sampleCount: Int) -> ByteBuffer? {
    guard let size = [960, 480, 240, 120].first(where: { sampleCount % $0 == 0 }),
      (1...48).contains(sampleCount / size), sampleCount <= OpusPacket.maximumSampleCount,
      let configuration = [120: 28, 240: 29, 480: 30, 960: 31][size]
    else { return nil }
    let count = sampleCount / size
    var packet = ByteBuffer()
    for stream in 0..<box.streamCount {
      let isStereo = stream < box.coupledCount
      let contents = UInt8(configuration) << 3 | (isStereo ? 4 : 0)
      // All streams but the last say their own length (Appendix B).
      let isDelimited = stream < box.streamCount - 1
      packet.writeInteger(contents | (count == 1 ? 0 : 3))
      if count > 1 { packet.writeInteger(UInt8(count)) }
      if isDelimited { packet.writeInteger(UInt8(2)) }
      for _ in 0..<count { packet.writeInteger(UInt16(0xfffe)) }
    }
    return packet
  }

  /// A packet whose frame is empty, which says that it was lost: a decoder that has decoded nothing
  /// yet gives zeros for it and stays as it is, so that what follows decodes as from a start.
  package static func opusLead(_ box: OpusSpecificBox, sampleCount: Int) -> ByteBuffer? {
    guard let configuration = [120: 28, 240: 29, 480: 30, 960: 31][sampleCount] else { return nil }
    var packet = ByteBuffer()
    for stream in 0..<box.streamCount {
      packet.writeInteger(UInt8(configuration) << 3 | (stream < box.coupledCount ? 4 : 0))
      if stream < box.streamCount - 1 { packet.writeInteger(UInt8(0)) }
    }
    return packet
  }

  // MARK: FLAC

  /// A frame of constant subframes of 0 (RFC 9639 §9.2.3).
  package static func flac(_ box: FLACSpecificBox, sampleCount: Int) -> ByteBuffer? {
    guard (1...0x10000).contains(sampleCount), (4...32).contains(box.bitsPerSample) else {
      return nil
    }
    var bits = BitWriter()
    bits.u(16, 0xfff8)
    bits.u(4, 7)  // block size behind the number, in 16 bits
    bits.u(4, 0)  // sample rate as in STREAMINFO
    bits.u(4, box.channelCount - 1)
    bits.u(3, 0)  // sample size as in STREAMINFO
    bits.u(1, 0)
    bits.u(8, 0)  // number of the frame
    bits.u(16, sampleCount - 1)
    bits.u(8, FLACChecksum.crc8(bits.buffer))
    for _ in 0..<box.channelCount {
      bits.u(8, 0)  // constant, without wasted bits
      bits.u(box.bitsPerSample, 0)
    }
    bits.alignToByte()
    bits.u(16, FLACChecksum.crc16(bits.buffer))
    return bits.buffer
  }

  // MARK: MP3

  /// A frame without main data: all its side information is zero, so no spectrum is coded.
  package static func mp3(_ header: MPEGAudioHeader) -> ByteBuffer {
    // Without checksum, without padding.
    let word = (header.word | 0x1_0000) & ~0x200
    var bytes = ByteBuffer(integer: word)
    let count = header.frameByteCount - (header.hasPadding ? 1 : 0)
    bytes.writeRepeatingByte(0, count: max(0, count - 4))
    return bytes
  }
}
