package import NIOCore

/// The frames of E-AC-3 that one MP4 sample holds: of all substreams, for six blocks of 256 samples
/// (ETSI TS 102 366 Annex F.6.1).
package struct EAC3AccessUnit: Sendable {
  /// In the order in which they stand.
  package private(set) var frames: [EAC3Header] = []
  /// Blocks of the first independent substream.
  package private(set) var blockCount = 0

  /// Samples of a whole access unit.
  package static let samplesPerFrame = 1536
  /// Frames of one access unit, at most: eight independent substreams with eight dependent ones
  /// each, a block in each.
  package static let maximumFrameCount = 8 * 9 * 6

  /// Parses the frames in a range of a buffer to its end.
  ///
  /// - Throws: `CodecsError`
  package init(in buffer: ByteBuffer, at offset: Int, count: Int) throws {
    var at = offset
    let end = offset + count
    while at < end {
      let frame = try EAC3Header(in: buffer, at: at)
      guard frame.byteCount <= end - at else {
        throw CodecsError(
          .truncated,
          "E-AC-3 frame: claims \(frame.byteCount) bytes, \(end - at) are left; the stream is cut")
      }
      guard frames.count < Self.maximumFrameCount else {
        throw CodecsError(
          .limitExceeded, "E-AC-3: more than \(Self.maximumFrameCount) frames in one sample")
      }
      if frame.streamType != .dependent, frame.substream == 0 { blockCount += frame.blockCount }
      frames.append(frame)
      at += frame.byteCount
    }
    guard let first = frames.first, first.streamType != .dependent, first.substream == 0 else {
      throw CodecsError(
        .invalidValue, "E-AC-3: a sample does not start with the first independent substream")
    }
  }

  package var isWhole: Bool { blockCount == 6 }
}
