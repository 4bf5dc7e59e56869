internal import CCompression
package import NIOCore

/// A content coding that texts are sent in (RFC 9110 §8.4.1).
///
///     let smaller = ContentCoding.gzip.encode(playlist)
///
/// The same bytes give the same coded bytes, as long as the library is the same version.
package enum ContentCoding: String, CaseIterable, Hashable, Sendable {
  /// Brotli (RFC 7932).
  case brotli = "br"
  /// gzip (RFC 1952), without a time.
  case gzip

  /// Coded bytes, if they are fewer than `room`.
  ///
  /// - Parameter bytes: at most `byteLimit`; more are not coded.
  package func encode(_ bytes: ByteBuffer, room: Int) -> ByteBuffer? {
    guard bytes.readableBytes <= Self.byteLimit, room > 1 else { return nil }
    var coded = ByteBuffer()
    let count = unsafe bytes.withUnsafeReadableBytes { source in
      unsafe coded.writeWithUnsafeMutableBytes(minimumWritableBytes: room) { target in
        unsafe encode(source, into: UnsafeMutableRawBufferPointer(rebasing: target[..<(room - 1)]))
      }
    }
    guard count > 0 else { return nil }
    coded.shrinkBufferCapacity(to: count)
    return coded
  }

  /// - Returns: how many bytes were written; 0 if there is not enough room.
  private func encode(
    _ source: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer
  ) -> Int {
    let input = unsafe source.bindMemory(to: UInt8.self).baseAddress
    guard let output = unsafe target.bindMemory(to: UInt8.self).baseAddress else { return 0 }
    switch self {
    case .gzip:
      return unsafe dougong_gzip(input, source.count, output, target.count, Self.gzipLevel)
    case .brotli:
      var count = target.count
      let done = unsafe BrotliEncoderCompress(
        Self.brotliQuality, BROTLI_DEFAULT_WINDOW, BROTLI_MODE_TEXT, source.count, input, &count,
        output)
      return done == BROTLI_TRUE ? count : 0
    }
  }

  /// Bytes that are coded at once.
  package static let byteLimit = 64 * 1024 * 1024
  static let gzipLevel: Int32 = 6
  /// Beyond 5 of 11 playlists become hardly smaller and take many times as long.
  private static let brotliQuality: Int32 = 5
}
