package import MediaCore
package import NIOCore

/// Static metadata of high dynamic range that a video stream carries.
package struct HDRMetadata: Hashable, Sendable {
  package var masteringDisplay: MasteringDisplay?
  package var contentLight: ContentLight?

  package init() {}

  package var isComplete: Bool { masteringDisplay != nil && contentLight != nil }

  /// Takes what SEI messages of an H.264 or HEVC sample, or metadata units of an AV1 sample, say
  /// (ISO/IEC 23008-2 §D.3.28 and §D.3.35, AV1 §6.7.3 and §6.7.4). What cannot be read is passed.
  package mutating func take(
    _ buffer: ByteBuffer, at offset: Int, count: Int, codec: VideoCodec, framing: NALUnitFraming
  ) {
    switch codec {
    case .vp9: return
    case .av1: takeUnits(buffer, offset, count)
    case .h264, .hevc:
      guard
        var units = try? NALUnits(in: buffer, at: offset, count: count, framing: framing)
      else { return }
      while let unit = try? units.next() {
        guard let header = buffer.getInteger(at: unit.offset, as: UInt8.self) else { return }
        let isMessage =
          codec == .h264
          ? H264NALUnitType(header: header) == .supplementalEnhancementInformation
          : HEVCNALUnitType(header: header) == .prefixSEI
        if isMessage { takeMessages(buffer, unit, headerByteCount: codec == .h264 ? 1 : 2) }
      }
    }
  }

  /// The messages of one SEI NAL unit, as `hvcC` holds them too.
  package mutating func take(nalUnit: ByteBuffer, codec: VideoCodec) {
    takeMessages(
      nalUnit, NALUnitRange(offset: nalUnit.readerIndex, count: nalUnit.readableBytes),
      headerByteCount: codec == .h264 ? 1 : 2)
  }

  private mutating func takeMessages(
    _ buffer: ByteBuffer, _ unit: NALUnitRange, headerByteCount: Int
  ) {
    var messages = SEIMessages(buffer, unit, headerByteCount: headerByteCount)
    while let (type, payload) = messages.next(keeping: [137, 144]) {
      var bytes = payload
      if type == 137 {
        masteringDisplay = Self.masteringDisplay(&bytes) ?? masteringDisplay
      } else if let maximum = bytes.readInteger(as: UInt16.self),
        let average = bytes.readInteger(as: UInt16.self)
      {
        contentLight = ContentLight(maximum: maximum, maximumFrameAverage: average)
      }
    }
  }

  private static func masteringDisplay(_ bytes: inout ByteBuffer) -> MasteringDisplay? {
    var coordinates: [UInt16] = []
    for _ in 0..<8 {
      guard let value = bytes.readInteger(as: UInt16.self) else { return nil }
      coordinates.append(value)
    }
    guard let highest = bytes.readInteger(as: UInt32.self),
      let lowest = bytes.readInteger(as: UInt32.self)
    else { return nil }
    return MasteringDisplay(
      coordinates: coordinates, maximumLuminance: highest, minimumLuminance: lowest)
  }

  // MARK: AV1

  private mutating func takeUnits(_ buffer: ByteBuffer, _ offset: Int, _ count: Int) {
    var units = AV1OBUs(in: buffer, at: offset, count: count)
    while let unit = try? units.next() {
      guard unit.kind == .metadata,
        let (type, width) = LEB128.read(buffer, at: unit.payloadOffset, end: unit.end),
        var bytes = buffer.getSlice(
          at: unit.payloadOffset + width, length: unit.payloadCount - width)
      else { continue }
      if type == 1, let maximum = bytes.readInteger(as: UInt16.self),
        let average = bytes.readInteger(as: UInt16.self)
      {
        contentLight = ContentLight(maximum: maximum, maximumFrameAverage: average)
      } else if type == 2 {
        masteringDisplay = Self.av1MasteringDisplay(&bytes) ?? masteringDisplay
      }
    }
  }

  /// metadata_hdr_mdcv(): red, green, blue, white in 0.16 fixed point, luminances in 24.8 and 18.14.
  private static func av1MasteringDisplay(_ bytes: inout ByteBuffer) -> MasteringDisplay? {
    var values: [UInt16] = []
    for _ in 0..<8 {
      guard let value = bytes.readInteger(as: UInt16.self) else { return nil }
      values.append(UInt16(clamping: (Int(value) * 50_000 + 0x8000) >> 16))
    }
    guard let highest = bytes.readInteger(as: UInt32.self),
      let lowest = bytes.readInteger(as: UInt32.self)
    else { return nil }
    return MasteringDisplay(
      // Green, blue, red, white.
      coordinates: Array(values[2..<6] + values[0..<2] + values[6..<8]),
      maximumLuminance: UInt32(clamping: (UInt64(highest) * 10_000 + 0x80) >> 8),
      minimumLuminance: UInt32(clamping: (UInt64(lowest) * 10_000 + 0x2000) >> 14))
  }
}

/// The messages of an SEI NAL unit, one by one (ISO/IEC 23008-2 §7.3.5).
struct SEIMessages {
  private var bytes: UnescapedBytes

  /// Bytes of a message that is kept, at most.
  static let maximumByteCount = 4096

  init(_ buffer: ByteBuffer, _ unit: NALUnitRange, headerByteCount: Int) {
    bytes = UnescapedBytes(buffer, from: unit.offset + headerByteCount, to: unit.end)
  }

  /// The next message of one of the types; `nil` at the end, or where the unit is cut.
  mutating func next(keeping types: Set<Int>) -> (type: Int, payload: ByteBuffer)? {
    while let type = number(), let size = number() {
      let isKept = types.contains(type) && size <= Self.maximumByteCount
      var payload = ByteBuffer()
      for _ in 0..<size {
        guard let byte = bytes.next() else { return nil }
        if isKept { payload.writeInteger(byte) }
      }
      if isKept { return (type, payload) }
    }
    return nil
  }

  /// payloadType and payloadSize: 255 for each FF, then the last byte.
  private mutating func number() -> Int? {
    var value = 0
    while let byte = bytes.next() {
      value += Int(byte)
      if byte != 0xff { return value }
    }
    return nil
  }
}
