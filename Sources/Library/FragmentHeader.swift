import ISOBMFF
import MediaCore
import NIOCore

/// The first `moof` of a segment, as far as an I-frame playlist needs it.
struct FragmentHeader {
  /// Bytes from the segment's start to the end of the first sample.
  let firstSampleEnd: Int64
  /// Bytes that are read first: most headers have fewer.
  static let firstReadByteCount: Int64 = 4096
  /// The first sample in the track.
  let firstSample: ByteRange
  /// Composition time of the sample that is presented first; `nil` without a `tfdt`.
  let earliest: Int64?
  /// Composition time of the first sample.
  let first: Int64?
  /// The first sample is called a sync sample.
  let startsWithSync: Bool
  private let durations: [UInt32]

  /// The first `moof` of each segment.
  static func all(
    of segments: [IndexedSegment], in file: TrackStorage, defaults: TrackExtendsBox
  ) throws -> [FragmentHeader] {
    file.adviseReads(
      of: segments.map {
        ByteRange(offset: $0.range.offset, count: min(firstReadByteCount, $0.range.count))
      })
    return try segments.map { try FragmentHeader($0.range, in: file, defaults: defaults) }
  }

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
      let flags =
        run.firstSampleFlags ?? first.flags ?? header.flags ?? defaults.flags
      // Flag 0x10000: sample_is_non_sync_sample.
      startsWithSync = flags & 0x1_0000 == 0
      firstSample = ByteRange(offset: start, count: Int64(size))
      durations = run.samples.map { $0.duration ?? header.duration ?? defaults.duration }
      let time = try traf.child("tfdt").map(TrackFragmentDecodeTimeBox.init)?.baseMediaDecodeTime
      guard let time, time < 1 << 60 else {
        (earliest, self.first) = (nil, nil)
        return
      }
      var decode = Int64(time)
      var times: [Int64] = []
      for (sample, duration) in zip(run.samples, durations) {
        times.append(decode + Int64(sample.compositionOffset ?? 0))
        decode += Int64(duration)
      }
      (earliest, self.first) = (times.min(), times.first)
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
