import NIOCore

/// PRIORITY_UPDATE (RFC 9218 §7.1): another priority for a request, which may not even have come. NIOHTTP2 passes over
/// frames of that type, so that they are read here, on the way to it.
struct PriorityUpdate: Hashable, Sendable {
  /// Number of the stream.
  var stream: Int
  var field: String
}

/// Walks over the frames of a connection (RFC 9113 §4.1) without looking into them, but for PRIORITY_UPDATE.
struct FrameWalk {
  enum Found: Hashable {
    case update(PriorityUpdate)
    /// "… the recipient MUST respond with a connection error of type" PROTOCOL_ERROR or FRAME_SIZE_ERROR.
    case malformed
  }

  /// Bytes that are passed over before the next frame begins: at first those of the preface.
  private var skipped = ConnectionPreface.bytes.count
  /// The beginning of a frame, as long as more of it is needed.
  private var kept = ByteBuffer()

  static let headerByteCount = 9
  private static let priorityUpdateType: UInt32 = 0x10

  /// - Parameter found: gets what there is, in its order.
  mutating func read(_ bytes: ByteBuffer, _ found: (Found) -> Void) {
    var bytes = bytes
    if kept.readableBytes > 0 {
      kept.writeBuffer(&bytes)
      (bytes, kept) = (kept, ByteBuffer())
    }
    while bytes.readableBytes > 0 {
      if skipped > 0 {
        let count = min(skipped, bytes.readableBytes)
        bytes.moveReaderIndex(forwardBy: count)
        skipped -= count
        continue
      }
      let start = bytes.readerIndex
      guard bytes.readableBytes >= Self.headerByteCount,
        let head = bytes.getInteger(at: start, as: UInt32.self),
        let stream = bytes.getInteger(at: start + 5, as: UInt32.self)
      else { return kept = bytes }
      let count = Int(head >> 8)
      if head & 0xff == Self.priorityUpdateType {
        guard count <= Limits.priorityFieldByteCount + 4, count >= 4, stream & 0x7fff_ffff == 0
        else {
          found(.malformed)
          skipped = Self.headerByteCount + count
          continue
        }
        guard bytes.readableBytes >= Self.headerByteCount + count else { return kept = bytes }
        found(Self.update(bytes, at: start + Self.headerByteCount, count: count))
      }
      skipped = Self.headerByteCount + count
    }
  }

  private static func update(_ bytes: ByteBuffer, at index: Int, count: Int) -> Found {
    guard let id = bytes.getInteger(at: index, as: UInt32.self), id & 0x7fff_ffff != 0,
      let field = bytes.getString(at: index + 4, length: count - 4)
    else { return .malformed }
    return .update(PriorityUpdate(stream: Int(id & 0x7fff_ffff), field: field))
  }
}
