import CMAF
package import FileIO
import ISOBMFF
package import MediaCore
package import NIOCore

/// A media segment at another place of the timeline: the boxes with times in memory, the media where it
/// lies.
package struct MovedSegment: Sendable {
  package enum Piece: Hashable, Sendable {
    case bytes(ByteBuffer)
    /// Of the file.
    case stored(ByteRange)
  }

  /// One behind the other.
  package private(set) var pieces: [Piece] = []

  /// Bytes that are held in memory for one segment, at most.
  package static let maximumHeadByteCount = TrackFile.maximumFragmentHeaderByteCount
  /// Boxes of a segment, at most.
  package static let maximumBoxCount = 16_384

  package var byteCount: Int64 {
    pieces.reduce(0) { sum, piece in
      switch piece {
      case .bytes(let bytes): sum + Int64(bytes.readableBytes)
      case .stored(let range): sum + range.count
      }
    }
  }

  /// Bytes in memory.
  package var headByteCount: Int {
    pieces.reduce(0) { sum, piece in
      if case .bytes(let bytes) = piece { sum + bytes.readableBytes } else { sum }
    }
  }

  /// - Parameters:
  ///   - range: of the segment in the file.
  ///   - timescale: of the track.
  /// - Throws: `.damaged` for what is no segment; `.limit`, with a reason that names no file, for a move
  ///   that its boxes have no room for.
  package init(
    _ range: ByteRange, in file: any StoredFile, timescale: Timescale, by move: TimelineMove
  ) throws {
    var at = range.offset
    var (boxCount, heads, isOmitting) = (0, 0, false)
    while at < range.end {
      let wanted = min(Int64(BoxHeader.maximumByteCount), range.end - at)
      let head = try file.read(at: at, count: Int(wanted))
      guard let found = try BoxHeader(parsing: head, where: file.path),
        let count = found.byteCount, count <= range.end - at
      else {
        throw LibraryError(
          .damaged, "\(file.path): the box at byte \(at) does not end in its segment")
      }
      boxCount += 1
      guard boxCount <= Self.maximumBoxCount else {
        throw LibraryError(.limit, "it has more than \(Self.maximumBoxCount) boxes")
      }
      if MovedBox.types.contains(found.type) {
        heads += Int(clamping: count)
        guard heads <= Self.maximumHeadByteCount else {
          throw LibraryError(
            .limit, "its heads have more than \(Self.maximumHeadByteCount) bytes")
        }
        var bytes = try file.read(at: at, count: Int(count))
        do throws(ISOBMFFError) {
          try MovedBox.move(&bytes, by: move, timescale: timescale, at: at)
        } catch {
          throw LibraryError(.limit, error.message)
        }
        if found.type == "moof" { isOmitting = bytes.readableBytes == 0 }
        append(bytes)
      } else if !(isOmitting && found.type == "mdat") {
        append(ByteRange(offset: at, count: count))
      }
      at += count
    }
  }

  private mutating func append(_ bytes: ByteBuffer) {
    guard bytes.readableBytes > 0 else { return }
    if case .bytes(var last)? = pieces.last {
      last.writeImmutableBuffer(bytes)
      pieces[pieces.count - 1] = .bytes(last)
    } else {
      pieces.append(.bytes(bytes))
    }
  }

  private mutating func append(_ range: ByteRange) {
    if case .stored(let last)? = pieces.last, last.end == range.offset {
      pieces[pieces.count - 1] = .stored(
        ByteRange(offset: last.offset, count: last.count + range.count))
    } else {
      pieces.append(.stored(range))
    }
  }
}
