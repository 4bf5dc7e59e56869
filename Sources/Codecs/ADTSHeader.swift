package import NIOCore

/// The header of an ADTS frame (ISO/IEC 14496-3 §1.A.3.2).
package struct ADTSHeader: Hashable, Sendable {
  /// Bytes of a header without and with its checksum.
  package static let byteCounts = [7, 9]
  /// Largest aac_frame_length, header included.
  package static let frameByteCountLimit = 8191

  /// Audio object type: profile_ObjectType + 1, 1 to 4.
  package var objectType: Int
  package var samplingFrequency: Int
  /// 0 to 7; 0 when a program config element in the frame says it.
  package var channelConfiguration: Int
  /// aac_frame_length: bytes of the frame, header included.
  package var frameByteCount: Int
  /// adts_buffer_fullness; 0x7ff is a variable rate.
  package var bufferFullness: Int
  /// number_of_raw_data_blocks_in_frame + 1, 1 to 4: access units in the frame.
  package var rawDataBlockCount: Int
  /// protection_absent is 0.
  package var hasChecksum: Bool

  /// Bytes before the first raw data block: the header, and with a checksum the positions of
  /// the further blocks.
  package var headerByteCount: Int {
    hasChecksum ? 9 + (rawDataBlockCount - 1) * 2 : 7
  }

  /// Bytes of the frame behind the header.
  package var payloadByteCount: Int { frameByteCount - headerByteCount }

  /// Parses the header at an index of a buffer.
  ///
  /// - Throws: `.truncated` when seven bytes are not there, `.invalidValue` when it is no header.
  package init(in buffer: ByteBuffer, at offset: Int) throws {
    guard let slice = buffer.getSlice(at: offset, length: 7) else {
      throw CodecsError(
        .truncated, "ADTS header at byte \(offset): 7 bytes were expected, the stream ends")
    }
    var bits = try BitReader(slice, of: "ADTS header at byte \(offset)")
    let sync = try bits.u(12)
    try bits.skip(1)  // ID: MPEG-4 or MPEG-2
    let layer = try bits.u(2)
    guard sync == 0xfff, layer == 0 else {
      throw CodecsError(
        .invalidValue,
        "\(bits.subject): expected the syncword FFF and layer 0; the stream is damaged or no ADTS")
    }
    hasChecksum = try !bits.flag()
    objectType = try bits.int(2) + 1
    let index = try bits.int(4)
    guard SamplingFrequency.table.indices.contains(index) else {
      throw CodecsError(
        .invalidValue, "\(bits.subject): sampling_frequency_index \(index) is not allowed")
    }
    samplingFrequency = SamplingFrequency.table[index]
    try bits.skip(1)  // private_bit
    channelConfiguration = try bits.int(3)
    try bits.skip(4)  // original_copy, home, copyright identification
    frameByteCount = try bits.int(13)
    bufferFullness = try bits.int(11)
    rawDataBlockCount = try bits.int(2) + 1
    guard frameByteCount > headerByteCount else {
      throw CodecsError(
        .invalidValue,
        "\(bits.subject): aac_frame_length \(frameByteCount) does not pass its header of "
          + "\(headerByteCount) bytes")
    }
  }

  /// A header without checksum for one raw data block of variable rate.
  ///
  /// - Throws: `.invalidValue` for what ADTS cannot say, `.limitExceeded` for too long a block.
  package init(_ config: AudioSpecificConfig, rawDataBlockByteCount: Int) throws {
    guard (1...4).contains(config.objectType), config.channelConfiguration <= 7,
      config.coreFrameLength == 1024,
      SamplingFrequency.table.contains(config.samplingFrequency)
    else {
      throw CodecsError(
        .invalidValue,
        "ADTS cannot say object type \(config.objectType), \(config.samplingFrequency) Hz, "
          + "channel configuration \(config.channelConfiguration)")
    }
    guard (1...Self.frameByteCountLimit - 7).contains(rawDataBlockByteCount) else {
      throw CodecsError(
        .limitExceeded,
        "an ADTS frame takes 1 to \(Self.frameByteCountLimit - 7) bytes, not "
          + "\(rawDataBlockByteCount)")
    }
    objectType = config.objectType
    samplingFrequency = config.samplingFrequency
    channelConfiguration = config.channelConfiguration
    frameByteCount = 7 + rawDataBlockByteCount
    (bufferFullness, rawDataBlockCount, hasChecksum) = (0x7ff, 1, false)
  }

  /// The seven bytes of the header. A checksum, which spans the frame, is not written.
  package var bytes: ByteBuffer {
    var bits = BitWriter()
    bits.u(12, 0xfff)
    bits.u(3, 0)
    bits.flag(!hasChecksum)
    bits.u(2, objectType - 1)
    bits.u(4, SamplingFrequency.table.firstIndex(of: samplingFrequency) ?? SamplingFrequency.escape)
    bits.u(1, 0)
    bits.u(3, channelConfiguration)
    bits.u(4, 0)
    bits.u(13, frameByteCount)
    bits.u(11, bufferFullness)
    bits.u(2, rawDataBlockCount - 1)
    return bits.buffer
  }
}
