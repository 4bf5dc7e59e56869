import ISOBMFF
import MediaCore
import NIOCore

/// The segments that the `sidx` boxes of a track file list (ISO/IEC 14496-12 §8.16.3).
///
/// Most writers list all of them in one box in front. Some nest boxes, and some put one in front of each
/// segment: what stands behind the last segment that is listed is read on.
struct SegmentList {
  private(set) var segments: [IndexedSegment] = []
  private let file: TrackStorage
  /// Of the track.
  private let timescale: Timescale
  private let referenceID: UInt32

  /// Boxes inside of each other, at most.
  private static let maximumDepth = 8
  /// Bytes of one box, at most.
  private static let maximumByteCount: Int64 = 1 << 20

  /// - Parameter start: where the first box's segments begin.
  init(
    _ sidx: SegmentIndexBox, at start: Int64, in file: TrackStorage, timescale: Timescale
  ) throws {
    self.file = file
    self.timescale = timescale
    referenceID = sidx.referenceID
    guard !sidx.references.isEmpty else {
      throw LibraryError(.damaged, "\(file.path): its 'sidx' lists no segment")
    }
    var at = try take(sidx, at: start, depth: 0)
    while let (next, offset) = try following(at) { at = try take(next, at: offset, depth: 0) }
  }

  /// - Returns: where what is listed ends.
  private mutating func take(
    _ sidx: SegmentIndexBox, at start: Int64, depth: Int
  ) throws -> Int64 {
    guard sidx.earliestPresentationTime < 1 << 60 else {
      throw LibraryError(.damaged, "\(file.path): its 'sidx' starts at an impossible time")
    }
    var at = start
    var ticks = Int64(sidx.earliestPresentationTime)
    for reference in sidx.references {
      let range = ByteRange(offset: at, count: Int64(reference.byteCount))
      guard range.count > 0, range.end <= file.byteCount else {
        throw LibraryError(
          .damaged,
          "\(file.path): its 'sidx' lists bytes \(at) to \(range.end), the file ends at "
            + "\(file.byteCount): it is cut short or was changed")
      }
      at = range.end
      let end = ticks + Int64(reference.duration)
      defer { ticks = end }
      if reference.isIndex {
        guard depth < Self.maximumDepth, let (inner, offset) = try box(at: range.offset) else {
          throw LibraryError(
            .damaged,
            "\(file.path): its 'sidx' refers to another at byte \(range.offset) that is none")
        }
        _ = try take(inner, at: offset, depth: depth + 1)
        continue
      }
      guard segments.count < TrackFile.maximumSegmentCount else {
        throw LibraryError(
          .limit, "\(file.path) has more than \(TrackFile.maximumSegmentCount) segments")
      }
      let from = rescale(ticks, from: sidx.timescale, to: timescale)
      segments.append(
        IndexedSegment(
          range: range, start: from,
          duration: rescale(end, from: sidx.timescale, to: timescale) - from,
          sapType: reference.startsWithSAP ? reference.sapType : 0))
    }
    return at
  }

  /// A box of the same track behind the segments, if it stands there.
  private func following(_ end: Int64) throws -> (SegmentIndexBox, Int64)? {
    var at = end
    // A segment of its own begins with its type.
    if let header = try header(at: at), header.type == "styp", let count = header.byteCount {
      at += count
    }
    guard let (sidx, offset) = try box(at: at), sidx.referenceID == referenceID,
      !sidx.references.isEmpty
    else { return nil }
    return (sidx, offset)
  }

  private func header(at offset: Int64) throws -> BoxHeader? {
    guard offset >= 0, offset + 8 <= file.byteCount else { return nil }
    let count = min(Int64(BoxHeader.maximumByteCount), file.byteCount - offset)
    return try BoxHeader(
      parsing: file.read(at: offset, count: Int(count)), where: "\(file.path), byte \(offset)")
  }

  /// The box, and where its segments begin; `nil` if something else stands there.
  private func box(at offset: Int64) throws -> (SegmentIndexBox, Int64)? {
    guard let header = try header(at: offset), header.type == SegmentIndexBox.type,
      let count = header.byteCount, count <= Self.maximumByteCount,
      count <= file.byteCount - offset
    else { return nil }
    let head = header.headerByteCount
    let sidx = try SegmentIndexBox(
      Box(
        type: header.type, path: "\(header.type)", offset: offset, headerByteCount: head,
        payload: file.read(at: offset + Int64(head), count: Int(count) - head)))
    guard sidx.firstOffset < UInt64(file.byteCount) else { return nil }
    return (sidx, offset + count + Int64(sidx.firstOffset))
  }
}
