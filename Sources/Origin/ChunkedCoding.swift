import NIOCore

/// A body in chunks, whose length nobody knows when it begins (RFC 9112 §7.1).
enum ChunkedCoding {
  /// "chunk-size CRLF chunk-data CRLF".
  static func chunk(_ bytes: ByteBuffer) -> ByteBuffer {
    var chunk = ByteBuffer()
    chunk.reserveCapacity(bytes.readableBytes + Limits.chunkFrameByteCount)
    chunk.writeString(String(bytes.readableBytes, radix: 16))
    chunk.writeStaticString("\r\n")
    chunk.writeImmutableBuffer(bytes)
    chunk.writeStaticString("\r\n")
    return chunk
  }

  static let lastChunk = ByteBuffer(string: "0\r\n\r\n")
}
