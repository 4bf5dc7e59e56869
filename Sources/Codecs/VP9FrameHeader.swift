package import MediaCore
package import NIOCore

/// The front of a VP9 frame: what tells how it is coded (VP9 §6.2).
package struct VP9FrameHeader: Hashable, Sendable {
  /// 0 to 3: 8 bits 4:2:0, 8 bits other, 10 or 12 bits 4:2:0, 10 or 12 bits other.
  package var profile: Int
  /// A frame that was decoded before is shown again; nothing else is known then.
  package var showsExistingFrame = false
  package var isKey = false
  package var isIntraOnly = false
  package var isShown = true
  package var refreshFlags: UInt8 = 0
  /// Of key frames, and of intra-only frames of profile 1 and up.
  package var format: VP9Format?

  /// - Throws: `.truncated`, or `.invalidValue` for what is no VP9 frame.
  package init(in buffer: ByteBuffer, at offset: Int, count: Int) throws {
    guard let head = buffer.getSlice(at: offset, length: min(max(count, 0), 32)) else {
      throw CodecsError(.truncated, "VP9 frame at byte \(offset): it reaches past the data")
    }
    var bits = try BitReader(head, of: "VP9 frame at byte \(offset)")
    guard try bits.u(2) == 2 else {
      throw CodecsError(.invalidValue, "\(bits.subject): no frame marker; it is damaged or no VP9")
    }
    profile = try bits.int(1)
    profile |= try bits.int(1) << 1
    if profile == 3 { try bits.skip(1) }
    showsExistingFrame = try bits.flag()
    if showsExistingFrame { return }
    isKey = try !bits.flag()
    isShown = try bits.flag()
    let isErrorResilient = try bits.flag()
    if isKey {
      try Self.expectSync(&bits)
      var format = try VP9Format(from: &bits, profile: profile)
      format.width = try bits.int(16) + 1
      format.height = try bits.int(16) + 1
      self.format = format
      refreshFlags = 0xff
      return
    }
    isIntraOnly = isShown ? false : try bits.flag()
    if !isErrorResilient { try bits.skip(2) }  // reset_frame_context
    if isIntraOnly {
      try Self.expectSync(&bits)
      if profile > 0 { format = try VP9Format(from: &bits, profile: profile) }
    }
    refreshFlags = UInt8(try bits.u(8))
  }

  private static func expectSync(_ bits: inout BitReader) throws {
    guard try bits.u(24) == 0x49_8342 else {
      throw CodecsError(.invalidValue, "\(bits.subject): no sync code; it is damaged")
    }
  }
}

/// color_config() and the size of a VP9 key frame (VP9 §6.2.2).
package struct VP9Format: Hashable, Sendable {
  package var bitDepth = 8
  package var subsamplingX = 1
  package var subsamplingY = 1
  /// color_space: 1 BT.601, 2 BT.709, 3 SMPTE 170M, 4 SMPTE 240M, 5 BT.2020, 7 sRGB; 0 unknown.
  package var colourSpace = 0
  package var isFullRange = false
  package var width = 0
  package var height = 0

  init(from bits: inout BitReader, profile: Int) throws {
    if profile >= 2 { bitDepth = try bits.flag() ? 12 : 10 }
    colourSpace = try bits.int(3)
    if colourSpace == 7 {
      isFullRange = true
      (subsamplingX, subsamplingY) = (0, 0)
      if profile & 1 == 1 { try bits.skip(1) }
    } else {
      isFullRange = try bits.flag()
      if profile & 1 == 1 {
        subsamplingX = try bits.int(1)
        subsamplingY = try bits.int(1)
        try bits.skip(1)
      }
    }
  }

  /// The code points of ISO/IEC 23091-2 that the colour space stands for; `nil` if it is unknown.
  package var colour: ColourInformation? {
    let points: (UInt16, UInt16, UInt16)? =
      switch colourSpace {
      case 1, 3: (6, 6, 6)
      case 2: (1, 1, 1)
      case 4: (7, 7, 7)
      case 5: (9, bitDepth == 12 ? 15 : 14, 9)
      case 7: (1, 13, 0)
      default: nil
      }
    return points.map {
      ColourInformation(primaries: $0.0, transfer: $0.1, matrix: $0.2, isFullRange: isFullRange)
    }
  }
}

/// The frames of a sample: one, or as many as a superframe index says (VP9 Annex B).
package struct VP9Superframe: Hashable, Sendable {
  /// Offset and bytes of each frame.
  package var frames: [NALUnitRange] = []

  /// A sample without a byte has no frame.
  /// - Throws: `.truncated` for an index whose frames do not fit the sample.
  package init(in buffer: ByteBuffer, at offset: Int, count: Int) throws {
    guard count > 0 else { return }
    guard let last = buffer.getInteger(at: offset + count - 1, as: UInt8.self) else {
      throw CodecsError(.truncated, "VP9: the sample at byte \(offset) reaches past the data")
    }
    let number = Int(last & 7) + 1
    let width = Int(last >> 3 & 3) + 1
    let indexCount = 2 + number * width
    guard last & 0xe0 == 0xc0, indexCount <= count,
      buffer.getInteger(at: offset + count - indexCount, as: UInt8.self) == last
    else {
      frames = [NALUnitRange(offset: offset, count: count)]
      return
    }
    var at = offset
    for index in 0..<number {
      var size = 0
      for byte in 0..<width {
        let place = offset + count - indexCount + 1 + index * width + byte
        size |= Int(buffer.getInteger(at: place, as: UInt8.self) ?? 0) << (8 * byte)
      }
      guard at + size <= offset + count - indexCount else {
        throw CodecsError(
          .truncated, "VP9: the superframe at byte \(offset) lists more bytes than it has")
      }
      if size > 0 { frames.append(NALUnitRange(offset: at, count: size)) }
      at += size
    }
  }
}
