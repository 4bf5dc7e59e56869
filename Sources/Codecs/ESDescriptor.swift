package import NIOCore

/// ES_Descriptor (ISO/IEC 14496-1 §7.2.6.5): the payload of `esds` behind version and flags.
///
///     let descriptor = try ESDescriptor(parsing: payload)
///     let config = try AudioSpecificConfig(parsing: descriptor.decoderSpecificInfo!)
package struct ESDescriptor: Hashable, Sendable {
  /// Most bytes of the descriptor.
  package static let byteCountLimit = 1 << 16

  /// objectTypeIndication of MPEG-4 audio.
  package static let mpeg4Audio: UInt8 = 0x40
  /// streamType of audio.
  package static let audioStream: UInt8 = 5

  /// ES_ID; 0 in MP4 files.
  package var id: UInt16
  package var objectTypeIndication: UInt8
  /// Six bits: 4 visual, 5 audio.
  package var streamType: UInt8
  /// Bytes of the decoding buffer, 24 bits.
  package var bufferSize: UInt32
  package var maxBitsPerSecond: UInt32
  /// 0 for a variable rate.
  package var averageBitsPerSecond: UInt32
  /// DecoderSpecificInfo, for AAC an AudioSpecificConfig; `nil` when absent.
  package var decoderSpecificInfo: ByteBuffer?

  package init(
    id: UInt16 = 0, objectTypeIndication: UInt8 = Self.mpeg4Audio,
    streamType: UInt8 = Self.audioStream, bufferSize: UInt32 = 0, maxBitsPerSecond: UInt32 = 0,
    averageBitsPerSecond: UInt32 = 0, decoderSpecificInfo: ByteBuffer?
  ) {
    self.id = id
    self.objectTypeIndication = objectTypeIndication
    self.streamType = streamType & 0x3f
    self.bufferSize = min(bufferSize, 0xff_ffff)
    self.maxBitsPerSecond = maxBitsPerSecond
    self.averageBitsPerSecond = averageBitsPerSecond
    self.decoderSpecificInfo = decoderSpecificInfo
  }

  /// Parses the descriptor; descriptors it does not know are passed over.
  ///
  /// - Throws: `CodecsError`
  package init(parsing payload: ByteBuffer) throws {
    guard payload.readableBytes <= Self.byteCountLimit else {
      throw CodecsError(
        .limitExceeded,
        "ES_Descriptor: \(payload.readableBytes) bytes, at most \(Self.byteCountLimit)")
    }
    var outer = DescriptorReader(payload)
    guard let es = try outer.next(), es.tag == 3 else {
      throw CodecsError(
        .invalidValue, "esds: expected an ES_Descriptor (tag 3) behind version and flags")
    }
    var body = DescriptorReader(es.body)
    id = try body.integer("ES_ID")
    let flags: UInt8 = try body.integer("ES flags")
    if flags & 0x80 != 0 { try body.skip(2, "dependsOn_ES_ID") }
    if flags & 0x40 != 0 {
      let count: UInt8 = try body.integer("URLlength")
      try body.skip(Int(count), "URLstring")
    }
    if flags & 0x20 != 0 { try body.skip(2, "OCR_ES_Id") }
    guard let config = try body.first(tag: 4) else {
      throw CodecsError(.invalidValue, "esds: no DecoderConfigDescriptor (tag 4)")
    }
    var decoder = DescriptorReader(config)
    objectTypeIndication = try decoder.integer("objectTypeIndication")
    let packed: UInt32 = try decoder.integer("streamType and bufferSizeDB")
    (streamType, bufferSize) = (UInt8(packed >> 26), packed & 0xff_ffff)
    maxBitsPerSecond = try decoder.integer("maxBitrate")
    averageBitsPerSecond = try decoder.integer("avgBitrate")
    decoderSpecificInfo = try decoder.first(tag: 5).map { ByteBuffer(bytes: $0.readableBytesView) }
  }

  /// The descriptor with the shortest lengths and the SL configuration that MP4 files have
  /// (ISO/IEC 14496-14 §3.1.2).
  package var bytes: ByteBuffer {
    var decoder = ByteBuffer()
    decoder.writeInteger(objectTypeIndication)
    // upStream 0, reserved 1.
    decoder.writeInteger(UInt32(streamType) << 26 | 1 << 24 | bufferSize)
    decoder.writeInteger(maxBitsPerSecond)
    decoder.writeInteger(averageBitsPerSecond)
    if let decoderSpecificInfo { decoder.writeDescriptor(5, decoderSpecificInfo) }
    var body = ByteBuffer()
    body.writeInteger(id)
    body.writeInteger(UInt8(0))
    body.writeDescriptor(4, decoder)
    body.writeDescriptor(6, ByteBuffer(bytes: [2]))  // SLConfigDescriptor: predefined for MP4
    var buffer = ByteBuffer()
    buffer.writeDescriptor(3, body)
    return buffer
  }
}

/// Takes descriptors apart: a tag, a length of one to four bytes, a body (§8.3.3).
private struct DescriptorReader {
  private var buffer: ByteBuffer

  init(_ buffer: ByteBuffer) { self.buffer = buffer }

  mutating func integer<Number: FixedWidthInteger>(_ field: StaticString) throws -> Number {
    guard let value = buffer.readInteger(as: Number.self) else { throw truncated(field) }
    return value
  }

  mutating func skip(_ count: Int, _ field: StaticString) throws {
    guard buffer.readSlice(length: count) != nil else { throw truncated(field) }
  }

  mutating func next() throws -> (tag: UInt8, body: ByteBuffer)? {
    guard let tag = buffer.readInteger(as: UInt8.self) else { return nil }
    var length = 0
    for byteIndex in 0..<4 {
      let byte: UInt8 = try integer("a descriptor's length")
      length = length << 7 | Int(byte & 0x7f)
      if byte & 0x80 == 0 { break }
      guard byteIndex < 3 else {
        throw CodecsError(.invalidValue, "esds: the length of descriptor \(tag) exceeds four bytes")
      }
    }
    guard let body = buffer.readSlice(length: length) else { throw truncated("a descriptor") }
    return (tag, body)
  }

  mutating func first(tag: UInt8) throws -> ByteBuffer? {
    while let descriptor = try next() {
      if descriptor.tag == tag { return descriptor.body }
    }
    return nil
  }

  private func truncated(_ field: StaticString) -> CodecsError {
    CodecsError(
      .truncated,
      "esds: ends inside \(field), \(buffer.readableBytes) bytes are left; the box is cut")
  }
}

extension ByteBuffer {
  fileprivate mutating func writeDescriptor(_ tag: UInt8, _ body: ByteBuffer) {
    writeInteger(tag)
    // 28 bits; a body holds a DecoderSpecificInfo of far less.
    precondition(body.readableBytes < 1 << 28, "descriptor of \(body.readableBytes) bytes")
    for shift in [21, 14, 7] where body.readableBytes >> shift > 0 {
      writeInteger(UInt8(body.readableBytes >> shift & 0x7f) | 0x80)
    }
    writeInteger(UInt8(body.readableBytes & 0x7f))
    writeImmutableBuffer(body)
  }
}
