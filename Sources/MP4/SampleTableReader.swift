import FileIO
import ISOBMFF
import MediaCore
import NIOCore

/// Reads the sample tables of a track's `stbl` (ISO/IEC 14496-12 §8.6 and §8.7) side by side.
struct SampleTableReader {
  let file: any StoredFile
  let boxes: FileBoxes
  let path: String
  /// Samples, at most.
  let sampleLimit: Int
  private let children: [FourCC: FileBox]

  init(_ stbl: FileBox, in file: any StoredFile, sampleLimit: Int) throws {
    self.file = file
    self.sampleLimit = sampleLimit
    boxes = FileBoxes(file: file)
    path = stbl.path
    children = Dictionary(try boxes.children(of: stbl).map { ($0.type, $0) }) { first, _ in first }
  }

  private func required(_ type: FourCC) throws -> FileBox {
    guard let box = children[type] else {
      throw MP4Error(.damaged, "\(file.path): \(path) has no '\(type)' box")
    }
    return box
  }

  /// The entries of `stsd`.
  func sampleEntries() throws -> [Box] {
    try boxes.load(try required("stsd")).children(after: 8)
  }

  /// Appends the samples that `moov` itself describes.
  /// - Parameters:
  ///   - shift: added to each composition time.
  ///   - isReordered: composition offsets count; sound is never reordered, and writers that give it
  ///     offsets err.
  ///   - keepsDurations: where a sample's length is more than the distance to the next.
  /// - Returns: the decode time after the last sample.
  func read(
    into table: inout SampleTable, chunks: inout ChunkTable, shift: Int64, isReordered: Bool = true,
    keepsDurations: Bool = false
  ) throws -> Int64 {
    var sizes = try SizeCursor(children, file)
    guard sizes.count > 0 else { return 0 }
    guard sizes.count <= sampleLimit else { throw Self.tooMany(sampleLimit, in: file) }
    table.reserve(sizes.count)
    var times = try TimeCursor(children, file, isReordered: isReordered)
    var sync = try SyncCursor(children["stss"], file)
    var layout = try ChunkCursor(children, file)
    for index in 0..<sizes.count {
      let size = try sizes.next()
      let (time, duration) = try times.next()
      table.append(
        presentationTime: time &+ shift, size: size,
        randomAccess: try sync.contains(index) ? .closed : .none)
      if duration > 0 { table.lastDuration = duration }
      if keepsDurations { table.durations.append(duration) }
      let offset = try layout.next(size)
      guard offset >= 0, offset + Int64(size) <= file.byteCount else {
        throw MP4Error(
          .damaged,
          "\(file.path): sample \(index) of \(path) lies at bytes \(offset) to "
            + "\(offset + Int64(size)), the file ends at \(file.byteCount): it is cut short or damaged"
        )
      }
      chunks.append(offset: offset, firstSample: index, byteCount: Int64(size))
    }
    return times.decodeTime
  }

  static func tooMany(_ limit: Int, in file: any StoredFile) -> MP4Error {
    MP4Error(.limit, "\(file.path) has more than \(limit) samples")
  }
}

/// Sizes: `stsz` or `stz2` (§8.7.3).
private struct SizeCursor {
  private var cursor: TableCursor
  private let uniform: UInt32
  /// Of one size: 4, 8 and 16 in `stz2`.
  private var fieldBits = 32
  private var word: UInt32 = 0
  private var bitsLeft = 0
  var count: Int { cursor.entryCount }

  init(_ boxes: [FourCC: FileBox], _ file: any StoredFile) throws {
    if let box = boxes["stz2"] {
      guard boxes["stsz"] == nil else {
        throw MP4Error(.damaged, "\(file.path): \(box.path) stands beside a second size table")
      }
      uniform = 0
      fieldBits = Int(try ByteBufferWord.read(file, at: box.range.offset + 4, in: box) & 0xff)
      guard [4, 8, 16].contains(fieldBits) else {
        throw MP4Error(
          .damaged,
          "\(file.path): \(box.path) has sizes of \(fieldBits) bits; 4, 8 or 16 are allowed")
      }
      cursor = try TableCursor(box, in: file, entryBitCount: fieldBits, skipping: 1)
      return
    }
    guard let box = boxes["stsz"] else {
      throw MP4Error(.damaged, "\(file.path): a track has no sample sizes ('stsz')")
    }
    uniform = try ByteBufferWord.read(file, at: box.range.offset + 4, in: box)
    cursor = try TableCursor(box, in: file, entryBitCount: uniform == 0 ? 32 : 0, skipping: 1)
  }

  mutating func next() throws -> UInt32 {
    let size = uniform == 0 ? try field() : uniform
    guard size <= SampleTable.maximumSampleByteCount else {
      throw MP4Error(
        .limit,
        "a sample has \(size) bytes; at most \(SampleTable.maximumSampleByteCount) are "
          + "packaged")
    }
    return size
  }

  private mutating func field() throws -> UInt32 {
    guard fieldBits < 32 else { return try cursor.word() }
    if bitsLeft == 0 {
      word = try cursor.word()
      bitsLeft = 32
    }
    bitsLeft -= fieldBits
    return word >> UInt32(bitsLeft) & (1 << UInt32(fieldBits) - 1)
  }
}

private enum ByteBufferWord {
  static func read(_ file: any StoredFile, at offset: Int64, in box: FileBox) throws -> UInt32 {
    var bytes = try file.read(at: offset, count: 4)
    guard offset + 4 <= box.range.end, let word = bytes.readInteger(as: UInt32.self) else {
      throw MP4Error(.damaged, "\(file.path): \(box.path) at byte \(box.offset) is cut short")
    }
    return word
  }
}

/// Decode times (`stts`, §8.6.1.2) and composition offsets (`ctts`, §8.6.1.3).
private struct TimeCursor {
  private var deltas: TableCursor
  private var deltaRuns: Int
  private var delta: UInt32 = 0
  private var deltaLeft: UInt32 = 0
  private var offsets: TableCursor?
  private var offsetRuns = 0
  private var offset: Int32 = 0
  private var offsetLeft: UInt32 = 0
  private(set) var decodeTime: Int64 = 0

  init(_ boxes: [FourCC: FileBox], _ file: any StoredFile, isReordered: Bool) throws {
    guard let box = boxes["stts"] else {
      throw MP4Error(.damaged, "\(file.path): a track has no decode times ('stts')")
    }
    deltas = try TableCursor(box, in: file, entryBitCount: 64)
    deltaRuns = deltas.entryCount
    if isReordered, let box = boxes["ctts"] {
      let cursor = try TableCursor(box, in: file, entryBitCount: 64)
      offsetRuns = cursor.entryCount
      offsets = cursor
    }
  }

  /// Composition time and decode duration of the next sample.
  mutating func next() throws -> (Int64, Int64) {
    while deltaLeft == 0, deltaRuns > 0 {
      deltaLeft = try deltas.word()
      delta = try deltas.word()
      deltaRuns -= 1
    }
    // Samples beyond the table's end keep its last delta.
    if deltaLeft > 0 { deltaLeft -= 1 }
    while offsetLeft == 0, offsetRuns > 0, offsets != nil {
      offsetLeft = try offsets?.word() ?? 0
      offset = Int32(bitPattern: try offsets?.word() ?? 0)
      offsetRuns -= 1
    }
    if offsetLeft > 0 { offsetLeft -= 1 } else { offset = 0 }
    // Some writers store a duration of "minus a little" as an unsigned number.
    let duration = delta > UInt32(Int32.max) ? 0 : Int64(delta)
    let composition = decodeTime + Int64(offset)
    decodeTime += duration
    return (composition, duration)
  }
}

/// Sync samples: `stss` (§8.6.2); without it every sample is one.
private struct SyncCursor {
  private var cursor: TableCursor?
  private var left = 0
  private var nextNumber: UInt32 = 0

  init(_ box: FileBox?, _ file: any StoredFile) throws {
    guard let box else { return }
    cursor = try TableCursor(box, in: file, entryBitCount: 32)
    left = cursor?.entryCount ?? 0
    try advance()
  }

  private mutating func advance() throws {
    guard left > 0, cursor != nil else {
      nextNumber = 0
      return
    }
    nextNumber = try cursor?.word() ?? 0
    left -= 1
  }

  mutating func contains(_ index: Int) throws -> Bool {
    guard cursor != nil else { return true }
    while nextNumber != 0, Int(nextNumber) < index + 1 { try advance() }
    return nextNumber != 0 && Int(nextNumber) == index + 1
  }
}

/// File offsets: `stsc` with `stco` or `co64` (§8.7.4 and §8.7.5).
private struct ChunkCursor {
  private var offsets: TableCursor
  private let isWide: Bool
  private var chunksLeft: Int
  private var runs: TableCursor
  private var runsLeft: Int
  private var chunk: UInt32 = 0
  private var samplesPerChunk: UInt32 = 0
  private var nextRun: (firstChunk: UInt32, samples: UInt32)?
  private var samplesLeft: UInt32 = 0
  private var at: Int64 = 0
  private let path: String

  init(_ boxes: [FourCC: FileBox], _ file: any StoredFile) throws {
    guard let stsc = boxes["stsc"], let table = boxes["co64"] ?? boxes["stco"] else {
      throw MP4Error(.damaged, "\(file.path): a track has no chunk tables ('stsc', 'stco')")
    }
    path = file.path
    isWide = table.type == "co64"
    offsets = try TableCursor(table, in: file, entryBitCount: isWide ? 64 : 32)
    chunksLeft = offsets.entryCount
    runs = try TableCursor(stsc, in: file, entryBitCount: 96)
    runsLeft = runs.entryCount
    try readRun()
  }

  private mutating func readRun() throws {
    guard runsLeft > 0 else {
      nextRun = nil
      return
    }
    let first = try runs.word()
    let samples = try runs.word()
    let description = try runs.word()
    runsLeft -= 1
    guard description <= 1 else {
      throw MP4Error(.notDirect, "\(path): samples of more than one description")
    }
    nextRun = (first, samples)
  }

  mutating func next(_ size: UInt32) throws -> Int64 {
    while samplesLeft == 0 {
      guard chunksLeft > 0 else {
        throw MP4Error(.damaged, "\(path): a track has more samples than its chunks hold")
      }
      chunk += 1
      chunksLeft -= 1
      let offset = isWide ? try offsets.longWord() : UInt64(try offsets.word())
      guard offset <= UInt64(Int64.max) / 2 else {
        throw MP4Error(.damaged, "\(path): chunk \(chunk) of a track lies at byte \(offset)")
      }
      at = Int64(offset)
      if let run = nextRun, run.firstChunk <= chunk {
        samplesPerChunk = run.samples
        try readRun()
      }
      samplesLeft = samplesPerChunk
    }
    samplesLeft -= 1
    defer { at += Int64(size) }
    return at
  }
}
