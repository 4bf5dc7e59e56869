import MediaCore
import NIOCore

/// Where the bytes of a response body come from.
indirect enum BodySource: Sendable {
  case none
  case bytes(ByteBuffer)
  case file(ServedFile, ByteRange)
  /// Bytes of a track that lie in several files, one behind the other.
  case track(ServedTrack, ByteRange)
  /// Bytes in memory and short runs of one file, read at one go.
  case gathered(ServedFile, [GatheredPart])
  /// A segment of a live title that is being made; how long it will be nobody knows.
  case growing(LiveTitle, track: String, version: String, number: Int64, from: Int64)
  /// Several sources, one behind the other.
  case pieces([BodySource])

  var byteCount: Int64 {
    switch self {
    case .none, .growing: 0
    case .bytes(let buffer): Int64(buffer.readableBytes)
    case .file(_, let range), .track(_, let range): range.count
    case .gathered(_, let parts): parts.reduce(0) { $0 + $1.byteCount }
    case .pieces(let pieces): pieces.reduce(0) { $0 + $1.byteCount }
    }
  }

  /// Whether some of it lies in an object store.
  var isStored: Bool {
    switch self {
    case .none, .bytes, .growing: false
    case .file(let file, _), .gathered(let file, _): file.object != nil
    case .track(let track, let range): track.first(of: range)?.body.isStored ?? false
    case .pieces(let pieces): pieces.contains { $0.isStored }
    }
  }

  /// The same body without what lies outside `range`, which is counted from its start.
  func slice(_ range: ByteRange) -> BodySource {
    switch self {
    case .none, .growing: self
    case .bytes(let buffer):
      .bytes(
        buffer.getSlice(at: buffer.readerIndex + Int(range.offset), length: Int(range.count))
          ?? ByteBuffer())
    case .file(let file, let whole):
      .file(file, ByteRange(offset: whole.offset + range.offset, count: range.count))
    case .track(let track, let whole):
      .track(track, ByteRange(offset: whole.offset + range.offset, count: range.count))
    case .gathered(let file, let parts):
      .gathered(file, Self.slice(parts, range, \.byteCount) { $0.slice($1) })
    case .pieces(let pieces): .pieces(Self.slice(pieces, range, \.byteCount) { $0.slice($1) })
    }
  }

  private static func slice<Piece>(
    _ pieces: [Piece], _ range: ByteRange, _ byteCount: (Piece) -> Int64,
    _ slice: (Piece, ByteRange) -> Piece
  ) -> [Piece] {
    var made: [Piece] = []
    var offset: Int64 = 0
    for piece in pieces {
      let count = byteCount(piece)
      let from = max(range.offset, offset)
      let to = min(range.end, offset + count)
      if from < to { made.append(slice(piece, ByteRange(offset: from - offset, count: to - from))) }
      offset += count
    }
    return made
  }
}

/// A part of what is read at one go.
enum GatheredPart: Sendable {
  case bytes(ByteBuffer)
  case file(ByteRange)

  var byteCount: Int64 {
    switch self {
    case .bytes(let bytes): Int64(bytes.readableBytes)
    case .file(let range): range.count
    }
  }

  func source(of file: ServedFile) -> BodySource {
    switch self {
    case .bytes(let bytes): .bytes(bytes)
    case .file(let range): .file(file, range)
    }
  }

  func slice(_ range: ByteRange) -> GatheredPart {
    switch self {
    case .bytes(let bytes):
      .bytes(
        bytes.getSlice(at: bytes.readerIndex + Int(range.offset), length: Int(range.count))
          ?? ByteBuffer())
    case .file(let whole):
      .file(ByteRange(offset: whole.offset + range.offset, count: range.count))
    }
  }
}
