import NIOCore

/// What a connection reads into: a buffer that is made for each read and gone when it has been looked at, so that
/// connections keep no memory for what they may be sent, and reads of many connections touch the same.
struct ReceiveBuffers: RecvByteBufferAllocator {
  /// The channel keeps its first one.
  private var isFirst = true

  func buffer(allocator: ByteBufferAllocator) -> ByteBuffer {
    allocator.buffer(
      capacity: isFirst ? Limits.firstReceiveByteCount : Limits.receiveByteCount)
  }

  /// - Returns: that the next buffer has another size, or the channel would take the first one again.
  mutating func record(actualReadBytes: Int) -> Bool {
    isFirst = false
    return true
  }
}
