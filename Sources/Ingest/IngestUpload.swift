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
  /// What has come of an object of a transport stream; `nil`: it is something else, or nothing has come.
  var transport: ByteBuffer?
  /// `nil`: it is whole in itself.
  var piece: IngestPiece?
  /// Place of the next byte, of what comes in pieces.
  var position: Int64 = 0
  /// Bytes of the piece that have come before.
  var known: Int64 = 0

  /// Bytes that have begun something and not finished it.
  var byteCount: Int { stream.byteCount + (transport?.readableBytes ?? 0) }

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

  /// Whether what begins with these bytes is a transport stream.
  func isTransport(_ bytes: ByteBuffer) -> Bool {
    transport != nil
      || (position == 0 && stream.byteCount == 0
        && bytes.getInteger(at: bytes.readerIndex, as: UInt8.self) == TransportObject.syncByte)
  }

  mutating func take(transport bytes: ByteBuffer) throws(IngestError) {
    guard piece == nil else {
      throw IngestError(
        .unsupported,
        "\(path.text) comes in pieces, and is a transport stream: send each of its segments whole")
    }
    var all = transport ?? ByteBuffer()
    transport = nil
    guard all.readableBytes + bytes.readableBytes <= IngestLimits.transportByteCount else {
      throw IngestError(
        .tooLarge,
        "\(path.text) has more than \(IngestLimits.transportByteCount) bytes: of a transport stream, send "
          + "each segment as an object of its own, as ffmpeg -f hls does")
    }
    all.writeImmutableBuffer(bytes)
    transport = all
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
