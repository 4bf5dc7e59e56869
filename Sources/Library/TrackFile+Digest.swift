import FileIO
import ISOBMFF
import MediaCore
import NIOCore

extension TrackFile {
  private static let chunkByteCount: Int64 = 1 << 20

  /// The content digest of the track as it lies there, every byte read: see `TrackDigest.combine`.
  /// - Throws: `.damaged` for a segment without `mdat`.
  package func digest() throws -> UInt64 {
    var segments = ByteBuffer()
    for segment in index.segments {
      let payload = try payload(of: segment.range)
      segments.writeInteger(try digest(of: payload))
      segments.writeInteger(
        try digest(
          of: ByteRange(
            offset: segment.range.offset, count: payload.offset - segment.range.offset)))
    }
    return TrackDigest.combine(
      header: try read(index.header), sidx: try read(index.sidx), segments: segments)
  }

  private func read(_ range: ByteRange) throws -> ByteBuffer {
    try storage.read(at: range.offset, count: Int(range.count))
  }

  private func digest(of range: ByteRange) throws -> UInt64 {
    var digest = ContentDigest()
    var buffer = ByteBuffer()
    var at = range.offset
    while at < range.end {
      let count = min(Self.chunkByteCount, range.end - at)
      try storage.read(at: at, count: Int(count), into: &buffer)
      digest.add(buffer)
      at += count
    }
    return digest.take()
  }

  /// What is inside the `mdat` with which the segment ends.
  private func payload(of segment: ByteRange) throws -> ByteRange {
    var at = segment.offset
    while at + 8 <= segment.end {
      let wanted = min(Int64(BoxHeader.maximumByteCount), segment.end - at)
      let head = try storage.read(at: at, count: Int(wanted))
      guard let found = try BoxHeader(parsing: head, where: storage.path),
        let count = found.byteCount, count > 0, count <= segment.end - at
      else { break }
      if found.type == "mdat", at + count == segment.end {
        let offset = at + Int64(found.headerByteCount)
        return ByteRange(offset: offset, count: segment.end - offset)
      }
      at += count
    }
    throw LibraryError(
      .damaged, "\(storage.path): the segment at byte \(segment.offset) does not end with an 'mdat'"
    )
  }
}
