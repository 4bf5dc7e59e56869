package import NIOCore

/// The payload of `av1C` (AV1-ISOBMFF §2.3.3).
///
///     let record = try AV1CodecConfigurationRecord(parsing: payload)
///     record.sequenceHeader?.width
package struct AV1CodecConfigurationRecord: Hashable, Sendable {
  package var profile: Int
  package var level: Int
  package var isHighTier: Bool
  package var bitDepth: Int
  package var isMonochrome: Bool
  package var subsamplingX: Int
  package var subsamplingY: Int
  package var chromaSamplePosition: Int
  /// initial_presentation_delay_minus_one.
  package var initialPresentationDelay: Int?
  /// The sequence header first, then metadata: whole units, each with its size.
  package var configurationUnits: ByteBuffer
  /// Of the units; `nil` if they hold none.
  package var sequenceHeader: AV1SequenceHeader?

  /// - Throws: `CodecsError`
  package init(parsing payload: ByteBuffer) throws {
    var bits = try BitReader(payload, of: "av1C")
    let marker = try bits.u(8)
    guard marker == 0x81 else {
      throw CodecsError(
        .invalidValue, "av1C: marker and version are \(marker); 129, version 1, is expected")
    }
    profile = try bits.int(3)
    level = try bits.int(5)
    isHighTier = try bits.flag()
    let isHighDepth = try bits.flag()
    bitDepth = try bits.flag() ? 12 : isHighDepth ? 10 : 8
    isMonochrome = try bits.flag()
    subsamplingX = try bits.int(1)
    subsamplingY = try bits.int(1)
    chromaSamplePosition = try bits.int(2)
    try bits.skip(3)
    let delay = try bits.flag() ? try bits.int(4) : nil
    if delay == nil { try bits.skip(4) }
    initialPresentationDelay = delay
    configurationUnits =
      payload.getSlice(at: payload.readerIndex + 4, length: payload.readableBytes - 4)
      ?? ByteBuffer()
    var units = AV1OBUs(
      in: configurationUnits, at: configurationUnits.readerIndex,
      count: configurationUnits.readableBytes)
    while let unit = try units.next() {
      guard unit.kind == .sequenceHeader, sequenceHeader == nil,
        let slice = configurationUnits.getSlice(
          at: unit.payloadOffset, length: unit.payloadCount)
      else { continue }
      sequenceHeader = try AV1SequenceHeader(payload: slice)
    }
  }

  /// Builds a record from the payload of a sequence header.
  /// - Parameter metadata: whole units of type metadata that hold for all of the track.
  /// - Throws: `CodecsError`
  package init(sequenceHeader payload: ByteBuffer, metadata: [ByteBuffer] = []) throws {
    let header = try AV1SequenceHeader(payload: payload)
    (profile, level, isHighTier) = (header.profile, header.level, header.isHighTier)
    (bitDepth, isMonochrome) = (header.bitDepth, header.isMonochrome)
    (subsamplingX, subsamplingY) = (header.subsamplingX, header.subsamplingY)
    chromaSamplePosition = header.chromaSamplePosition
    initialPresentationDelay = nil
    var units = ByteBuffer()
    units.writeInteger(AV1OBU.Kind.sequenceHeader.rawValue << 3 | 2)
    units.writeBytes(LEB128.bytes(payload.readableBytes))
    units.writeImmutableBuffer(payload)
    for unit in metadata { units.writeImmutableBuffer(unit) }
    configurationUnits = units
    sequenceHeader = header
  }

  /// The box payload.
  package var bytes: ByteBuffer {
    var bits = BitWriter()
    bits.u(8, 0x81)
    bits.u(3, profile)
    bits.u(5, level)
    bits.flag(isHighTier)
    bits.flag(bitDepth > 8)
    bits.flag(bitDepth == 12)
    bits.flag(isMonochrome)
    bits.u(1, subsamplingX)
    bits.u(1, subsamplingY)
    bits.u(2, chromaSamplePosition)
    bits.u(3, 0)
    bits.flag(initialPresentationDelay != nil)
    bits.u(4, initialPresentationDelay ?? 0)
    var bytes = bits.buffer
    bytes.writeImmutableBuffer(configurationUnits)
    return bytes
  }
}
