import ISOBMFF
package import MediaCore
import NIOCore

/// One sample of a track at rest.
package struct StoredSample: Hashable, Sendable {
  /// Presentation time in the track's timescale, after the edit list.
  package var time: Int64
  package var duration: Int64
  /// In the track.
  package var range: ByteRange
  /// Decoding can start here.
  package var isSync: Bool
}

/// The samples of one segment of a track at rest, in decode order: its `moof` boxes, read.
struct SegmentSamples: Hashable, Sendable {
  private(set) var samples: [StoredSample]

  /// Samples of a segment, at most: a minute at a thousand a second, and more.
  static let maximumCount = 1 << 17

  /// - Parameters:
  ///   - segment: one of the index's.
  ///   - defaults: what `trex` says of samples; all zero if the fragments say all.
  init(
    _ segment: IndexedSegment, in track: TrackStorage, defaults: TrackExtendsBox
  ) throws {
    samples = []
    var at = segment.range.offset
    while at + 8 <= segment.range.end {
      let wanted = min(Int64(BoxHeader.maximumByteCount), segment.range.end - at)
      let head = try track.read(at: at, count: Int(wanted))
      guard let found = try BoxHeader(parsing: head, where: track.path),
        let count = found.byteCount, count > 0, count <= segment.range.end - at
      else { break }
      if found.type == "moof" {
        guard count <= TrackFile.maximumFragmentHeaderByteCount else {
          throw LibraryError(.limit, "\(track.path): the 'moof' at byte \(at) has \(count) bytes")
        }
        let header = Int64(found.headerByteCount)
        let moof = Box(
          type: "moof", path: "moof", offset: at, headerByteCount: found.headerByteCount,
          payload: try track.read(at: at + header, count: Int(count - header)))
        try take(moof, segment, track.path, defaults)
      }
      at += count
    }
    alignTimes(to: segment)
  }

  private mutating func take(
    _ moof: Box, _ segment: IndexedSegment, _ path: String, _ defaults: TrackExtendsBox
  ) throws {
    let traf = try moof.required("traf")
    let header = try TrackFragmentHeaderBox(traf.required("tfhd"))
    var decode = Int64(
      clamping: try TrackFragmentDecodeTimeBox(traf.required("tfdt")).baseMediaDecodeTime)
    let base = header.baseDataOffset.map { Int64(clamping: $0) } ?? moof.offset
    var position = base
    for box in try traf.children() where box.type == "trun" {
      let run = try TrackRunBox(box)
      guard run.samples.count <= Self.maximumCount - samples.count else {
        throw LibraryError(
          .limit, "\(path): a segment has more than \(Self.maximumCount) samples")
      }
      if let offset = run.dataOffset { position = base &+ Int64(offset) }
      for (number, sample) in run.samples.enumerated() {
        let size = Int64(sample.size ?? header.size ?? defaults.size)
        let duration = Int64(sample.duration ?? header.duration ?? defaults.duration)
        let flags =
          (number == 0 ? run.firstSampleFlags : nil) ?? sample.flags ?? header.flags
          ?? defaults.flags
        guard position >= segment.range.offset, size <= segment.range.end &- position,
          size <= SampleTable.maximumSampleByteCount
        else {
          throw LibraryError(
            .damaged, "\(path): a sample of \(box.place) lies outside of its segment")
        }
        // Flag 0x10000: sample_is_non_sync_sample.
        samples.append(
          StoredSample(
            time: decode &+ Int64(sample.compositionOffset ?? 0), duration: duration,
            range: ByteRange(offset: position, count: size), isSync: flags & 0x1_0000 == 0))
        decode = decode &+ duration
        position += size
      }
    }
  }

  /// The `sidx` counts from where the edit list begins: the ends of both are the same moment.
  private mutating func alignTimes(to segment: IndexedSegment) {
    guard let end = samples.map({ $0.time &+ $0.duration }).max() else { return }
    let shift = end &- (segment.start &+ segment.duration)
    for index in samples.indices { samples[index].time = samples[index].time &- shift }
  }
}
