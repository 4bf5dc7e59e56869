import FileIO
package import MediaCore
package import NIOCore

/// A part at rest: the samples of one rung over one chunk, in decode order.
///
/// | bytes | what |
/// |---|---|
/// | 8 | `DGPART01` |
/// | payloads | one sample behind the other |
/// | 4, record | the coding's record with its length |
/// | 13 each | a sample: presentation time (8), bytes (4), 1 for key frames |
/// | 4, 8, 8 | count of samples, bytes of payloads, digest (XXH3) of all before it |
///
/// Numbers are big-endian; times are ticks of the plan's grid from the first picture of the title. A part is
/// written beside its name, and takes it when it is whole: what has the name is whole.
package struct PartFile: Sendable {
  package let coding: SampleCoding
  package let samples: SampleTable
  package let path: String
  /// Where the payloads start.
  package static let payloadOffset: Int64 = 8

  static let magic = "DGPART01"
  static let footerByteCount: Int64 = 20
  /// Bytes of a decoder configuration record, at most.
  static let recordLimit = 1 << 16
  /// Samples of one part, at most: an hour at 240 a second.
  static let sampleLimit = 1 << 20

  /// Reads all of a part but its payloads, and holds it against its digest.
  /// - Throws: `.damaged` if it is cut short or changed.
  package init(path: String, codec: String) throws {
    let file = try ReadableFile(path: path)
    let damaged = EncodingError(
      .damaged, "\(path) is no whole part of a ladder; remove it, so that it is made anew")
    guard file.byteCount > Self.payloadOffset + Self.footerByteCount,
      try file.read(at: 0, count: 8) == ByteBuffer(string: Self.magic)
    else { throw damaged }
    var footer = try file.read(
      at: file.byteCount - Self.footerByteCount, count: Int(Self.footerByteCount))
    guard let count = footer.readInteger(as: UInt32.self),
      let payload = footer.readInteger(as: Int64.self),
      let digest = footer.readInteger(as: UInt64.self), (1...Self.sampleLimit).contains(Int(count)),
      payload >= 0, payload < file.byteCount
    else { throw damaged }
    let tableOffset = Self.payloadOffset + payload
    let tableByteCount = file.byteCount - Self.footerByteCount - tableOffset
    guard tableByteCount > 4, tableByteCount <= Int64(count) * 13 + Int64(Self.recordLimit) + 4,
      try Self.digest(of: file, count: file.byteCount - 8) == digest
    else { throw damaged }
    var table = try file.read(at: tableOffset, count: Int(tableByteCount))
    guard let length = table.readInteger(as: UInt32.self),
      let record = table.readSlice(length: Int(length)),
      let coding = Self.coding(codec, record), table.readableBytes == Int(count) * 13
    else { throw damaged }
    var samples = SampleTable()
    samples.reserve(Int(count))
    var sum: Int64 = 0
    while let time = table.readInteger(as: Int64.self),
      let size = table.readInteger(as: UInt32.self),
      let key = table.readInteger(as: UInt8.self)
    {
      samples.append(
        presentationTime: time, size: size, randomAccess: key == 1 ? .closed : .none)
      sum += Int64(size)
    }
    guard sum == payload else { throw damaged }
    self.coding = coding
    self.samples = samples
    self.path = path
  }

  private static func coding(_ codec: String, _ record: ByteBuffer) -> SampleCoding? {
    switch codec {
    case "h264": .h264(record)
    case "hevc": .hevc(record)
    case "av1": .av1(record)
    default: nil
    }
  }

  private static func digest(of file: ReadableFile, count: Int64) throws -> UInt64 {
    var digest = ContentDigest()
    var at: Int64 = 0
    while at < count {
      let step = Int(min(count - at, 1 << 20))
      digest.add(try file.read(at: at, count: step))
      at += Int64(step)
    }
    return digest.take()
  }
}

/// Writes a part as its samples come.
package final class PartWriter {
  private let path: String
  private let temporary: String
  private let file: WritableFile
  private var digest = ContentDigest()
  private var pending = ByteBuffer()
  private var offset: Int64 = 0
  private var payload: Int64 = 0
  private var table = ByteBuffer()
  private var count = 0
  private var isFinished = false
  private static let bufferByteCount = 1 << 20

  /// Writes beside the name that the part will have.
  package init(path: String) throws {
    self.path = path
    let slash = path.lastIndex(of: "/").map { path.index(after: $0) } ?? path.startIndex
    temporary = path[..<slash] + ".\(path[slash...]).\(Folder.processIdentifier).partial"
    try Folder.remove(temporary)
    file = try WritableFile(creating: temporary)
    pending.writeString(PartFile.magic)
  }

  deinit { if !isFinished { try? Folder.remove(temporary) } }

  /// - Parameter time: ticks of the plan's grid from the first picture of the title.
  package func append(_ bytes: ByteBuffer, time: Int64, isKey: Bool) throws {
    guard count < PartFile.sampleLimit, bytes.readableBytes <= SampleTable.maximumSampleByteCount
    else {
      throw EncodingError(
        .limit,
        "\(path): more than \(PartFile.sampleLimit) samples, or one of more than "
          + "\(SampleTable.maximumSampleByteCount) bytes; make chunks shorter")
    }
    pending.writeImmutableBuffer(bytes)
    payload += Int64(bytes.readableBytes)
    table.writeInteger(time)
    table.writeInteger(UInt32(bytes.readableBytes))
    table.writeInteger(UInt8(isKey ? 1 : 0))
    count += 1
    if pending.readableBytes >= Self.bufferByteCount { try flush() }
  }

  /// Bytes of payload so far.
  package var payloadByteCount: Int64 { payload }

  private func flush() throws {
    digest.add(pending)
    try file.write(pending, at: offset)
    offset += Int64(pending.readableBytes)
    pending.clear()
  }

  /// Gives the part its name, durably.
  package func finish(record: ByteBuffer) throws {
    pending.writeInteger(UInt32(record.readableBytes))
    pending.writeImmutableBuffer(record)
    pending.writeBuffer(&table)
    pending.writeInteger(UInt32(count))
    pending.writeInteger(payload)
    try flush()
    pending.writeInteger(digest.take())
    try file.write(pending, at: offset)
    try file.synchronize()
    try Folder.rename(temporary, to: path)
    isFinished = true
  }
}
