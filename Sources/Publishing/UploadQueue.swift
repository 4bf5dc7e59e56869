package import CMAF
package import NIOCore

/// What of a live track is on its way to a publishing point, and what would be sent again.
///
/// A connection that breaks may have lost what was sent last: "… retry sending the same media for one segment duration"
/// (DASH-IF Live Media Ingest §5.3), so the segment before the present one is kept. Where nobody takes anything the oldest
/// segments go.
package struct UploadQueue: Sendable {
  private struct Piece {
    var header: LiveHeader
    var segment: Int64
    var bytes: ByteBuffer
  }

  private var pieces: [Piece] = []
  /// Of the pieces, the first that has not been sent on this connection.
  private var next = 0
  /// Version of the header that was sent last on this connection.
  private var header: String?

  /// Segments that wait to be sent, at most.
  package static let waitingSegmentCount: Int64 = 15

  package init() {}

  package mutating func add(_ chunk: LiveChunk) {
    // Nothing can be sent of what is not there.
    guard !chunk.isGap else { return }
    pieces.append(Piece(header: chunk.header, segment: chunk.segment, bytes: chunk.bytes))
    let oldest = min(
      chunk.segment - 1,
      max(pieces[min(next, pieces.count - 1)].segment, chunk.segment - Self.waitingSegmentCount))
    let count = pieces.firstIndex { $0.segment >= oldest } ?? 0
    pieces.removeFirst(count)
    next = max(0, next - count)
  }

  /// The next bytes to be sent, a header before them where it is another one than before; `nil` if all have been.
  package mutating func take() -> ByteBuffer? {
    guard next < pieces.count else { return nil }
    let piece = pieces[next]
    next += 1
    guard piece.header.version != header else { return piece.bytes }
    header = piece.header.version
    var bytes = piece.header.bytes
    bytes.writeImmutableBuffer(piece.bytes)
    return bytes
  }

  /// Another connection begins with all that is kept.
  package mutating func startOver() {
    next = 0
    header = nil
  }

  /// `mfra`: nothing follows.
  package static let ending: ByteBuffer = {
    var bytes = ByteBuffer()
    bytes.writeInteger(UInt32(24))
    bytes.writeString("mfra")
    bytes.writeInteger(UInt32(16))
    bytes.writeString("mfro")
    bytes.writeInteger(UInt32(0))
    bytes.writeInteger(UInt32(24))
    return bytes
  }()
}
