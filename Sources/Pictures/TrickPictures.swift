import Codecs
import FFmpeg
import FileIO
package import Library
package import MediaCore
import NIOCore

/// When the pictures of a trick track begin: at every cut of the title, and between two cuts at
/// frames as near as there are to equal distances.
package struct TrickPlan: Hashable, Sendable {
  /// In the track's ticks, growing.
  package private(set) var times: [Int64] = []
  package let end: Int64

  /// - Parameters:
  ///   - interval: wanted ticks from one picture to the next, at least 1.
  ///   - maximumCount: of pictures; there are less where more were wanted.
  ///   - frames: times of the frames of a segment, in order.
  package init(
    segments: [IndexedSegment], interval: Int64, maximumCount: Int,
    frames: (Int) throws -> [Int64]
  ) rethrows {
    end = segments.last.map { $0.start + $0.duration } ?? 0
    let length = max(1, end - (segments.first?.start ?? 0))
    let step = max(interval, length / Int64(max(1, maximumCount)) + 1)
    for (number, segment) in segments.enumerated() {
      // Long intervals leave cuts out.
      if let last = times.last, segment.start + segment.duration / 2 - last < step, number > 0,
        segment.duration < step
      {
        continue
      }
      let pieces = max(1, (segment.duration + step / 2) / step)
      guard pieces > 1 else {
        append(segment.start)
        continue
      }
      let known = try frames(number)
      var index = 0
      for piece in 0..<pieces {
        let wanted = segment.start + segment.duration * piece / pieces
        while index + 1 < known.count,
          (known[index + 1] - wanted).magnitude <= (known[index] - wanted).magnitude
        {
          index += 1
        }
        append(index < known.count && piece > 0 ? known[index] : wanted)
      }
    }
  }

  private mutating func append(_ time: Int64) {
    if times.last.map({ time > $0 }) ?? true { times.append(time) }
  }
}

/// Pictures of a title encoded anew, each by itself: the samples of a trick track, kept in a file
/// without a name until the track is written.
package struct TrickSource: MediaSource {
  package let name: String
  package let tracks: [SourceTrack]
  private let spool: SpooledFile

  /// Box of the pictures: enough to find one's way by.
  package static let boxWidth = 640
  package static let boxHeight = 360
  private static let rateFactor = 26

  /// - Parameter folder: on whose file system the samples are kept.
  /// - Returns: `nil` if no picture could be decoded.
  static func make(
    _ reader: PictureReader, plan: TrickPlan, folder: String, progress: WorkProgress
  ) throws -> (source: TrickSource, lostCount: Int)? {
    let spool = try SpooledFile(folder: folder)
    let timescale = reader.video.index.timescale
    // Pictures go in without their times, which a `moof` says: a rate of one in a second is what the
    // level is chosen by.
    var encoder = try PictureEncoder.open(
      PictureEncoding(
        .h264(rateFactor: rateFactor), width: reader.geometry.width, height: reader.geometry.height)
    )
    var table = SampleTable()
    var offset: Int64 = 0
    var lost = 0
    var last: RGBPicture?
    func drain() throws {
      while let sample = try encoder.receive() {
        let payload = try Self.lengthPrefixed(sample.payload)
        try spool.write(payload, at: offset)
        offset += Int64(payload.readableBytes)
        table.append(
          presentationTime: plan.times[table.count], size: UInt32(payload.readableBytes),
          randomAccess: .closed)
      }
    }
    for (number, time) in plan.times.enumerated() {
      if progress.isCancelled() { throw CancellationError() }
      let found = try reader.picture(at: time)
      if found == nil { lost += 1 }
      last = found ?? last
      let shown =
        last ?? RGBPicture(width: reader.geometry.width, height: reader.geometry.height)
      try encoder.send(shown, presentationTime: Int64(number))
      try drain()
      progress.moved(1)
    }
    try encoder.finish()
    try drain()
    guard last != nil, table.count == plan.times.count else { return nil }
    table.lastDuration = plan.end - (plan.times.last ?? 0)
    var sets = ParameterSets(codec: .h264)
    let bytes = encoder.parameterSets
    let unit = try AccessUnit(
      in: bytes, at: bytes.readerIndex, count: bytes.readableBytes, codec: .h264, framing: .annexB)
    _ = try sets.take(unit, in: bytes)
    var track = SourceTrack(
      number: 0, kind: .video, coding: .h264(try sets.record()), timescale: timescale,
      samples: table)
    // A picture of the whole sphere stays one when it is made smaller.
    if reader.geometry.orientation == .upright {
      track.stereoscopic = reader.video.stereoscopic
      track.spherical = reader.video.spherical
    }
    track.presentationStart = plan.times.first ?? 0
    return (TrickSource(name: reader.video.index.name, tracks: [track], spool: spool), lost)
  }

  /// NAL units of slices behind lengths: parameter sets are in the record, and what the encoder says
  /// of itself is nobody's business.
  private static func lengthPrefixed(_ sample: ByteBuffer) throws -> ByteBuffer {
    var units = try NALUnits(
      in: sample, at: sample.readerIndex, count: sample.readableBytes, framing: .annexB)
    var bytes = ByteBuffer()
    while let unit = try units.next() {
      guard let header = sample.getInteger(at: unit.offset, as: UInt8.self),
        (1...5).contains(header & 31),
        let slice = sample.getSlice(at: unit.offset, length: unit.count)
      else { continue }
      bytes.writeInteger(UInt32(unit.count))
      bytes.writeImmutableBuffer(slice)
    }
    return bytes
  }

  package func makeReader(of wanted: Set<Int>) throws -> any PayloadReader {
    TrickReader(wanted.contains(0) ? tracks[0].samples.sizes : [], spool)
  }
}

private final class TrickReader: PayloadReader {
  private let sizes: [UInt32]
  private let spool: SpooledFile
  private var index = 0
  private var offset: Int64 = 0

  init(_ sizes: [UInt32], _ spool: SpooledFile) {
    self.sizes = sizes
    self.spool = spool
  }

  func next() throws -> PayloadBatch? {
    guard index < sizes.count else { return nil }
    var count = 0
    var byteCount = 0
    while index + count < sizes.count, byteCount < PayloadBatch.targetByteCount {
      byteCount += Int(sizes[index + count])
      count += 1
    }
    var bytes = ByteBuffer()
    try spool.read(at: offset, count: byteCount, into: &bytes)
    defer {
      index += count
      offset += Int64(byteCount)
    }
    return PayloadBatch(
      bytes: bytes, runs: [PayloadRun(track: 0, first: index, count: count, offset: 0)])
  }
}
