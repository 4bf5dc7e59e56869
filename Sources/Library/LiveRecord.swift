import CMAF
import FileIO
import NIOCore

/// One line of a live track's index: what a chunk is, and where its bytes lie in the file beside.
///
/// 80 bytes, big-endian; the last eight are a digest of the others, so that one that was cut off by a crash is known.
struct LiveRecord: Hashable, Sendable {
  var segment: Int64
  var time: Int64
  var duration: Int64
  var producedAt: Int64
  /// Of the chunk in the file.
  var offset: Int64
  var count: Int64
  var part: Int
  var isIndependent: Bool
  var endsSegment: Bool
  var startsDiscontinuity: Bool
  var isGap: Bool
  /// Of the header; at most sixteen bytes.
  var version: String
  /// Discontinuities of the title up to this chunk, its own included.
  var discontinuityCount: Int64

  static let byteCount = 80
  private static let versionByteCount = 16

  init(_ chunk: LiveChunk, offset: Int64, discontinuityCount: Int64) {
    segment = chunk.segment
    time = chunk.time
    duration = chunk.duration
    producedAt = chunk.producedAt
    self.offset = offset
    count = Int64(chunk.bytes.readableBytes)
    part = chunk.part
    isIndependent = chunk.isIndependent
    endsSegment = chunk.endsSegment
    startsDiscontinuity = chunk.startsDiscontinuity
    isGap = chunk.isGap
    version = chunk.header.version
    self.discontinuityCount = discontinuityCount
  }

  /// - Returns: `nil` if fewer bytes are left than a record has, or others than were written.
  init?(_ bytes: inout ByteBuffer) {
    guard var record = bytes.readSlice(length: Self.byteCount),
      record.getInteger(at: record.readerIndex + Self.byteCount - 8, as: UInt64.self)
        == Self.digest(record)
    else { return nil }
    guard let segment = record.readInteger(as: Int64.self),
      let time = record.readInteger(as: Int64.self),
      let duration = record.readInteger(as: Int64.self),
      let producedAt = record.readInteger(as: Int64.self),
      let offset = record.readInteger(as: Int64.self),
      let sizes = record.readInteger(as: UInt32.self),
      let part = record.readInteger(as: UInt16.self),
      let flags = record.readInteger(as: UInt16.self),
      let version = record.readBytes(length: Self.versionByteCount),
      let discontinuityCount = record.readInteger(as: Int64.self)
    else { return nil }
    self.segment = segment
    self.time = time
    self.duration = duration
    self.producedAt = producedAt
    self.offset = offset
    count = Int64(sizes)
    self.part = Int(part)
    isIndependent = flags & 1 != 0
    endsSegment = flags & 2 != 0
    startsDiscontinuity = flags & 4 != 0
    isGap = flags & 8 != 0
    self.version = String(decoding: version.prefix { $0 != 0 }, as: UTF8.self)
    self.discontinuityCount = discontinuityCount
  }

  func write(into bytes: inout ByteBuffer) {
    var record = ByteBuffer()
    for value in [segment, time, duration, producedAt, offset] { record.writeInteger(value) }
    record.writeInteger(UInt32(clamping: count))
    record.writeInteger(UInt16(clamping: part))
    record.writeInteger(
      (isIndependent ? 1 : 0) | (endsSegment ? 2 : 0) | (startsDiscontinuity ? 4 : 0)
        | (isGap ? 8 : 0) as UInt16)
    let name = version.utf8.prefix(Self.versionByteCount)
    record.writeBytes(name)
    record.writeRepeatingByte(0, count: Self.versionByteCount - name.count)
    record.writeInteger(discontinuityCount)
    record.writeInteger(Self.digest(record))
    bytes.writeImmutableBuffer(record)
  }

  private static func digest(_ record: ByteBuffer) -> UInt64 {
    var digest = ContentDigest()
    digest.add(record.getSlice(at: record.readerIndex, length: byteCount - 8) ?? ByteBuffer())
    return digest.take()
  }
}
