import FFmpeg
import FileIO
import ISOBMFF
import Library
import MediaCore
import NIOCore

/// A file that is shown: whatever `package` reads, or a part of a CMAF track.
struct InspectedFile {
  /// What was found in it.
  struct Content {
    var path: String
    var byteCount: Int64
    /// The container, in words.
    var container: String
    var tracks: [SourceTrack] = []
    /// Of a track file with a `sidx`.
    var index: TrackIndex?
    /// Of a segment without a header.
    var fragments: [FragmentSummary] = []
    var notes: [String] = []
  }

  private let file: ReadableFile
  private let top: BoxTree

  /// Box types that an ISO base media file, or a part of one, starts with.
  private static let firstTypes: Set<FourCC> = [
    "ftyp", "styp", "moov", "moof", "sidx", "mdat", "free", "skip", "wide", "pnot", "uuid", "emsg",
    "prft",
  ]
  /// Bytes of a `moof`, at most.
  private static let maximumFragmentByteCount: Int64 = 16 << 20

  init(path: String) throws {
    let file = try ReadableFile(path: path)
    guard file.byteCount > 0 else {
      throw CommandFailure(.data, "\(path) is empty; a media file is expected")
    }
    self.file = file
    top = try Self.tree(of: file, depth: 1)
  }

  private static func tree(of file: ReadableFile, depth: Int) throws -> BoxTree {
    try BoxTree(byteCount: file.byteCount, depth: depth) { try file.read(at: $0, count: $1) }
  }

  private var isISOBMFF: Bool { top.nodes.first.map { Self.firstTypes.contains($0.type) } ?? false }

  private func first(_ type: FourCC) -> BoxTree.Node? { top.nodes.first { $0.type == type } }

  /// Every box.
  func boxTree() throws -> BoxTree {
    guard isISOBMFF else {
      throw CommandFailure(
        .data,
        "\(file.path) is no ISO base media file, so it has no boxes; leave out --boxes to see "
          + "its tracks")
    }
    return try Self.tree(of: file, depth: BoxTree.maximumDepth)
  }

  /// Tracks and segments.
  func content(isCancelled: @escaping @Sendable () -> Bool) throws -> Content {
    var content = Content(path: file.path, byteCount: file.byteCount, container: "MP4")
    if let type = first("ftyp") ?? first("styp") {
      content.container =
        "MP4, " + type.fields.map { "\($0.name) \($0.value)" }.joined(separator: ", ")
    }
    if isISOBMFF, first("moov") == nil {
      guard first("moof") != nil else {
        throw CommandFailure(
          .data,
          "\(file.path) has no 'moov' box: it is cut short before it, or only a part of a file; "
            + "--boxes shows what is there")
      }
      content.fragments = try fragments()
      content.notes = top.nodes.compactMap { node in
        node.note.map { "'\(node.type)' at byte \(node.offset) \($0)" }
      }
      return content
    }
    let opener = SourceOpener(spoolFolder: ".", usesFFmpegOnly: false, isCancelled: isCancelled)
    let source = try opener.open(file.path)
    content.tracks = source.tracks
    guard !content.tracks.isEmpty else {
      throw CommandFailure(
        .data,
        "\(file.path) holds no tracks; a file with video or sound is expected, not a list of others"
      )
    }
    if !isISOBMFF, let source = source as? FFmpegSource { content.container = source.formatName }
    if isISOBMFF, first("sidx") != nil {
      do {
        content.index = try TrackFile(file, name: "").index
      } catch let error as LibraryError {
        content.notes.append("no segments are shown: \(error.message)")
      }
    }
    return content
  }

  /// The fragments of a segment without its header.
  private func fragments() throws -> [FragmentSummary] {
    try top.nodes.filter { $0.type == "moof" }.map { node in
      guard node.byteCount <= min(Self.maximumFragmentByteCount, file.byteCount - node.offset)
      else {
        throw CommandFailure(
          .data,
          "\(file.path): the 'moof' at byte \(node.offset) claims \(node.byteCount) bytes: the "
            + "file is cut short or damaged")
      }
      let bytes = try file.read(at: node.offset, count: Int(node.byteCount))
      return try Box.sequence(in: bytes, offset: node.offset, place: file.path)
        .map(FragmentSummary.init)
    }.flatMap { $0 }
  }
}
