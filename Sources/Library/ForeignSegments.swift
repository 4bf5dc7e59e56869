import Codecs
import ISOBMFF
import MediaCore
import NIOCore

/// What the fragments of a track by another packager say of its segments, where its `sidx` errs or is
/// silent: some writers forget there what an edit list cuts off, or leave out how a segment is entered.
struct ForeignSegments {
  private let fragments: [FragmentHeader]
  private let description: TrackDescription
  private let file: TrackStorage

  /// Bytes of a picture that are read to see what it is.
  private static let prefixByteCount: Int64 = 4 << 10

  init(_ fragments: [FragmentHeader], _ description: TrackDescription, in file: TrackStorage) {
    self.fragments = fragments
    self.description = description
    self.file = file
  }

  /// - Throws: for tracks that players cannot have without a key.
  func correct(_ segments: inout [IndexedSegment]) throws {
    if description.isEncrypted {
      throw LibraryError(
        .notATitle, "\(file.path) is encrypted; tracks by others are served unencrypted alone")
    }
    correctTimes(&segments)
    try findAccessPoints(&segments)
  }

  private func correctTimes(_ segments: inout [IndexedSegment]) {
    let starts = fragments.compactMap(\.earliest).map { max(0, $0 - description.mediaStart) }
    guard starts.count == segments.count, zip(starts, starts.dropFirst()).allSatisfy({ $0 < $1 })
    else { return }
    for (index, start) in starts.enumerated() {
      let end =
        index + 1 < starts.count
        ? starts[index + 1] : segments[index].start + segments[index].duration
      segments[index].start = start
      if end > start { segments[index].duration = end - start }
    }
  }

  /// Of pictures whose `sidx` does not say it.
  private func findAccessPoints(_ segments: inout [IndexedSegment]) throws {
    guard description.format.kind == .video, let record = description.videoRecord,
      segments.contains(where: { $0.sapType == 0 })
    else { return }
    let unknown = segments.indices.filter { segments[$0].sapType == 0 }
    file.adviseReads(of: unknown.map { prefix(of: fragments[$0]) })
    for index in unknown {
      let fragment = fragments[index]
      switch try picture(of: fragment, record) {
      case .idr, .bla, .key: segments[index].sapType = fragment.first == fragment.earliest ? 1 : 2
      case .cra, .recoveryPoint: segments[index].sapType = 3
      case .none, .intra, .inter: break
      }
    }
  }

  private func prefix(of fragment: FragmentHeader) -> ByteRange {
    ByteRange(
      offset: fragment.firstSample.offset,
      count: min(Self.prefixByteCount, fragment.firstSample.count))
  }

  private func picture(
    of fragment: FragmentHeader, _ record: VideoRecord
  ) throws -> AccessUnit.Picture {
    // Sync samples of the others are key frames (AV1-ISOBMFF §2.5), and only whole ones can be read.
    guard record.codec == .h264 || record.codec == .hevc else {
      return fragment.startsWithSync ? .key : .none
    }
    let range = prefix(of: fragment)
    var bytes = try file.read(at: range.offset, count: Int(range.count))
    if range.count < fragment.firstSample.count { record.framing.endLastUnit(of: &bytes) }
    let unit = try? AccessUnit(
      in: bytes, at: bytes.readerIndex, count: bytes.readableBytes, codec: record.codec,
      framing: record.framing, parameters: record.parameters)
    return unit?.picture ?? .none
  }
}
