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

  /// - Parameters:
  ///   - version: of the track; `nil` takes a digest of header, index and size.
  ///   - frameRate: measured by the packager; `nil` takes the first fragment's.
  package init(
    _ file: TrackStorage, name: String, version: String? = nil, language: String? = nil,
    frameRate: Rational? = nil
  ) throws {
    storage = file
    var head = try Head(file)
    let description = try TrackDescription(head.moov, path: file.path)
    var segments = try Self.segments(head.sidx, at: head.segmentsOffset, in: file)
    var measured: Rational?
    if case .video = description.format {
      file.adviseReads(
        of: segments.map {
          ByteRange(
            offset: $0.range.offset, count: min(FragmentHeader.firstReadByteCount, $0.range.count))
        })
      for index in segments.indices {
        let header = try FragmentHeader(
          segments[index].range, in: file, defaults: description.defaults)
        segments[index].firstSampleEnd = header.firstSampleEnd
        if index == 0 { measured = header.frameRate(description.timescale) }
      }
    }
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

  private static func segments(
    _ sidx: SegmentIndexBox, at start: Int64, in file: TrackStorage
  ) throws -> [IndexedSegment] {
    guard !sidx.references.isEmpty else {
      throw LibraryError(.damaged, "\(file.path): its 'sidx' lists no segment")
    }
    guard sidx.earliestPresentationTime < 1 << 60 else {
      throw LibraryError(.damaged, "\(file.path): its 'sidx' starts at an impossible time")
    }
    var at = start
    var time = Int64(sidx.earliestPresentationTime)
    return try sidx.references.map { reference in
      guard !reference.isIndex else {
        throw LibraryError(
          .damaged, "\(file.path): its 'sidx' refers to others; one that lists segments is expected"
        )
      }
      let range = ByteRange(offset: at, count: Int64(reference.byteCount))
      guard range.count > 0, range.end <= file.byteCount else {
        throw LibraryError(
          .damaged,
          "\(file.path): its 'sidx' lists bytes \(at) to \(range.end), the file ends at "
            + "\(file.byteCount): it is cut short or was changed")
      }
      defer {
        at = range.end
        time += Int64(reference.duration)
      }
      return IndexedSegment(
        range: range, start: time, duration: Int64(reference.duration),
        sapType: reference.startsWithSAP ? reference.sapType : 0)
    }
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
      "\(file.path) has no 'moov' and 'sidx' before its first segment: a CMAF track file is expected"
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

/// The first `moof` of a segment, as far as an I-frame playlist needs it.
private struct FragmentHeader {
  /// Bytes from the segment's start to the end of the first sample.
  let firstSampleEnd: Int64
  /// Bytes that are read first: most headers have fewer.
  static let firstReadByteCount: Int64 = 4096
  private var durations: [UInt32] = []

  init(_ range: ByteRange, in file: TrackStorage, defaults: TrackExtendsBox) throws {
    var at = range.offset
    while at + 8 <= range.end {
      let wanted = Int(min(Self.firstReadByteCount, range.end - at))
      var bytes = try file.read(at: at, count: wanted)
      guard let found = try BoxHeader(parsing: bytes, where: file.path),
        let count = found.byteCount, count <= range.end - at
      else { break }
      guard found.type == "moof" else {
        at += count
        continue
      }
      guard count <= TrackFile.maximumFragmentHeaderByteCount else {
        throw LibraryError(.limit, "\(file.path): the 'moof' at byte \(at) has \(count) bytes")
      }
      if count > wanted { bytes = try file.read(at: at, count: Int(count)) }
      let moof = Box(
        type: "moof", path: "moof", offset: at, headerByteCount: found.headerByteCount,
        payload: bytes.getSlice(
          at: bytes.readerIndex + found.headerByteCount, length: Int(count) - found.headerByteCount
        ) ?? ByteBuffer())
      let traf = try moof.required("traf")
      let header = try TrackFragmentHeaderBox(traf.required("tfhd"))
      let run = try TrackRunBox(traf.required("trun"))
      guard let first = run.samples.first else { break }
      let size = first.size ?? header.size ?? defaults.size
      let base = header.baseDataOffset.map { Int64(clamping: $0) } ?? at
      let start = base &+ Int64(run.dataOffset ?? 0)
      let end = start &+ Int64(size)
      // Media data follows its `moof` (ISO/IEC 23000-19 §7.3.2.3).
      guard start >= at + count, end <= range.end, start <= end else {
        throw LibraryError(
          .damaged,
          "\(file.path): the first sample of the segment at byte \(range.offset) lies at "
            + "bytes \(start) to \(end), the segment's media data at \(at + count) to \(range.end)")
      }
      firstSampleEnd = end - range.offset
      durations = run.samples.map { $0.duration ?? header.duration ?? defaults.duration }
      return
    }
    throw LibraryError(
      .damaged, "\(file.path): the segment at byte \(range.offset) has no usable 'moof'")
  }

  /// Of all samples but the last, which ends where the track does; `nil` if they differ.
  var uniformDuration: Int64? {
    guard let first = durations.first, first > 0,
      durations.dropLast().allSatisfy({ $0 == first })
    else { return nil }
    return Int64(first)
  }

  /// The rate of equal durations; else the mean.
  func frameRate(_ timescale: Timescale) -> Rational? {
    let total = durations.reduce(0) { $0 + Int64($1) }
    return Rational(Int64(durations.count) * Int64(timescale.ticksPerSecond), total)
  }
}
