package import NIOCore

/// Joins frames that are not shown with the frame behind them: a sample is what is decoded for one
/// picture (VP-codec-ISOBMFF §2.3), and WebM keeps hidden frames apart.
///
///     var builder = VP9SuperframeBuilder()
///     if let sample = try builder.take(packet) { … }
package struct VP9SuperframeBuilder: Sendable {
  private var pending: [ByteBuffer] = []

  /// Frames of a superframe, at most (VP9 Annex B.2).
  private static let maximumCount = 8

  package init() {}

  /// - Returns: the sample that the packet completes; `nil` while nothing of it is shown.
  /// - Throws: `CodecsError`
  package mutating func take(_ packet: ByteBuffer) throws -> ByteBuffer? {
    let ranges = try VP9Superframe(
      in: packet, at: packet.readerIndex, count: packet.readableBytes
    ).frames
    let isShown = try ranges.contains {
      let frame = try VP9FrameHeader(in: packet, at: $0.offset, count: $0.count)
      return frame.isShown || frame.showsExistingFrame
    }
    if isShown, pending.isEmpty { return packet }
    for range in ranges {
      if let frame = packet.getSlice(at: range.offset, length: range.count) {
        // A copy: the packet's storage is used again.
        pending.append(ByteBuffer(bytes: frame.readableBytesView))
      }
    }
    guard pending.count <= Self.maximumCount else {
      throw CodecsError(
        .limitExceeded,
        "VP9: \(pending.count) frames come before one that is shown; at most "
          + "\(Self.maximumCount) fit a superframe")
    }
    guard isShown else { return nil }
    defer { pending.removeAll() }
    return joined()
  }

  private func joined() -> ByteBuffer {
    var bytes = ByteBuffer()
    for var frame in pending { bytes.writeBuffer(&frame) }
    let largest = pending.map(\.readableBytes).max() ?? 0
    let width = max(1, (Int.bitWidth - largest.leadingZeroBitCount + 7) / 8)
    let marker = UInt8(0xc0 | (width - 1) << 3 | (pending.count - 1))
    bytes.writeInteger(marker)
    for frame in pending {
      for byte in 0..<width {
        bytes.writeInteger(UInt8(truncatingIfNeeded: frame.readableBytes >> (8 * byte)))
      }
    }
    bytes.writeInteger(marker)
    return bytes
  }
}
