import FileIO
import ISOBMFF
import MediaCore
import NIOCore

/// A box whose payload stays in the file and is read in windows: a table of millions of entries
/// costs no memory.
struct FileBox: Sendable {
  var type: FourCC
  /// Of the payload.
  var range: ByteRange
  /// Of the header.
  var offset: Int64
  var path: String
}

/// Walks boxes in a file without reading their payloads.
struct FileBoxes {
  let file: any StoredFile

  /// Boxes on one level, at most.
  static let maximumCount = 1 << 22

  /// Visits the boxes in a range of the file. A box that reaches past the range's end is passed to
  /// `visit` cut to the range when `isLenient`, else it is an error.
  func visit(
    _ range: ByteRange, path: String = "", isLenient: Bool = false,
    _ body: (FileBox) throws -> Bool
  ) throws {
    var at = range.offset
    var count = 0
    var header = ByteBuffer()
    while at + 8 <= range.end {
      let wanted = Int(min(Int64(BoxHeader.maximumByteCount), range.end - at))
      try file.read(at: at, count: wanted, into: &header)
      guard let found = try BoxHeader(parsing: header, where: "\(file.path), byte \(at)") else {
        return
      }
      var size = found.byteCount ?? range.end - at
      if size > range.end - at {
        guard isLenient else {
          throw MP4Error(
            .damaged,
            "\(file.path): box '\(found.type)' at byte \(at) claims \(size) bytes, "
              + "\(range.end - at) are left: the file is cut short or damaged")
        }
        size = range.end - at
      }
      count += 1
      guard count <= Self.maximumCount else {
        throw MP4Error(.limit, "\(file.path) holds more than \(Self.maximumCount) boxes in a row")
      }
      let head = Int64(found.headerByteCount)
      let box = FileBox(
        type: found.type, range: ByteRange(offset: at + head, count: size - head), offset: at,
        path: path.isEmpty ? "\(found.type)" : "\(path)/\(found.type)")
      if try !body(box) { return }
      at += size
    }
  }

  func children(of box: FileBox) throws -> [FileBox] {
    var found: [FileBox] = []
    try visit(box.range, path: box.path) {
      guard found.count < Box.maximumChildCount else {
        throw MP4Error(.limit, "\(file.path): \(box.path) holds too many boxes")
      }
      found.append($0)
      return true
    }
    return found
  }

  /// Payload bytes of a box read whole, at most.
  static let maximumLoadedByteCount: Int64 = 4 << 20

  /// Reads a small box whole.
  func load(_ box: FileBox) throws -> Box {
    guard box.range.count <= Self.maximumLoadedByteCount else {
      throw MP4Error(
        .limit,
        "\(file.path): \(box.path) at byte \(box.offset) has \(box.range.count) bytes; "
          + "at most \(Self.maximumLoadedByteCount) are read")
    }
    return Box(
      type: box.type, path: box.path, offset: box.offset,
      headerByteCount: Int(box.range.offset - box.offset),
      payload: try file.read(at: box.range.offset, count: Int(box.range.count)))
  }
}

/// Reads the entries of a table box in order, a window of the file at a time.
struct TableCursor {
  private let file: any StoredFile
  private let box: FileBox
  private var next: Int64
  private var window = ByteBuffer()

  static let windowByteCount: Int64 = 64 << 10

  /// Entries in the table.
  private(set) var entryCount: Int

  /// - Parameters:
  ///   - entryBitCount: 0 if the count has no table behind it.
  ///   - header: words before the entry count (after version and flags).
  init(_ box: FileBox, in file: any StoredFile, entryBitCount: Int, skipping header: Int = 0) throws
  {
    self.file = file
    self.box = box
    next = box.range.offset + 4 + Int64(4 * header)
    entryCount = 0
    let room = (box.range.end - next - 4) * 8 / Int64(max(entryBitCount, 1))
    let count = Int(try word())
    guard entryBitCount == 0 || Int64(count) <= room else {
      throw MP4Error(
        .damaged,
        "\(file.path): \(box.path) at byte \(box.offset) claims \(count) entries, "
          + "but has room for \(room)")
    }
    guard count <= SampleTable.maximumCount else {
      throw MP4Error(
        .limit,
        "\(file.path): \(box.path) at byte \(box.offset) claims \(count) entries; "
          + "at most \(SampleTable.maximumCount) are read")
    }
    entryCount = count
  }

  mutating func word() throws -> UInt32 {
    if let value = window.readInteger(as: UInt32.self) { return value }
    try refill(4)
    guard let value = window.readInteger(as: UInt32.self) else { throw short() }
    return value
  }

  mutating func longWord() throws -> UInt64 {
    UInt64(try word()) << 32 | UInt64(try word())
  }

  private mutating func refill(_ needed: Int) throws {
    // Entries are whole words, and so is the window; only those of `stz2` may end inside of one.
    let count = min(Self.windowByteCount, box.range.end - next)
    guard count > 0 else { throw short() }
    try file.read(at: next, count: Int(count), into: &window)
    next += count
    while window.readableBytes % needed != 0 { window.writeInteger(UInt8(0)) }
  }

  private func short() -> MP4Error {
    MP4Error(.damaged, "\(file.path): \(box.path) at byte \(box.offset) ends in an entry")
  }
}
