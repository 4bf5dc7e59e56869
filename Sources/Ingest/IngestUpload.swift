import MP4
import NIOCore

/// What one publisher sends in one request, while it comes.
struct IngestUpload: Sendable {
  var path: StreamPath
  var stream: FragmentedStream
  /// Whose tracks its fragments are of.
  var header: StreamPath?
  /// What comes stands in for media that is not there.
  var isFiller = false
  var isLast = false
  /// Of nothing in it use is made.
  var isIgnored = false
  var isManifest = false
  var manifest = ByteBuffer()
  /// `nil`: it is whole in itself.
  var piece: IngestPiece?
  /// Place of the next byte, of what comes in pieces.
  var position: Int64 = 0
  /// Bytes of the piece that have come before.
  var known: Int64 = 0

  /// Another piece of it may come.
  var goesOn: Bool { piece.map { !$0.isLast } ?? false }

  /// - Returns: events of a stream.
  mutating func take(stream bytes: ByteBuffer) throws(MP4Error) -> [FragmentedStream.Event] {
    var bytes = bytes
    let passed = min(known, Int64(bytes.readableBytes))
    known -= passed
    bytes.moveReaderIndex(forwardBy: Int(passed))
    guard bytes.readableBytes > 0 else { return [] }
    // A publisher that has lost the rest of a fragment goes on with the next.
    if let piece, position == piece.offset, FragmentedStream.beginsFragment(bytes) {
      stream.abandonFragment()
    }
    position += Int64(bytes.readableBytes)
    return try stream.take(bytes)
  }

  mutating func take(manifest bytes: ByteBuffer) throws(IngestError) {
    guard manifest.readableBytes + bytes.readableBytes <= IngestLimits.manifestByteCount else {
      throw IngestError(
        .tooLarge,
        "\(path.text) has more than \(IngestLimits.manifestByteCount) bytes: no manifest is that long"
      )
    }
    manifest.writeImmutableBuffer(bytes)
  }

  /// Whether a manifest says that nothing follows.
  var endsTitle: Bool {
    let text = String(buffer: manifest)
    return path.text.hasSuffix(".m3u8")
      ? text.contains("\n#EXT-X-ENDLIST") : text.contains("type=\"static\"")
  }
}
