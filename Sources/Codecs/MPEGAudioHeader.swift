package import NIOCore

/// The header of a frame of MPEG audio layer III (ISO/IEC 11172-3 §2.4.1.3, ISO/IEC 13818-3 §2.4.1.3).
package struct MPEGAudioHeader: Hashable, Sendable {
  package static let byteCount = 4

  /// MPEG-1; else MPEG-2, or its extension to lower rates.
  package var isMPEG1: Bool
  package var hasChecksum: Bool
  package var bitsPerSecond: Int
  package var sampleRate: Int
  package var hasPadding: Bool
  package var isMono: Bool
  /// The four bytes.
  package let word: UInt32

  /// Kilobits in a second by bitrate_index, of layer III.
  private static let rates1 = [
    0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320,
  ]
  private static let rates2 = [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160]

  /// - Throws: `CodecsError` for what is no frame of layer III with a stated rate.
  package init(in buffer: ByteBuffer, at offset: Int) throws {
    guard let word = buffer.getInteger(at: offset, as: UInt32.self) else {
      throw CodecsError(.truncated, "MP3 frame: ends inside its header")
    }
    try self.init(word)
  }

  package init(_ word: UInt32) throws {
    self.word = word
    func field(_ shift: UInt32, _ mask: UInt32) -> Int { Int(word >> shift & mask) }
    let version = field(19, 3)
    let rate = field(12, 15)
    let frequency = field(10, 3)
    guard field(21, 0x7ff) == 0x7ff, version != 1, field(17, 3) == 1, (1...14).contains(rate),
      frequency < 3
    else {
      throw CodecsError(
        .invalidValue,
        "MP3 frame: \(String(word, radix: 16)) is no header of layer III; the stream is damaged")
    }
    isMPEG1 = version == 3
    hasChecksum = field(16, 1) == 0
    bitsPerSecond = (isMPEG1 ? Self.rates1 : Self.rates2)[rate] * 1000
    sampleRate = [44_100, 48_000, 32_000][frequency] >> (version == 3 ? 0 : version == 2 ? 1 : 2)
    hasPadding = field(9, 1) == 1
    isMono = field(6, 3) == 3
  }

  /// A header of a rate and channels, where a container says no more; 128 or 64 kbit/s.
  ///
  /// - Throws: `.invalidValue` for a rate that layer III does not have.
  package init(sampleRate: Int, channelCount: Int) throws {
    let rates = [44_100, 48_000, 32_000]
    for (version, shift) in [(3, 0), (2, 1), (0, 2)] as [(UInt32, Int)] {
      guard let index = rates.firstIndex(where: { $0 >> shift == sampleRate }) else { continue }
      let mode: UInt32 = channelCount == 1 ? 3 : 0
      try self.init(
        0xffe0_0000 | version << 19 | 1 << 17 | 1 << 16 | (version == 3 ? 9 : 8) << 12
          | UInt32(index) << 10 | mode << 6)
      return
    }
    throw CodecsError(.invalidValue, "MP3: layer III has no rate of \(sampleRate) Hz")
  }

  package var samplesPerFrame: Int { isMPEG1 ? 1152 : 576 }
  package var channelCount: Int { isMono ? 1 : 2 }

  /// Bytes of the frame (§2.4.3.1).
  package var frameByteCount: Int {
    samplesPerFrame / 8 * bitsPerSecond / sampleRate + (hasPadding ? 1 : 0)
  }

  /// Bytes of side information behind the header and checksum (§2.4.1.7).
  package var sideByteCount: Int { isMPEG1 ? (isMono ? 17 : 32) : (isMono ? 9 : 17) }

  /// Frames before one that hold parts of it: the bit reservoir reaches 511 bytes back, or 255,
  /// and the transform overlaps one frame.
  package var reach: Int {
    let room = max(1, frameByteCount - MPEGAudioHeader.byteCount - sideByteCount)
    return min(1 + ((isMPEG1 ? 511 : 255) + room - 1) / room, 32)
  }

  /// objectTypeIndication of `esds` (ISO/IEC 14496-1 Table 5).
  package var objectTypeIndication: UInt8 { isMPEG1 ? 0x6b : 0x69 }

  /// Whether a frame is of the same stream: version, rate and channels agree.
  package func matches(_ other: MPEGAudioHeader) -> Bool {
    isMPEG1 == other.isMPEG1 && sampleRate == other.sampleRate && isMono == other.isMono
  }

  /// The header as four bytes.
  package var bytes: ByteBuffer { ByteBuffer(integer: word) }
}
