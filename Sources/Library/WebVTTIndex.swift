import FileIO
package import MediaCore
package import NIOCore

/// Where the segments of a title's WebVTT file lie.
///
/// The file is its segments, one behind the other, each a WebVTT file of its own that ends with an
/// empty line: the next begins at the line `WEBVTT` behind it. Read as one file it has the same
/// cues, some of them twice: a cue stands in every segment that it reaches into.
package struct WebVTTIndex: Hashable, Sendable {
  /// Short content hash: lower-case hexadecimal, safe in a URL.
  package var version: String
  /// Size of the whole file.
  package var byteCount: Int64
  /// In order, without gaps, as many as the track beside it has.
  package var segments: [ByteRange]

  /// Bytes of a file, at most.
  package static let maximumByteCount: Int64 = 64 << 20

  package init(version: String, byteCount: Int64, segments: [ByteRange]) {
    self.version = version
    self.byteCount = byteCount
    self.segments = segments
  }

  /// Name of the file that belongs to a track.
  package static func fileName(of track: String) -> String { "\(track).vtt" }

  /// Name of a segment's own file, in the folder of its track (`TitleLayout.files`).
  package static func segmentName(_ number: Int) -> String { "\(number).vtt" }

  /// The segments of a file: from each line `WEBVTT` at the front or behind an empty line to the next.
  package static func segments(in bytes: ByteBuffer) -> [ByteRange] {
    let signature = Array("WEBVTT".utf8)
    let view = bytes.readableBytesView
    var starts: [Int] = []
    var line = view.startIndex
    var isAfterEmpty = true
    while line < view.endIndex {
      let end = view[line...].firstIndex(of: 0x0a) ?? view.endIndex
      if isAfterEmpty, view[line..<end].starts(with: signature),
        end - line == signature.count || [0x20, 0x09].contains(view[line + signature.count])
      {
        starts.append(line - view.startIndex)
      }
      isAfterEmpty = end == line
      line = min(end + 1, view.endIndex)
    }
    let ends = starts.dropFirst() + [view.count]
    return zip(starts, ends).map { ByteRange(offset: Int64($0), count: Int64($1 - $0)) }
  }

  /// Reads the index of a file.
  /// - Parameters:
  ///   - count: segments of the track beside it.
  ///   - digest: of the file, as `title.json` has it.
  static func read(_ file: any StoredFile, count: Int, digest: String) throws -> WebVTTIndex {
    guard file.byteCount <= maximumByteCount else {
      throw LibraryError(
        .limit,
        "\(file.path) has \(file.byteCount) bytes; at most \(maximumByteCount) are read")
    }
    let segments = segments(in: try file.read(at: 0, count: Int(file.byteCount)))
    guard segments.count == count, segments.first?.offset == 0 else {
      throw LibraryError(
        .damaged,
        "\(file.path) holds \(segments.count) WebVTT segments; \(count), one for each of the track "
          + "beside it, are expected")
    }
    return WebVTTIndex(
      version: String(digest.prefix(TrackDigest.versionLength)), byteCount: file.byteCount,
      segments: segments)
  }
}
