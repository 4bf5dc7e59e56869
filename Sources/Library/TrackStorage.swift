package import FileIO
import ISOBMFF
package import MediaCore
package import NIOCore

/// How a title's tracks lie at rest.
package enum TitleLayout: String, Hashable, Sendable, Codable, CaseIterable {
  /// `NAME.mp4`: the whole track.
  case tracks
  /// `NAME/init.mp4`, `NAME/index.mp4`, and `NAME/N.m4s` with N from 1: a file for each segment.
  ///
  /// `index.mp4` is the header with the `sidx` behind it. It and the segments, one behind the other,
  /// are `NAME.mp4` byte for byte: everything that reads tracks reads both layouts.
  case files
}

/// The bytes of a track at rest, in whatever layout, as if they were one file.
package struct TrackStorage: Sendable {
  /// A run of bytes in one file.
  package struct Place: Hashable, Sendable {
    package var path: String
    /// Of the whole file.
    package var stamp: FileStamp
    /// In the file.
    package var range: ByteRange
  }

  /// The file or the folder, for messages.
  package let path: String
  package let byteCount: Int64
  private let whole: (any StoredFile)?
  private let tree: any FileTree
  /// Of each file, in order: where it starts in the track, and which it is.
  private let parts: [(offset: Int64, stamp: FileStamp)]

  package static let headerName = "init.mp4"
  package static let indexName = "index.mp4"
  package static func segmentName(_ number: Int) -> String { "\(number).m4s" }

  /// A track of one file.
  package init(_ file: any StoredFile) {
    tree = FileSystem()
    path = file.path
    byteCount = file.byteCount
    whole = file
    parts = [(0, file.stamp)]
  }

  /// A track of a file for each segment. Links are not followed.
  package init(folder: String, in tree: any FileTree = FileSystem()) throws {
    self.tree = tree
    var parts: [(offset: Int64, stamp: FileStamp)] = []
    var offset: Int64 = 0
    for number in 0...SegmentIndexBox.maximumReferenceCount {
      let path = Self.path(folder, number)
      guard try tree.entry(at: path) == .file, let stamp = try tree.stamp(of: path) else {
        guard number > 1 else {
          throw LibraryError(.damaged, "\(path) is missing or no regular file")
        }
        break
      }
      parts.append((offset, stamp))
      offset += stamp.byteCount
    }
    path = folder
    byteCount = offset
    whole = nil
    self.parts = parts
  }

  private static func path(_ folder: String, _ number: Int) -> String {
    "\(folder)/\(number == 0 ? indexName : segmentName(number))"
  }

  /// Segment files; 0 of a track of one file.
  package var segmentFileCount: Int { whole == nil ? parts.count - 1 : 0 }

  /// The bytes that a file of a track holds: 0 is the index, N segment N.
  package func range(ofFile number: Int) -> ByteRange {
    ByteRange(offset: parts[number].offset, count: parts[number].stamp.byteCount)
  }

  /// Where bytes lie; `nil` if not all of them are in one file.
  package func place(of range: ByteRange) -> Place? {
    guard range.offset >= 0, range.count >= 0, range.end <= byteCount else { return nil }
    let number = part(at: range.offset)
    let inside = ByteRange(offset: range.offset - parts[number].offset, count: range.count)
    guard inside.end <= parts[number].stamp.byteCount else { return nil }
    return Place(
      path: whole?.path ?? Self.path(path, number), stamp: parts[number].stamp, range: inside)
  }

  /// Where the first bytes of a range lie: as many as stand in one file. `nil` if not all of the range
  /// is in the track, or it is empty.
  package func firstPlace(of range: ByteRange) -> Place? {
    guard range.offset >= 0, range.count > 0, range.end <= byteCount else { return nil }
    let number = part(at: range.offset)
    let inside = range.offset - parts[number].offset
    let count = min(range.count, parts[number].stamp.byteCount - inside)
    return Place(
      path: whole?.path ?? Self.path(path, number), stamp: parts[number].stamp,
      range: ByteRange(offset: inside, count: count))
  }

  /// The last part that starts at or before an offset.
  private func part(at offset: Int64) -> Int {
    var (low, high) = (0, parts.count - 1)
    while low < high {
      let middle = (low + high + 1) / 2
      if parts[middle].offset <= offset { low = middle } else { high = middle - 1 }
    }
    return low
  }

  package func adviseSequential() { whole?.adviseSequential() }

  /// These few bytes each will be read soon.
  package func adviseReads(of ranges: [ByteRange]) {
    whole?.adviseReads(of: ranges.map { $0.offset..<$0.end })
  }

  /// Exactly `count` bytes from `offset`.
  package func read(at offset: Int64, count: Int) throws -> ByteBuffer {
    var buffer = ByteBuffer()
    try read(at: offset, count: count, into: &buffer)
    return buffer
  }

  /// As `read(at:count:)`, into a buffer whose storage is used again.
  package func read(at offset: Int64, count: Int, into buffer: inout ByteBuffer) throws {
    if let whole { return try whole.read(at: offset, count: count, into: &buffer) }
    buffer.clear(minimumCapacity: count)
    guard offset >= 0, count >= 0, Int64(count) <= byteCount - offset else {
      throw LibraryError(
        .damaged,
        "\(path) has \(byteCount) bytes, but bytes \(offset) to \(offset &+ Int64(count)) are "
          + "needed: a file is missing or cut short")
    }
    var at = offset
    while buffer.readableBytes < count {
      let number = part(at: at)
      let file = try tree.open(Self.path(path, number))
      guard file.stamp == parts[number].stamp else {
        throw LibraryError(.damaged, "\(file.path) changed while its title was read")
      }
      let inside = at - parts[number].offset
      let wanted = min(Int64(count - buffer.readableBytes), file.byteCount - inside)
      buffer.writeImmutableBuffer(try file.read(at: inside, count: Int(wanted)))
      at += wanted
    }
  }
}
