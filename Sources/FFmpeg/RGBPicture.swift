package import NIOCore

/// A picture of red, green and blue samples, row by row without gaps.
package struct RGBPicture: Sendable, Hashable {
  package enum Depth: Sendable, Hashable {
    /// One byte a sample.
    case eight
    /// Two bytes a sample in little-endian order.
    case sixteen

    package var byteCount: Int { self == .eight ? 1 : 2 }
  }

  package let width: Int
  package let height: Int
  package let depth: Depth
  package var bytes: ByteBuffer

  /// - Precondition: `bytes` holds exactly the picture's samples.
  package init(width: Int, height: Int, depth: Depth, bytes: ByteBuffer) {
    precondition(
      bytes.readableBytes == width * height * 3 * depth.byteCount,
      "\(bytes.readableBytes) bytes for a picture of \(width)x\(height)")
    self.width = width
    self.height = height
    self.depth = depth
    self.bytes = bytes
  }

  /// A black picture of eight bits.
  package init(width: Int, height: Int) {
    self.init(
      width: width, height: height, depth: .eight,
      bytes: ByteBuffer(repeating: 0, count: width * height * 3))
  }
}
