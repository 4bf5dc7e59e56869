import FileIO
package import NIOCore

/// The content digest of a track file: what names its version, and finds rot.
package enum TrackDigest {
  /// Digits of a digest that a version in a URL takes.
  package static let versionLength = 10

  /// Sixteen hexadecimal digits.
  package static func text(_ value: UInt64) -> String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }

  /// The digest of a track file.
  ///
  /// Digests of parts stand in for the parts, so that a file can be digested while its segments'
  /// headers are still to come.
  /// - Parameters:
  ///   - header: `ftyp` and `moov`.
  ///   - sidx: the `sidx` box.
  ///   - segments: two digests of 64 bits for each segment, big-endian: of the `mdat` payload, and of
  ///     everything before it.
  package static func combine(
    header: ByteBuffer, sidx: ByteBuffer, segments: ByteBuffer
  ) -> UInt64 {
    var digest = ContentDigest()
    digest.add(header)
    digest.add(sidx)
    digest.add(segments)
    return digest.take()
  }
}
