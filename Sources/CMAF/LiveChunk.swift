import ISOBMFF
package import NIOCore

/// The CMAF header of a live track, and the name under which its media lies.
///
/// It has no edit list: what is decoded first is presented first, and at its decode time.
package struct LiveHeader: Hashable, Sendable {
  /// Content hash of the bytes: lower-case hexadecimal, safe in a URL.
  package var version: String
  /// `ftyp` and `moov`.
  package var bytes: ByteBuffer

  package init(version: String, bytes: ByteBuffer) {
    self.version = version
    self.bytes = bytes
  }
}

/// One CMAF chunk of a live track (ISO/IEC 23000-19 §7.3.2.3): an HLS part, and the piece in which a
/// DASH segment grows.
///
/// Numbers and times are functions of the media's own time, so that two packagers of one source give
/// the same names.
package struct LiveChunk: Sendable {
  /// What decodes it; one of another version than the last chunk's comes with a discontinuity.
  package var header: LiveHeader
  /// Number of its segment, at least 1; the next segment's is one more.
  package var segment: Int64
  /// Index in its segment, from 0, without gaps.
  package var part: Int
  /// Decode time of the first sample since 1970, in ticks of the track.
  package var time: Int64
  /// Ticks of the track.
  package var duration: Int64
  /// Begins with a sync sample.
  package var isIndependent: Bool
  /// No chunk of its segment follows.
  package var endsSegment: Bool
  /// The first one after the timeline or the header changed; begins a segment.
  package var startsDiscontinuity: Bool
  /// Nothing is there for its duration: `bytes` are empty.
  package var isGap: Bool
  /// When the first sample was captured or left the encoder, as `prft` says
  /// (ISO/IEC 14496-12 §8.16.5): nanoseconds since 1970.
  package var producedAt: Int64
  /// `moof` and `mdat`, with `styp` and `prft` before them.
  package var bytes: ByteBuffer
  /// What decodes the next chunk that has bytes, where that is known and another one.
  package var following: LiveHeader?

  package init(
    header: LiveHeader, segment: Int64, part: Int, time: Int64, duration: Int64,
    isIndependent: Bool, endsSegment: Bool, startsDiscontinuity: Bool = false,
    isGap: Bool = false, producedAt: Int64, bytes: ByteBuffer
  ) {
    self.header = header
    self.segment = segment
    self.part = part
    self.time = time
    self.duration = duration
    self.isIndependent = isIndependent
    self.endsSegment = endsSegment
    self.startsDiscontinuity = startsDiscontinuity
    self.isGap = isGap
    self.producedAt = producedAt
    self.bytes = bytes
  }
}

extension LiveChunk {
  /// Bytes from the chunk's start to the end of its first sample; `nil` for one that has none.
  package var firstSampleEnd: Int64? {
    guard let moof = try? Box.sequence(in: bytes).first(where: { $0.type == "moof" }),
      let traf = try? moof.required("traf"),
      let header = try? TrackFragmentHeaderBox(traf.required(TrackFragmentHeaderBox.type)),
      let run = try? TrackRunBox(traf.required(TrackRunBox.type)), let first = run.samples.first,
      let start = run.dataOffset, let size = first.size ?? header.size
    else { return nil }
    return moof.offset + Int64(start) + Int64(size)
  }
}
