import CMAF
import Codecs
import FileIO
import Library
import MediaCore
import NIOCore

/// Fills one track file from batches of payloads, which come in the track's decode order.
///
/// Each segment's `moof` is written when its samples have passed: only then is known which of them
/// no other depends on. Payloads go to the file from the batch they were read into.
final class TrackWriter {
  private let layout: TrackLayout
  /// The track's file, or that of the segment being written.
  private var file: WritableFile
  /// Where in the track the file starts.
  private var base: Int64 = 0
  /// Where each segment gets a file of its own; `nil` in a track of one file.
  private let folder: String?
  private let writes: WriteBehind
  private let video: VideoDescription?
  private let silence: SilentFrames
  /// For messages.
  private let place: String
  /// Looks for captions in the pictures.
  var captions: CaptionTap?
  private var segment = 0
  /// Next sample of the plan.
  private var sample = 0
  private var piece = 0
  /// Samples of the piece that are done.
  private var pieceOffset = 0
  private var position: Int64 = 0
  private var flags: [UInt32] = []
  private var small = SmallWrites()
  private var payloadDigest = ContentDigest()
  private var segmentDigests = ByteBuffer()
  private var headers = ByteBuffer()

  /// - Parameter path: without `.mp4`.
  init(
    _ layout: TrackLayout, path: String, files: TitleLayout, video: VideoDescription?,
    silence: SilentFrames,
    place: String, writes: WriteBehind
  ) throws {
    self.layout = layout
    self.writes = writes
    self.video = video
    self.silence = silence
    self.place = place
    var head = layout.header
    head.writeImmutableBuffer(layout.sidx)
    switch files {
    case .tracks:
      folder = nil
      file = try WritableFile(creating: "\(path).mp4")
      try file.write(head, at: 0)
    case .files:
      folder = path
      try Folder.make(path)
      try WritableFile(creating: "\(path)/\(TrackStorage.headerName)").write(layout.header, at: 0)
      try WritableFile(creating: "\(path)/\(TrackStorage.indexName)").write(head, at: 0)
      file = try WritableFile(creating: "\(path)/\(TrackStorage.segmentName(1))")
      base = layout.segments.first?.offset ?? 0
    }
    position = layout.segments.first?.payloadOffset ?? 0
  }

  /// Takes samples of the source's track: `run` says which, and where they are in `bytes`.
  func take(_ run: PayloadRun, in bytes: ByteBuffer, sizes: [UInt32]) throws {
    var at = bytes.readerIndex + run.offset
    var pending = at..<at
    for index in run.first..<run.first + run.count {
      let size = Int(sizes[index])
      defer { at += size }
      if case .silence? = currentPiece {
        try write(pending, of: bytes)
        pending = at..<at
        try writeSilence()
      }
      guard case .source(let range)? = currentPiece, index == range.lowerBound + pieceOffset else {
        // Left out by the plan.
        try write(pending, of: bytes)
        pending = at + size..<at + size
        continue
      }
      if let video {
        flags.append(try dependency(video, bytes, at, size, index))
        captions?.take(
          bytes, at: at, count: size, codec: video.record.codec, framing: video.record.framing,
          time: layout.plan.times[sample])
      }
      pending = pending.lowerBound..<at + size
      advance()
      if sample == layout.segments[segment].samples.upperBound {
        try write(pending, of: bytes)
        pending = at + size..<at + size
        try finishSegment()
      }
    }
    try write(pending, of: bytes)
  }

  /// Makes the file durable, once all its writes are done.
  func synchronize() throws {
    if let folder { try Folder.synchronizeFileSystem(folder) } else { try file.synchronize() }
  }

  private var currentPiece: PlannedTrack.Piece? {
    piece < layout.plan.pieces.count ? layout.plan.pieces[piece] : nil
  }

  private func advance() {
    sample += 1
    pieceOffset += 1
    if let current = currentPiece, pieceOffset == current.count {
      piece += 1
      pieceOffset = 0
    }
  }

  private func dependency(
    _ video: VideoDescription, _ bytes: ByteBuffer, _ at: Int, _ size: Int, _ index: Int
  ) throws -> UInt32 {
    do {
      let unit = try AccessUnit(
        in: bytes, at: at, count: size, codec: video.record.codec, framing: video.record.framing,
        parameters: video.record.parameters)
      guard unit.picture != .none else {
        throw PackagingError(
          .damaged,
          "\(place): sample \(index) holds no NAL unit of a picture; repair the file first")
      }
      return SampleDependency(unit).flags
    } catch let error as CodecsError {
      throw PackagingError(.damaged, "\(place): sample \(index) is damaged: \(error.message)")
    }
  }

  private func write(_ range: Range<Int>, of bytes: ByteBuffer) throws {
    guard !range.isEmpty, let slice = bytes.getSlice(at: range.lowerBound, length: range.count)
    else {
      return
    }
    try write(slice)
  }

  private func write(_ slice: ByteBuffer) throws {
    payloadDigest.add(slice)
    small.write(slice, at: position - base, to: file, by: writes)
    position += Int64(slice.readableBytes)
  }

  /// Writes the silent frames of the current piece.
  private func writeSilence() throws {
    guard case .silence(let count)? = currentPiece else { return }
    let frame = silence.frame(isLeading: piece == 0)
    for _ in pieceOffset..<count {
      try write(frame)
      advance()
      if sample == layout.segments[segment].samples.upperBound { try finishSegment() }
    }
  }

  private func finishSegment() throws {
    let current = layout.segments[segment]
    let timing = SegmentTiming(layout.plan, current.samples)
    headers.clear()
    headers.writeImmutableBuffer(current.prefix)
    TrackLayout.fragment(
      layout.plan, current.samples, timing, number: segment + 1, flags: flags
    ).writeHeaders(into: &headers)
    precondition(
      current.offset + Int64(headers.readableBytes) == current.payloadOffset
        && position == current.offset + current.byteCount,
      "segment \(segment + 1) of \(place) is not where it was planned")
    writes.add(headers, at: current.offset - base, to: file)
    segmentDigests.writeInteger(payloadDigest.take())
    payloadDigest.add(headers)
    segmentDigests.writeInteger(payloadDigest.take())
    flags.removeAll(keepingCapacity: true)
    captions?.finishSegment()
    segment += 1
    guard segment < layout.segments.count else { return }
    position = layout.segments[segment].payloadOffset
    guard let folder else { return }
    small.flush(to: file, by: writes)
    file = try WritableFile(creating: "\(folder)/\(TrackStorage.segmentName(segment + 1))")
    base = layout.segments[segment].offset
  }

  /// Hands over what is left to write.
  /// - Returns: the track's digest.
  func finish() throws -> UInt64 {
    try writeSilence()
    guard segment == layout.segments.count else {
      throw PackagingError(
        .damaged,
        "\(place): the source gave \(sample) of \(layout.plan.count) samples; it changed "
          + "while it was read")
    }
    small.flush(to: file, by: writes)
    return TrackDigest.combine(
      header: layout.header, sidx: layout.sidx, segments: segmentDigests)
  }
}

/// Gathers small writes that follow each other, so that a stream of small samples costs few calls.
private struct SmallWrites {
  private var bytes = ByteBuffer()
  private var offset: Int64 = 0

  private static let smallByteCount = 64 << 10
  private static let fullByteCount = 256 << 10

  mutating func write(
    _ slice: ByteBuffer, at position: Int64, to file: WritableFile, by writes: WriteBehind
  ) {
    if slice.readableBytes >= Self.smallByteCount {
      writes.add(slice, at: position, to: file)
      return
    }
    if bytes.readableBytes > 0, offset + Int64(bytes.readableBytes) != position {
      flush(to: file, by: writes)
    }
    if bytes.readableBytes == 0 { offset = position }
    bytes.writeImmutableBuffer(slice)
    if bytes.readableBytes >= Self.fullByteCount { flush(to: file, by: writes) }
  }

  mutating func flush(to file: WritableFile, by writes: WriteBehind) {
    if bytes.readableBytes > 0 { writes.add(bytes, at: offset, to: file) }
    bytes.clear()
  }
}
