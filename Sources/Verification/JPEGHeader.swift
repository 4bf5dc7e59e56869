package import NIOCore

/// What the header of a JPEG file says (ITU-T T.81 Annex B).
package struct JPEGHeader: Hashable {
  /// In pixels.
  package let width: Int
  package let height: Int
  package let componentCount: Int

  /// Marker segments before the frame header, at most.
  static let maximumSegmentCount = 256

  /// - Returns: `nil` if the bytes are no JPEG of eight bits with a size, or do not end as one.
  package init?(_ bytes: ByteBuffer) {
    var rest = bytes
    guard rest.readInteger(as: UInt16.self) == 0xffd8,
      bytes.getInteger(at: bytes.writerIndex - 2, as: UInt16.self) == 0xffd9
    else { return nil }
    for _ in 0..<Self.maximumSegmentCount {
      // Any number of fill bytes may stand before a marker (§B.1.1.2).
      guard rest.readInteger(as: UInt8.self) == 0xff else { return nil }
      var marker: UInt8 = 0xff
      while marker == 0xff {
        guard let next = rest.readInteger(as: UInt8.self) else { return nil }
        marker = next
      }
      switch marker {
      case 0x01, 0xd0...0xd7: continue
      case 0xc0...0xc3, 0xc5...0xc7, 0xc9...0xcb, 0xcd...0xcf:
        // Length, precision, lines, samples a line, components (§B.2.2).
        guard let length = rest.readInteger(as: UInt16.self),
          let precision = rest.readInteger(as: UInt8.self),
          let height = rest.readInteger(as: UInt16.self),
          let width = rest.readInteger(as: UInt16.self),
          let count = rest.readInteger(as: UInt8.self),
          precision == 8, width > 0, height > 0, Int(length) == 8 + 3 * Int(count)
        else { return nil }
        self.width = Int(width)
        self.height = Int(height)
        componentCount = Int(count)
        return
      case 0x00, 0xd8, 0xd9, 0xda: return nil
      default:
        guard let length = rest.readInteger(as: UInt16.self), length >= 2,
          rest.readableBytes >= Int(length) - 2
        else { return nil }
        rest.moveReaderIndex(forwardBy: Int(length) - 2)
      }
    }
    return nil
  }
}
