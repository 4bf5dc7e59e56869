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
