package import NIOCore

/// Caption data of ATSC A/53 in the SEI messages of a picture.
package enum CaptionData {
  /// Bytes of caption data of one picture, at most: 31 triplets are allowed, both fields of a
  /// picture and messages that stand twice are met.
  package static let maximumByteCount = 31 * 3 * 8

  private static let messageType = 4

  /// The triplets of `cc_data` (ANSI/CTA-708 §4.3) of all messages of an access unit, in order;
  /// `nil` if there are none, or the NAL units cannot be read.
  package static func find(
    in buffer: ByteBuffer, at offset: Int, count: Int, codec: VideoCodec, framing: NALUnitFraming
  ) -> ByteBuffer? {
    guard var units = try? NALUnits(in: buffer, at: offset, count: count, framing: framing) else {
      return nil
    }
    var found: ByteBuffer?
    while let unit = try? units.next() {
      guard let header = buffer.getInteger(at: unit.offset, as: UInt8.self) else { continue }
      switch codec {
      case .h264:
        let type = H264NALUnitType(header: header)
        if type == .supplementalEnhancementInformation {
          collect(buffer, from: unit.offset + 1, to: unit.end, into: &found)
        } else if type.isVCL, framing == .annexB {
          // SEI stands before the first slice (ISO/IEC 14496-10 §7.4.1.2.3). Some encoders do not
          // keep to it; where lengths lead on, looking further costs nothing.
          return found
        }
      case .hevc:
        // 39 is PREFIX_SEI_NUT, below 32 are slices (ISO/IEC 23008-2 Table 7-1).
        let type = HEVCNALUnitType(header: header).rawValue
        if type == 39 {
          collect(buffer, from: unit.offset + 2, to: unit.end, into: &found)
        } else if type < 32, framing == .annexB {
          return found
        }
      case .av1, .vp9: return nil
      }
    }
    return found
  }

  private static func collect(
    _ buffer: ByteBuffer, from start: Int, to end: Int, into found: inout ByteBuffer?
  ) {
    var bytes = UnescapedBytes(buffer, from: start, to: end)
    while let type = number(&bytes), let size = number(&bytes) {
      guard type == messageType else {
        for _ in 0..<size where bytes.next() == nil { return }
        continue
      }
      var message: [UInt8] = []
      for _ in 0..<size {
        guard let byte = bytes.next() else { break }
        message.append(byte)
      }
      if let triplets = triplets(of: message) {
        var all = found ?? ByteBuffer()
        all.writeBytes(triplets.prefix(max(0, maximumByteCount - all.readableBytes)))
        found = all
      }
      if message.count < size { return }
    }
  }

  /// payloadType and payloadSize: 255 for each FF, then the last byte.
  private static func number(_ bytes: inout UnescapedBytes) -> Int? {
    var value = 0
    while let byte = bytes.next() {
      value += Int(byte)
      if byte != 0xff { return value }
    }
    return nil
  }

  /// `cc_data()` of `user_data_registered_itu_t_t35`: country B5, provider 0031, `GA94`, type 3
  /// (ATSC A/53 Part 4 §6.2.3).
  private static func triplets(of message: [UInt8]) -> ArraySlice<UInt8>? {
    let front: [UInt8] = [0xB5, 0x00, 0x31, 0x47, 0x41, 0x39, 0x34, 0x03]
    guard message.starts(with: front), message.count > front.count + 2 else { return nil }
    let flags = message[front.count]
    // process_cc_data_flag; below it cc_count, then a byte of em_data.
    guard flags & 0x40 != 0 else { return nil }
    let first = front.count + 2
    let count = min(Int(flags & 0x1f) * 3, (message.count - first) / 3 * 3)
    return count > 0 ? message[first..<first + count] : nil
  }
}
