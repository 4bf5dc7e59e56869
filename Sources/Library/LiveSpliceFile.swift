import Codecs
import FileIO
import MediaCore
import NIOCore

/// The splice messages of a live title at rest, beside its media: `splices.log`, one record behind the other.
///
/// A record is its length in four bytes, the arrival and the offset of times in 90 kHz, for each track of the title the
/// segment at which it stands, the section, and a digest of all that, so that one that was cut off by a crash is known.
struct LiveSpliceFile {
  private(set) var splices: [LiveSplice] = []
  private let path: String
  /// In the order of the title.
  private let tracks: [String]
  /// `nil`: the file is to be written anew.
  private var file: WritableFile?
  private var byteCount: Int64 = 0

  /// Messages that are kept, at most; of more the oldest go, as many at a time.
  private static let maximumCount = 8192
  private static let surplusCount = 4096
  /// Bytes of the file, at most: of that many messages of the largest size.
  private static let maximumByteCount: Int64 = 64 << 20
  private static let fileName = "splices.log"
  private static let clock = Timescale(literal: 90_000)

  /// - Parameter reads: takes up what lies there.
  init(folder: String, tracks: [String], reads: Bool) throws {
    path = "\(folder)/\(Self.fileName)"
    self.tracks = tracks
    guard reads, Folder.entry(at: path) == .file else { return }
    let file = try ReadableFile(path: path)
    guard file.byteCount <= Self.maximumByteCount else { return }
    var bytes = ByteBuffer()
    try file.read(at: 0, count: Int(file.byteCount), into: &bytes)
    while let splice = read(&bytes) { splices.append(splice) }
  }

  mutating func append(_ splice: LiveSplice) throws {
    splices.append(splice)
    if splices.count > Self.maximumCount {
      splices.removeFirst(Self.surplusCount)
      file = nil
    }
    guard let file else { return try rewrite() }
    let record = record(splice)
    try file.write(record, at: byteCount)
    byteCount += Int64(record.readableBytes)
  }

  private mutating func rewrite() throws {
    try Folder.remove("\(path).new")
    let new = try WritableFile(creating: "\(path).new")
    var bytes = ByteBuffer()
    for splice in splices { bytes.writeImmutableBuffer(record(splice)) }
    try new.write(bytes, at: 0)
    try Folder.rename("\(path).new", to: path)
    byteCount = Int64(bytes.readableBytes)
    file = new
  }

  private func record(_ splice: LiveSplice) -> ByteBuffer {
    var body = ByteBuffer()
    body.writeInteger(splice.splice.time.rescaled(to: Self.clock).value)
    body.writeInteger(splice.splice.timeOffset)
    for track in tracks { body.writeInteger(splice.segments[track] ?? 0) }
    body.writeImmutableBuffer(splice.splice.section)
    var record = ByteBuffer(integer: UInt32(body.readableBytes))
    record.writeImmutableBuffer(body)
    record.writeInteger(Self.digest(body))
    return record
  }

  /// - Returns: `nil` for one that is not whole.
  private func read(_ bytes: inout ByteBuffer) -> LiveSplice? {
    guard let count = bytes.readInteger(as: UInt32.self),
      var body = bytes.readSlice(length: Int(count)),
      bytes.readInteger(as: UInt64.self) == Self.digest(body),
      let time = body.readInteger(as: Int64.self), let offset = body.readInteger(as: Int64.self)
    else { return nil }
    var segments: [String: Int64] = [:]
    for track in tracks { segments[track] = body.readInteger(as: Int64.self) }
    guard segments.count == tracks.count,
      body.readableBytes <= SpliceInfoSection.maximumByteCount
    else { return nil }
    return LiveSplice(
      splice: Splice(
        time: MediaTime(time, Self.clock), section: ByteBuffer(bytes: body.readableBytesView),
        timeOffset: offset),
      segments: segments)
  }

  private static func digest(_ bytes: ByteBuffer) -> UInt64 {
    var digest = ContentDigest()
    digest.add(bytes)
    return digest.take()
  }
}
