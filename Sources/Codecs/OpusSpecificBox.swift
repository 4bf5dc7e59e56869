package import NIOCore

/// The payload of `dOps` (Encapsulation of Opus in ISOBMFF §4.3.2): an identification header
/// (RFC 7845 §5.1) in network byte order.
package struct OpusSpecificBox: Hashable, Sendable {
  /// Channels that leave the decoder.
  package var channelCount: Int
  /// Samples at 48 kHz before the first that is presented.
  package var preSkip: Int
  /// Of what was encoded; informative.
  package var inputSampleRate: UInt32
  /// Decibels in 1/256.
  package var outputGain: Int16
  /// 0 is mono or stereo, 1 the Vorbis orders, 2 and 3 ambisonics, 255 unnamed.
  package var mappingFamily: UInt8
  /// Coded streams, and how many of them are stereo.
  package var streamCount: Int
  package var coupledCount: Int
  /// Which decoded channel each output channel takes; empty for family 0.
  package var mapping: [UInt8]

  /// Magic of an identification header (RFC 7845 §5.1).
  private static let magic = Array("OpusHead".utf8)

  package init(
    channelCount: Int, preSkip: Int, inputSampleRate: UInt32 = 48_000, outputGain: Int16 = 0
  ) {
    self.channelCount = channelCount
    self.preSkip = preSkip
    self.inputSampleRate = inputSampleRate
    self.outputGain = outputGain
    (mappingFamily, streamCount, coupledCount, mapping) = (0, 1, channelCount - 1, [])
  }

  /// - Throws: `CodecsError`
  package init(parsing payload: ByteBuffer) throws { try self.init(payload, isBigEndian: true) }

  /// From the `OpusHead` of Ogg and Matroska, whose numbers are little-endian.
  ///
  /// - Throws: `CodecsError`
  package init(identificationHeader: ByteBuffer) throws {
    var rest = identificationHeader
    guard rest.readBytes(length: 8) == Self.magic else {
      throw CodecsError(.invalidValue, "OpusHead: its magic is missing; the file is damaged")
    }
    try self.init(rest, isBigEndian: false)
  }

  private init(_ payload: ByteBuffer, isBigEndian: Bool) throws {
    var bytes = payload
    let order: Endianness = isBigEndian ? .big : .little
    func cut() -> CodecsError {
      CodecsError(.truncated, "\(isBigEndian ? "dOps" : "OpusHead"): is cut short")
    }
    guard let version = bytes.readInteger(as: UInt8.self),
      let channels = bytes.readInteger(as: UInt8.self),
      let skip = bytes.readInteger(endianness: order, as: UInt16.self),
      let rate = bytes.readInteger(endianness: order, as: UInt32.self),
      let gain = bytes.readInteger(endianness: order, as: Int16.self),
      let family = bytes.readInteger(as: UInt8.self)
    else { throw cut() }
    // dOps has version 0, OpusHead 1; both may grow in the low bits.
    guard version < 16, channels > 0, family != 0 || channels <= 2 else {
      throw CodecsError(
        .invalidValue,
        "Opus: version \(version), \(channels) channels, mapping family \(family) is not allowed")
    }
    channelCount = Int(channels)
    preSkip = Int(skip)
    inputSampleRate = rate
    outputGain = gain
    mappingFamily = family
    guard family != 0 else {
      (streamCount, coupledCount, mapping) = (1, channelCount - 1, [])
      return
    }
    guard let streams = bytes.readInteger(as: UInt8.self),
      let coupled = bytes.readInteger(as: UInt8.self)
    else { throw cut() }
    streamCount = Int(streams)
    coupledCount = Int(coupled)
    // Families 2 and 3 of ambisonics: 3 has a matrix instead of a mapping (RFC 8486 §3.2).
    let count = family == 3 ? 2 * channelCount * (streamCount + coupledCount) : channelCount
    guard let mapping = bytes.readBytes(length: count) else { throw cut() }
    self.mapping = mapping
    guard streams > 0, coupled <= streams, streamCount + coupledCount <= 255 else {
      throw CodecsError(
        .invalidValue, "Opus: \(streams) streams of which \(coupled) are stereo is not allowed")
    }
  }

  package var bytes: ByteBuffer {
    var bytes = ByteBuffer()
    bytes.writeInteger(UInt8(0))
    bytes.writeInteger(UInt8(truncatingIfNeeded: channelCount))
    bytes.writeInteger(UInt16(clamping: preSkip))
    bytes.writeInteger(inputSampleRate)
    bytes.writeInteger(outputGain)
    bytes.writeInteger(mappingFamily)
    guard mappingFamily != 0 else { return bytes }
    bytes.writeInteger(UInt8(truncatingIfNeeded: streamCount))
    bytes.writeInteger(UInt8(truncatingIfNeeded: coupledCount))
    bytes.writeBytes(mapping)
    return bytes
  }
}
