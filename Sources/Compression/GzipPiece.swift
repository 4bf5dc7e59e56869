internal import CCompression
package import NIOCore

/// A piece of a text, compressed so that it can be put together with others: what most versions of a text
/// have in common is compressed once.
///
///     let pieces = [head, body, tail].compactMap { GzipPiece($0) }
///     let coded = GzipPiece.member(of: pieces)
///
/// A piece is a run of deflate blocks that ends at a whole byte (RFC 1951) and refers to nothing before it.
package struct GzipPiece: Sendable {
  private let blocks: ByteBuffer
  private let checksum: UInt
  /// Bytes of the text.
  private let byteCount: Int

  /// - Returns: `nil` for a text that does not become smaller, or is more than `ContentCoding.byteLimit`.
  package init?(_ text: ByteBuffer) {
    byteCount = text.readableBytes
    guard byteCount <= ContentCoding.byteLimit else { return nil }
    let room = byteCount + Self.overhead
    var coded = ByteBuffer()
    var checksum: UInt = 0
    let count = unsafe text.withUnsafeReadableBytes { source in
      let input = unsafe source.bindMemory(to: UInt8.self).baseAddress
      checksum = unsafe UInt(crc32(0, input, UInt32(source.count)))
      return unsafe coded.writeWithUnsafeMutableBytes(minimumWritableBytes: room) { target in
        guard let output = unsafe target.bindMemory(to: UInt8.self).baseAddress else { return 0 }
        return unsafe dougong_deflate_piece(
          input, source.count, output, target.count, ContentCoding.gzipLevel)
      }
    }
    guard count > 0 || byteCount == 0 else { return nil }
    blocks = coded
    self.checksum = checksum
  }

  /// Bytes that a text may grow by.
  private static let overhead = 64

  /// The pieces as one gzip member (RFC 1952), without name or time.
  package static func member(of pieces: [GzipPiece]) -> ByteBuffer {
    var member = ByteBuffer()
    member.reserveCapacity(pieces.reduce(32) { $0 + $1.blocks.readableBytes })
    member.writeBytes(header)
    var checksum: UInt = 0
    var byteCount = 0
    for piece in pieces {
      member.writeImmutableBuffer(piece.blocks)
      checksum = UInt(crc32_combine(checksum, piece.checksum, piece.byteCount))
      byteCount += piece.byteCount
    }
    member.writeBytes(lastBlock)
    member.writeInteger(UInt32(truncatingIfNeeded: checksum), endianness: .little)
    member.writeInteger(UInt32(truncatingIfNeeded: byteCount), endianness: .little)
    return member
  }

  /// ID1, ID2, CM, FLG, MTIME, XFL, OS (§2.3): as zlib writes them.
  private static let header: [UInt8] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3]
  /// An empty block with fixed codes, the last one (RFC 1951 §3.2.6).
  private static let lastBlock: [UInt8] = [3, 0]
}
