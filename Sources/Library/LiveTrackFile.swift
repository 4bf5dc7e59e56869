import CMAF
package import FileIO
import MediaCore
package import NIOCore
import Synchronization

/// A track that a live title has kept, as one fragmented file: its header, and its chunks behind it.
package final class LiveTrackFile: StoredFile {
  package let path: String
  package let byteCount: Int64
  package let stamp: FileStamp
  private let header: ByteBuffer
  private let places: [LiveArchivePlace]
  /// Of each place, in the whole.
  private let offsets: [Int64]
  /// The file that was read last.
  private let last = Mutex<ReadableFile?>(nil)

  package init(_ track: LiveStretch.Track) throws(FileIOError) {
    header = track.description.header.bytes
    places = track.places
    path = places.first?.path ?? track.description.name
    var offsets: [Int64] = []
    var at = Int64(header.readableBytes)
    for place in places {
      offsets.append(at)
      at += place.range.count
    }
    self.offsets = offsets
    byteCount = at
    let first = try ReadableFile(path: path)
    stamp = FileStamp(
      device: first.stamp.device, inode: first.stamp.inode, byteCount: byteCount,
      modified: first.stamp.modified)
  }

  package func read(
    at offset: Int64, count: Int, into buffer: inout ByteBuffer
  ) throws(FileIOError) {
    guard offset >= 0, count >= 0, Int64(count) <= byteCount - offset else {
      throw FileIOError(
        .truncated,
        "\(path) and what follows end at byte \(byteCount), but bytes \(offset) to "
          + "\(offset &+ Int64(count)) are needed")
    }
    buffer.clear(minimumCapacity: count)
    let head = max(0, min(header.readableBytes - Int(offset), count))
    if let bytes = header.getSlice(at: header.readerIndex + Int(offset), length: head) {
      buffer.writeImmutableBuffer(bytes)
    }
    while buffer.readableBytes < count {
      let at = offset + Int64(buffer.readableBytes)
      let number = place(at: at)
      let range = places[number].range
      let inside = at - offsets[number]
      let wanted = min(Int64(count - buffer.readableBytes), range.count - inside)
      try file(number).read(
        at: range.offset + inside, count: Int(wanted), appendingTo: &buffer)
    }
  }

  /// The last place that begins at or before an offset.
  private func place(at offset: Int64) -> Int {
    var (low, high) = (0, places.count - 1)
    while low < high {
      let middle = (low + high + 1) / 2
      if offsets[middle] <= offset { low = middle } else { high = middle - 1 }
    }
    return low
  }

  private func file(_ number: Int) throws(FileIOError) -> ReadableFile {
    let path = places[number].path
    if let known = last.withLock({ $0 }), known.path == path { return known }
    let opened = try ReadableFile(path: path)
    last.withLock { $0 = opened }
    return opened
  }
}
