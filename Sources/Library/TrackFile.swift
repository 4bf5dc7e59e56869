import CMAF
import Codecs
package import FileIO
import ISOBMFF
package import MediaCore
import NIOCore

/// A track file at rest, read: any CMAF on-demand track, whoever packaged it.
///
///     let file = try TrackFile(try ReadableFile(path: "T/video-1080p.mp4"), name: "video-1080p")
///     file.index.segments.count
package struct TrackFile: Sendable {
  package let storage: TrackStorage
  package private(set) var index: TrackIndex

  /// Bytes before the first segment, at most.
  package static let maximumHeadByteCount: Int64 = 8 << 20
  /// Bytes of a `moof`, at most.
  package static let maximumFragmentHeaderByteCount = 16 << 20
  /// Segments, at most.
  static let maximumSegmentCount = SegmentIndexBox.maximumReferenceCount

  /// - Parameters:
  ///   - version: of the track; `nil` takes a digest of header, index and size.
  ///   - frameRate: measured by the packager; `nil` takes the first fragment's.
  ///   - isForeign: the `sidx` says where the segments are; when they are, and how they can be entered,
  ///     is read from the fragments.
  package init(
    _ file: TrackStorage, name: String, version: String? = nil, language: String? = nil,
    frameRate: Rational? = nil, isForeign: Bool = false
  ) throws {
    storage = file
    var head = try Head(file)
    let description = try TrackDescription(head.moov, path: file.path)
    var segments = try SegmentList(
      head.sidx, at: head.segmentsOffset, in: file, timescale: description.timescale
    ).segments
    let isVideo = description.format.kind == .video
    var fragments: [FragmentHeader] = []
    if isVideo || isForeign {
      fragments = try FragmentHeader.all(of: segments, in: file, defaults: description.defaults)
    }
    if isForeign {
      try ForeignSegments(fragments, description, in: file).correct(&segments)
    }
    if isVideo {
      for (index, fragment) in fragments.enumerated() {
        segments[index].firstSampleEnd = fragment.firstSampleEnd
      }
    }
    let measured = isVideo ? fragments.first?.frameRate(description.timescale) : nil
    index = TrackIndex(
      name: name, version: version ?? head.digest(), byteCount: file.byteCount, header: head.range,
      sidx: head.sidxRange, timescale: description.timescale, codecs: description.codecs,
      format: description.format, language: language ?? LanguageTag.bcp47(description.language),
      segments: segments)
    if case .video(var format) = description.format {
      format.frameRate = frameRate ?? measured
      index.format = .video(format)
    }
    index.mediaStart = description.mediaStart
    if index.kind == .audio, let first = segments.first {
      let header = try? FragmentHeader(first.range, in: file, defaults: description.defaults)
      index.frameDuration = header?.uniformDuration
    }
  }

  /// A track of one file.
  package init(
    _ file: any StoredFile, name: String, version: String? = nil, language: String? = nil,
    frameRate: Rational? = nil
  ) throws {
    try self.init(
      TrackStorage(file), name: name, version: version, language: language, frameRate: frameRate)
  }
}

/// Everything in a track file before its first segment.
private struct Head {
  let moov: Box
  let sidx: SegmentIndexBox
  /// `ftyp` to the end of `moov`.
  let range: ByteRange
  let sidxRange: ByteRange
  let segmentsOffset: Int64
  private let file: TrackStorage

  init(_ file: TrackStorage) throws {
    self.file = file
    var at: Int64 = 0
    var moov: Box?
    var end: Int64 = 0
    while at + 8 <= file.byteCount {
      let header = try file.read(
        at: at, count: Int(min(Int64(BoxHeader.maximumByteCount), file.byteCount - at)))
      guard let found = try BoxHeader(parsing: header, where: file.path),
        let count = found.byteCount, count <= file.byteCount - at
      else { break }
      if found.type == "moov" || found.type == "sidx" {
        guard at + count <= TrackFile.maximumHeadByteCount else {
          throw LibraryError(
            .limit,
            "\(file.path): '\(found.type)' ends at byte \(at + count); it is expected in the "
              + "first \(TrackFile.maximumHeadByteCount)")
        }
        let box = Box(
          type: found.type, path: "\(found.type)", offset: at,
          headerByteCount: found.headerByteCount,
          payload: try file.read(
            at: at + Int64(found.headerByteCount), count: Int(count) - found.headerByteCount))
        if found.type == "moov" {
          moov = box
          end = at + count
        } else if let moov {
          self.moov = moov
          sidx = try SegmentIndexBox(box)
          range = ByteRange(offset: 0, count: end)
          sidxRange = ByteRange(offset: at, count: count)
          guard sidx.firstOffset < UInt64(file.byteCount) else {
            throw LibraryError(.damaged, "\(file.path): its 'sidx' points past the file's end")
          }
          segmentsOffset = at + count + Int64(sidx.firstOffset)
          return
        }
      } else if found.type == "moof" || found.type == "mdat" {
        break
      }
      at += count
    }
    throw LibraryError(
      .damaged,
      "\(file.path) has no 'moov' and 'sidx' before its first segment: a CMAF track file is expected; "
        + "by itself it may be served on the fly"
    )
  }

  /// A version for tracks that nobody gave one.
  mutating func digest() -> String {
    var digest = ContentDigest()
    if let head = try? file.read(at: 0, count: Int(sidxRange.end)) { digest.add(head) }
    digest.add(ByteBuffer(integer: file.byteCount))
    return TrackDigest.text(digest.take())
  }
}
