import MediaCore
import NIOCore

/// Where the bytes of a response body come from.
indirect enum BodySource: Sendable {
  case none
  case bytes(ByteBuffer)
  case file(ServedFile, ByteRange)
  /// Bytes of a track that lie in several files, one behind the other.
  case track(ServedTrack, ByteRange)
  /// Several sources, one behind the other.
  case pieces([BodySource])

  var byteCount: Int64 {
    switch self {
    case .none: 0
    case .bytes(let buffer): Int64(buffer.readableBytes)
    case .file(_, let range), .track(_, let range): range.count
    case .pieces(let pieces): pieces.reduce(0) { $0 + $1.byteCount }
    }
  }

  /// The same body without what lies outside `range`, which is counted from its start.
  func slice(_ range: ByteRange) -> BodySource {
    switch self {
    case .none: .none
    case .bytes(let buffer):
      .bytes(
        buffer.getSlice(at: buffer.readerIndex + Int(range.offset), length: Int(range.count))
          ?? ByteBuffer())
    case .file(let file, let whole):
      .file(file, ByteRange(offset: whole.offset + range.offset, count: range.count))
    case .track(let track, let whole):
      .track(track, ByteRange(offset: whole.offset + range.offset, count: range.count))
    case .pieces(let pieces): .pieces(Self.slice(pieces, range))
    }
  }

  private static func slice(_ pieces: [BodySource], _ range: ByteRange) -> [BodySource] {
    var made: [BodySource] = []
    var offset: Int64 = 0
    for piece in pieces {
      let count = piece.byteCount
      let from = max(range.offset, offset)
      let to = min(range.end, offset + count)
      if from < to { made.append(piece.slice(ByteRange(offset: from - offset, count: to - from))) }
      offset += count
    }
    return made
  }
}
