import FileIO
import ISOBMFF
import Library
import MediaCore
import NIOCore

/// Writes a track that is in memory in the layout of its title: subtitles, which are small.
enum SegmentFiles {
  /// - Parameter track: a whole track file: header, `sidx`, segments.
  static func write(
    _ track: ByteBuffer, to name: String, in folder: String, layout: TitleLayout
  ) throws {
    guard layout == .files else { return try write(track, to: "\(folder)/\(name).mp4") }
    let path = "\(folder)/\(name)"
    try Folder.make(path)
    let boxes = try Box.sequence(in: track)
    guard let moov = boxes.first(where: { $0.type == "moov" }),
      let sidx = boxes.first(where: { $0.type == "sidx" })
    else { throw PackagingError(.damaged, "\(name) has no index to be split by") }
    let references = try SegmentIndexBox(sidx).references
    let header = Int(moov.offset) + moov.headerByteCount + moov.payload.readableBytes
    var at = Int(sidx.offset) + sidx.headerByteCount + sidx.payload.readableBytes
    try write(track, 0..<header, to: "\(path)/\(TrackStorage.headerName)")
    try write(track, 0..<at, to: "\(path)/\(TrackStorage.indexName)")
    for (index, reference) in references.enumerated() {
      let end = at + Int(reference.byteCount)
      try write(track, at..<end, to: "\(path)/\(TrackStorage.segmentName(index + 1))")
      at = end
    }
  }

  /// Writes the segments of a WebVTT file beside those of its track.
  static func write(webVTT: ByteBuffer, of name: String, in folder: String) throws {
    for (index, range) in WebVTTIndex.segments(in: webVTT).enumerated() {
      try write(
        webVTT, Int(range.offset)..<Int(range.end),
        to: "\(folder)/\(name)/\(WebVTTIndex.segmentName(index + 1))")
    }
  }

  private static func write(_ bytes: ByteBuffer, _ range: Range<Int>, to path: String) throws {
    guard
      let slice = bytes.getSlice(at: bytes.readerIndex + range.lowerBound, length: range.count)
    else { throw PackagingError(.damaged, "\(path) would end behind its track") }
    try write(slice, to: path)
  }

  private static func write(_ bytes: ByteBuffer, to path: String) throws {
    let file = try WritableFile(creating: path)
    try file.write(bytes, at: 0)
    try file.synchronize()
  }
}
