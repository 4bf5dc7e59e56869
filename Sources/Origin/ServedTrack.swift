import FileIO
package import Library
import MediaCore
import NIOCore
package import OnTheFly

/// A track and the files that hold it, or that it is made from.
package struct ServedTrack: Sendable {
  package enum Content: Sendable {
    case file(ServedFile)
    case storage(TrackStorage)
    /// Packaged when it is asked for.
    case made(FileTrack)
  }

  package let index: TrackIndex
  package let content: Content

  /// The file that the track's header lies in, or is made from.
  package var file: ServedFile {
    switch content {
    case .file(let file): return file
    case .storage(let storage):
      return storage.place(of: index.header).map(ServedFile.init)
        ?? ServedFile(path: index.name, byteCount: index.byteCount)
    case .made(let track): return ServedFile(track)
    }
  }

  /// The bytes of a range: `nil` if they lie in several files, or in several segments that are made.
  func body(_ range: ByteRange) -> BodySource? {
    switch content {
    case .file(let file): return .file(file, range)
    case .storage(let storage):
      return storage.place(of: range).map { .file(ServedFile($0), $0.range) }
    case .made:
      guard let (body, rest) = first(of: range), rest.count == 0 else { return nil }
      return body
    }
  }

  /// Where the first bytes of a range come from, as many as stand in one file or are made together,
  /// and the rest of the range. `nil` if nothing is there.
  func first(of range: ByteRange) -> (body: BodySource, rest: ByteRange)? {
    func rest(behind count: Int64) -> ByteRange {
      ByteRange(offset: range.offset + count, count: range.count - count)
    }
    switch content {
    case .file(let file): return (.file(file, range), rest(behind: range.count))
    case .storage(let storage):
      guard let place = storage.firstPlace(of: range) else { return nil }
      return (.file(ServedFile(place), place.range), rest(behind: place.range.count))
    case .made(let track):
      guard range.offset >= 0, range.count > 0, range.end <= track.byteCount else { return nil }
      let unit = track.unit(at: range.offset)
      let count = min(range.count, unit.range.end - range.offset)
      let body = BodySource.pieces(Self.sources(unit.parts, in: ServedFile(track)))
      let inside = ByteRange(offset: range.offset - unit.range.offset, count: count)
      return (body.slice(inside), rest(behind: count))
    }
  }

  /// Short runs are read together; long ones go from the file to the connection by themselves. The
  /// first piece reads the file: what cannot be read is told before the response begins.
  private static func sources(_ parts: [FileTrack.Part], in file: ServedFile) -> [BodySource] {
    var sources: [BodySource] = []
    var gathered: [GatheredPart] = []
    var byteCount: Int64 = 0
    func flush() {
      if !gathered.isEmpty { sources.append(.gathered(file, gathered)) }
      gathered = []
      byteCount = 0
    }
    for part in parts {
      switch part {
      case .bytes(let bytes):
        gathered.append(.bytes(bytes))
        byteCount += Int64(bytes.readableBytes)
      case .file(var range):
        if range.count > Limits.gatheredRunByteCount {
          let first = ByteRange(
            offset: range.offset, count: sources.isEmpty ? Limits.firstRunByteCount : 0)
          if first.count > 0 { gathered.append(.file(first)) }
          flush()
          range = ByteRange(offset: first.end, count: range.count - first.count)
          sources.append(.file(file, range))
        } else {
          gathered.append(.file(range))
          byteCount += range.count
        }
      }
      if byteCount >= Limits.gatheredByteCount { flush() }
    }
    flush()
    return sources
  }
}

extension ServedFile {
  init(_ place: TrackStorage.Place) {
    self.init(path: place.path, byteCount: place.stamp.byteCount, identity: place.stamp)
  }

  init(_ track: FileTrack) {
    self.init(path: track.path, byteCount: track.stamp.byteCount, identity: track.stamp)
  }
}
